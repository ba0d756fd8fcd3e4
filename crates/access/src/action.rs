use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What a bearer token may be used for. A session may be used for everything.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Scope {
    /// Reading what the person may see.
    Read,
    /// The person's own account, sessions, tokens and roles.
    Account,
    /// Agenda, organisations and calls.
    Call,
    /// Proposals and their eligibility.
    Intake,
    /// Experts, conflicts, reviews, ranking.
    Review,
    /// Commitments, selection, letters.
    Commitment,
}

/// Everything that can be done, one name per deed; the audit trail uses the same names.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    // Accounts
    /// Ask for an account.
    SignUp,
    /// Have a link sent to an address: to log in, or to set a new password.
    RequestLink,
    /// Log in, by password or by link, and with the second factor where there is one.
    LogIn,
    /// See who one is, and what waits for one as an expert.
    ReadDesk,
    /// See the own account, sessions, tokens, roles and tasks.
    ReadOwnAccount,
    /// End the session that one uses.
    LogOut,
    /// Change the own name, sessions and tokens.
    ManageOwnAccount,
    /// Change the own e-mail address, password or second factor.
    ManageCredentials,
    // The installation
    /// Appoint administrators, agenda editors and the call office.
    GrantInstallationRole,
    /// See agendas of action items and the register of organisations.
    ReadAgenda,
    /// Keep the register of organisations and who acts for whom.
    ManageOrganisations,
    /// Load an agenda of action items and its organisations.
    LoadAgenda,
    /// See which members are interested in which action items.
    ReadInterests,
    /// State or withdraw a member's interest in an action item.
    StateInterest,
    /// See what the calls do for an agenda.
    ReadCoverage,
    /// See what one member did for an agenda in a year.
    ReadMemberReport,
    /// Ask to join a call as a funder.
    AskToJoin,
    /// See who asked to join a call.
    ReadJoinRequests,
    /// Decline that an organisation joins a call.
    DeclineJoinRequest,
    // Roles in a call
    /// See who wears which role in a call.
    ReadRoles,
    /// Invite somebody by mail to a role in a call.
    InviteToRole,
    /// End somebody's role in a call.
    EndRole,
    /// Accept a role one was invited to.
    AcceptRole,
    /// Hand the own role over to a successor.
    HandOverRole,
    // The call
    /// Draft a new call.
    DraftCall,
    /// See the call.
    ReadCall,
    /// See the funders' commitments.
    ReadCommitments,
    /// Change a draft call.
    EditCall,
    /// Turn a call idea into a draft, on the members' memorandum of understanding.
    PrepareCall,
    /// Map the call to action items.
    MapCall,
    /// Add a funder to the call or end its part.
    ManageFunders,
    /// Set the terms on which a funder takes part.
    SetTerms,
    /// Pledge or change a funder's commitment.
    PledgeCommitment,
    /// Let a funder change its commitment once although the budget is frozen.
    UnfreezeCommitment,
    /// File a signed document of a funder's commitment.
    FileSignedDocument,
    /// Read what one's own funder notes on its commitment.
    ReadCommitmentNote,
    /// Write one's own funder's note on its commitment.
    WriteCommitmentNote,
    /// Approve the draft for the steering committee.
    ApproveCall,
    /// Pre-announce the approved call.
    PreAnnounceCall,
    /// Publish and open the call.
    OpenCall,
    /// Amend a published call.
    AmendCall,
    /// Add a document to the call, or replace one.
    PutDocument,
    /// Take a document out of the call.
    RemoveDocument,
    /// See what stands in the way of publishing the call.
    CheckCall,
    /// Ask a question about a published call.
    AskQuestion,
    /// Publish a question with its answer.
    AnswerQuestion,
    /// Cancel the call.
    CancelCall,
    /// Move a deadline to a later time.
    ExtendStage,
    /// Move the deadline of a rehearsal to an earlier time.
    ShortenStage,
    /// Open a stage for submission.
    OpenStage,
    /// Close a stage at its deadline.
    CloseStage,
    /// See the audit trail's heads and export the call.
    ReadAudit,
    // Proposals
    /// Start a proposal.
    DraftProposal,
    /// Read a proposal.
    ReadProposal,
    /// See how many proposals there are.
    CountProposals,
    /// See which proposals of a stage may be one, and who is in several.
    ReadDuplicates,
    /// Take the proposals of a stage out as a file.
    ExportProposals,
    /// Bring in the proposals of a call that was begun elsewhere.
    ImportProposals,
    /// Change a draft.
    EditProposal,
    /// Upload a file to a proposal.
    UploadFile,
    /// Submit a proposal.
    SubmitProposal,
    /// Withdraw a proposal.
    WithdrawProposal,
    /// Undo the withdrawal of a proposal.
    ReinstateProposal,
    /// See who writes which part of a proposal.
    ListPartners,
    /// Invite a partner to write its own part.
    InvitePartner,
    /// Accept an invitation to write a part.
    ClaimPart,
    /// Change one partner's part of a draft.
    EditPart,
    /// Confirm the own part.
    ConfirmPart,
    /// End a partner's membership, or leave.
    EndMembership,
    /// Give one proposal an individual exception to the deadline.
    GiveException,
    /// See the individual exceptions of a call.
    ReadExceptions,
    /// Close one proposal at the end of its exception.
    CloseException,
    /// See eligibility verdicts.
    ReadEligibility,
    /// Record the secretariat's formal check.
    CheckFormally,
    /// Record a funder's verdict on its own applicant.
    JudgeEligibility,
    /// Record whether a partner that brings its own means has shown them.
    CheckOwnMeans,
    /// Record that a partner is dropped, replaced, or pays its own way.
    ChangeConsortium,
    /// See whom applicants ask to keep from reviewing their proposal.
    ReadNamedPersons,
    /// Ask that some persons do not review the own proposal.
    NamePersons,
    /// Ask for an exception to a rule of the call.
    AskWaiver,
    /// See the requests for exceptions of a proposal.
    ReadWaivers,
    /// See the requests for exceptions of a call.
    ReadCallWaivers,
    /// Comment a request for an exception.
    CommentWaiver,
    /// State what one's own organisation holds of a request for an exception.
    TakeStand,
    /// Record whether a request for an exception is granted.
    DecideWaiver,
    /// See the conditions of a proposal's invitation, and which are met.
    ReadConditions,
    /// Note that a condition of an invitation is met.
    SettleCondition,
    /// See what the rules find in the submitted version, beside the formal check.
    ReadFormalFindings,
    /// See the questions to applicants, and their answers.
    ReadQueries,
    /// Ask the applicant about a partner that asks one's own funder for money.
    AskPartner,
    /// Ask the applicant about a partner that brings its own means.
    AskOwnFunded,
    /// Answer a question about the own proposal.
    AnswerQuery,
    /// Close a question without its answer.
    CloseQuery,
    /// Read what one's own funder notes on an applicant.
    ReadNote,
    /// Write one's own funder's note on an applicant.
    WriteNote,
    /// Record which of the documents that one's own funder demands were received.
    ReceiveDocuments,
    // Review
    /// Nominate an expert.
    NominateExpert,
    /// Bring in a list of publications, for finding conflicts of interest.
    ImportPublications,
    /// See the experts of a call.
    ReadExperts,
    /// See the record of an expert: how the expert is reached, where the expert works, and on what.
    ReadExpertRecord,
    /// Correct the record of an expert.
    CorrectExpert,
    /// Correct what the own record says of the own expertise, and of other and former places of work.
    CorrectOwnExpertise,
    /// Approve nominated experts for the panel.
    ApprovePanel,
    /// Invite an approved expert.
    InviteExpert,
    /// Accept or decline an expert's invitation.
    AnswerInvitation,
    /// See the titles, institutions and people one has to declare conflicts on.
    ReadDeclaration,
    /// Declare the own conflicts of interest.
    DeclareConflicts,
    /// See conflicts of interest.
    ReadConflicts,
    /// See conflicts of people with a role in a call.
    ReadOwnConflicts,
    /// Declare a conflict of interest of one's own, as somebody with a role in a call.
    DeclareOwnConflict,
    /// Record a conflict of interest of an expert, or of somebody with a role in the call.
    NoteConflict,
    /// Decide whether a possible conflict stands, or one of somebody with a role in the call.
    JudgeConflict,
    /// Withdraw a conflict of interest that the secretariat itself noted by mistake.
    WithdrawConflict,
    /// See who reviews what.
    ReadAssignments,
    /// See how well experts fit proposals, and why.
    ReadAffinity,
    /// Bring in affinities of experts and proposals, or take them back.
    ImportAffinity,
    /// See what a change of who reviews what would cost.
    PriceAssignment,
    /// Assign reviewers to proposals.
    AssignReviewers,
    /// Replace a reviewer.
    ReplaceReviewer,
    /// Call up a substitute to the place of an expert who drops out.
    CallUpSubstitute,
    /// Set how many proposals an expert takes at most.
    SetExpertLoad,
    /// See how far the reviews of a stage are.
    ReadProgress,
    /// Set until when reviews are due.
    SetReviewDue,
    /// Read a review.
    ReadReview,
    /// Take the own review out as a form to be filled in elsewhere.
    ReadReviewForm,
    /// See the figures of an evaluation: who evaluates, how scores lie, how far they agree.
    ReadStatistics,
    /// Write the own review.
    WriteReview,
    /// Submit the own review.
    SubmitReview,
    /// Return a review to its author.
    ReturnReview,
    /// Release a review.
    ReleaseReview,
    /// Read the released reviews of a proposal and the applicants' reply.
    ReadRebuttal,
    /// Write the reply to the released reviews.
    WriteRebuttal,
    /// Submit the reply to the released reviews.
    SubmitRebuttal,
    /// Give the applicants time to reply again.
    ReopenRebuttal,
    /// See when and where the panel of a stage meets.
    ReadPanel,
    /// Convene the panel of a stage, or move its meeting.
    ConvenePanel,
    /// Read the consensus on a proposal.
    ReadConsensus,
    /// Record the panel's consensus on a proposal.
    RecordConsensus,
    /// See where reviews lie apart, and who scores high or low.
    ReadDisagreement,
    /// See the rapporteurs of proposals.
    ReadRapporteurs,
    /// Name the rapporteurs of a proposal.
    NameRapporteurs,
    /// Read what the panel says on a proposal.
    ReadDiscussion,
    /// Say something on a proposal among the panel.
    PostMessage,
    /// Read the evaluation summary report of a proposal.
    ReadSummary,
    /// Write the evaluation summary report of a proposal.
    WriteSummary,
    /// Approve the evaluation summary report of a proposal.
    ApproveSummary,
    /// Read the observer's report on the evaluation.
    ReadConformity,
    /// Draft the observer's report on the evaluation.
    WriteConformity,
    /// File the observer's report on the evaluation.
    FileConformity,
    /// See what was found on the ethics of proposals.
    ReadEthics,
    /// Begin the ethics assessment of a proposal, or record what was found.
    RecordEthics,
    /// See the ranking list.
    ReadRanking,
    /// Adopt the ranking list.
    AdoptRanking,
    /// Correct what was recorded wrong and adopt the ranking list again.
    ReviseRanking,
    // Money and decision
    /// Record which proposals are invited to the full stage.
    DecideInvitations,
    /// See requested against committed money.
    ReadBalance,
    /// See a selection.
    ReadSelection,
    /// Propose a selection.
    ProposeSelection,
    /// Propose a selection that takes the place of another and keeps what was decided.
    AmendSelection,
    /// Record the steering committee's decision.
    AdoptSelection,
    /// Confirm the decision as the committee's chair.
    ConfirmSelection,
    /// Accept or refuse a funder's lines of the selection.
    AnswerLine,
    /// Record that a funder does not pay what it accepted.
    RecordDefault,
    /// See scenarios: the shared ones, and those of one's own funder or office.
    ReadScenario,
    /// Make a scenario, for one's own funder or as the secretariat.
    MakeScenario,
    /// Take back a scenario that one made.
    DropScenario,
    /// Say which action items a funded project serves.
    ClassifyProject,
    /// Preview the letters.
    PreviewLetters,
    /// Release all letters together.
    ReleaseLetters,
    /// Read the letter on a proposal.
    ReadLetter,
    // After the letters
    /// Ask for redress for the own proposal.
    FileRedress,
    /// See the requests for redress of a proposal.
    ReadRedress,
    /// See the requests for redress of a call.
    ReadCallRedress,
    /// Check whether a request for redress is admissible.
    CheckRedress,
    /// File the independent observer's finding on a request for redress.
    ExamineRedress,
    /// Decide on a request for redress for the steering committee.
    DecideRedress,
    /// Judge a proposal again for the panel, after redress was upheld.
    ReevaluateProposal,
    /// Preview and release the letter that settles a request for redress.
    SettleRedress,
    /// Take out the Commission's package on a call.
    ReadPackage,
}

impl Action {
    /// The scope a bearer token needs for it.
    pub fn scope(self) -> Scope {
        use Action::*;
        match self {
            ReadDesk | LogOut | ReadOwnAccount | ReadAgenda | ReadInterests | ReadCoverage
            | ReadMemberReport | ReadJoinRequests | ReadRoles | ReadCall | CheckCall
            | ReadCommitments | ReadCommitmentNote | ReadAudit | ReadProposal | ListPartners
            | ReadExceptions | CountProposals | ReadDuplicates | ExportProposals
            | ReadEligibility | ReadFormalFindings | ReadConditions | ReadNamedPersons
            | ReadWaivers | ReadCallWaivers | ReadQueries | ReadNote | ReadExperts
            | ReadExpertRecord | ReadDeclaration | ReadConflicts | ReadOwnConflicts
            | ReadAssignments | ReadReview | ReadEthics | ReadRebuttal | ReadPanel
            | ReadConsensus | ReadRanking | ReadBalance | ReadSelection | ReadScenario
            | PreviewLetters | ReadLetter | ReadDisagreement | ReadRapporteurs | ReadDiscussion
            | ReadSummary | ReadConformity | ReadAffinity | PriceAssignment | ReadRedress
            | ReadCallRedress | ReadPackage | ReadProgress | ReadReviewForm | ReadStatistics => {
                Scope::Read
            }
            SignUp
            | RequestLink
            | LogIn
            | ManageOwnAccount
            | ManageCredentials
            | GrantInstallationRole
            | InviteToRole
            | EndRole
            | AcceptRole
            | ClaimPart
            | HandOverRole => Scope::Account,
            ManageOrganisations | LoadAgenda | StateInterest | AskToJoin | DeclineJoinRequest
            | DraftCall | PrepareCall | EditCall | MapCall | ManageFunders | SetTerms
            | ApproveCall | PreAnnounceCall | OpenCall | AmendCall | PutDocument
            | RemoveDocument | CancelCall | AskQuestion | AnswerQuestion | ExtendStage
            | ShortenStage | OpenStage | CloseStage => Scope::Call,
            DraftProposal | EditProposal | UploadFile | SubmitProposal | WithdrawProposal
            | ReinstateProposal | InvitePartner | EditPart | ConfirmPart | EndMembership
            | GiveException | CloseException | CheckFormally | JudgeEligibility | CheckOwnMeans
            | ChangeConsortium | SettleCondition | AskWaiver | CommentWaiver | TakeStand
            | DecideWaiver | AskPartner | AskOwnFunded | AnswerQuery | CloseQuery | WriteNote
            | ReceiveDocuments | ImportProposals | NamePersons | WriteRebuttal | SubmitRebuttal
            | FileRedress => Scope::Intake,
            NominateExpert | CorrectExpert | CorrectOwnExpertise | DeclareOwnConflict
            | ImportPublications | ApprovePanel | InviteExpert | AnswerInvitation
            | DeclareConflicts | NoteConflict | JudgeConflict | WithdrawConflict
            | AssignReviewers | SetReviewDue | ReplaceReviewer | CallUpSubstitute
            | SetExpertLoad | ConvenePanel | WriteReview | SubmitReview | ReturnReview
            | ReleaseReview | ReopenRebuttal | RecordEthics | RecordConsensus | AdoptRanking
            | ReviseRanking | NameRapporteurs | PostMessage | WriteSummary | ApproveSummary
            | WriteConformity | FileConformity | ImportAffinity | ExamineRedress
            | ReevaluateProposal => Scope::Review,
            PledgeCommitment | UnfreezeCommitment | FileSignedDocument | WriteCommitmentNote
            | DecideInvitations | ProposeSelection | AmendSelection | AdoptSelection
            | ConfirmSelection | AnswerLine | RecordDefault | MakeScenario | DropScenario
            | ClassifyProject | CheckRedress | DecideRedress | SettleRedress | ReleaseLetters => {
                Scope::Commitment
            }
        }
    }

    /// Whether the person must have logged in moments ago: every step of the decision that binds money (S9), from its
    /// proposal to its amendment, since proposing anew ends what was adopted or confirmed; and what would give an
    /// account or a role away to whoever finds a browser open. Not what is rehearsed (scenarios) or can be pledged
    /// anew (commitments), nor invitations and letters, which bind no money.
    pub fn needs_fresh_login(self) -> bool {
        use Action::*;
        matches!(
            self,
            ProposeSelection
                | AmendSelection
                | AdoptSelection
                | ConfirmSelection
                | AnswerLine
                | RecordDefault
                | GrantInstallationRole
                | ManageCredentials
                | HandOverRole
        )
    }
}
