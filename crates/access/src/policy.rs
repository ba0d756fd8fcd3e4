use crate::{Action, Worn};

/// Which roles allow a deed. This table is the whole policy of writing; what may be read beyond "at
/// all" is decided in the read models.
pub fn allowed(action: Action) -> &'static [Worn] {
    use Action::*;
    use Worn::{
        Account, Administrator, AgendaEditor, CallOffice, ContactPerson, Coordinator, CscChair,
        CscRepresentative, Expert, MemberRepresentative, Observer, Oneself, PanelChair,
        PanelMember, Partner, Public, Secretariat, Signatory, System,
    };
    match action {
        SignUp | RequestLink | ReadAgenda => &[Public],
        LogIn | ReadOwnAccount | ManageOwnAccount | ManageCredentials | AcceptRole
        | HandOverRole | ClaimPart => &[Oneself],
        GrantInstallationRole => &[Administrator, System],
        ManageOrganisations => &[Administrator, AgendaEditor, System],
        LoadAgenda => &[AgendaEditor, System],
        ReadInterests => &[MemberRepresentative, AgendaEditor, CallOffice],
        ReadCoverage => &[
            MemberRepresentative,
            AgendaEditor,
            CallOffice,
            Administrator,
        ],
        ReadMemberReport => &[MemberRepresentative, AgendaEditor, Administrator],
        StateInterest => &[MemberRepresentative, AgendaEditor],
        AskToJoin => &[MemberRepresentative, CscRepresentative],
        ReadJoinRequests => &[
            Secretariat,
            CscChair,
            CscRepresentative,
            MemberRepresentative,
        ],
        DeclineJoinRequest => &[Secretariat],

        ReadRoles => &[Secretariat, CscChair, CscRepresentative, Observer],
        InviteToRole | EndRole => &[Secretariat],

        DraftCall => &[CallOffice],
        ReadCall => &[Public],
        CheckCall => &[Secretariat, CscChair, CscRepresentative, Observer],
        AskQuestion => &[Account],
        ReadCommitments => &[
            Secretariat,
            CscRepresentative,
            ContactPerson,
            Signatory,
            CscChair,
            Observer,
        ],
        EditCall | PrepareCall | MapCall | ManageFunders | PreAnnounceCall | OpenCall
        | AmendCall | PutDocument | RemoveDocument | CancelCall | ExtendStage | ShortenStage
        | AnswerQuestion => &[Secretariat],
        PledgeCommitment => &[Signatory, Secretariat],
        SetTerms => &[CscRepresentative, ContactPerson, Secretariat],
        ApproveCall => &[CscChair],
        OpenStage | CloseStage | CloseException => &[System],
        ReadAudit => &[Secretariat, Observer],

        DraftProposal => &[Account],
        ReadProposal => &[
            Coordinator,
            Partner,
            Secretariat,
            CscRepresentative,
            ContactPerson,
            Signatory,
            CscChair,
            PanelChair,
            PanelMember,
            Observer,
            Expert,
        ],
        CountProposals | ReadDuplicates => &[Secretariat, Observer],
        GiveException | ImportProposals => &[Secretariat],
        ReadExceptions | ReadCallWaivers => &[Secretariat, CscRepresentative, CscChair, Observer],
        EditProposal | UploadFile | SubmitProposal | WithdrawProposal | ReinstateProposal
        | InvitePartner => &[Coordinator],
        ListPartners | EditPart | EndMembership => &[Coordinator, Partner],
        ConfirmPart => &[Partner],
        ReadEligibility | ExportProposals => &[
            Secretariat,
            CscRepresentative,
            ContactPerson,
            Signatory,
            CscChair,
            Observer,
        ],
        CheckFormally | CheckOwnMeans | ChangeConsortium | SettleCondition | AskOwnFunded
        | CloseQuery | CommentWaiver => &[Secretariat],
        ReadFormalFindings => &[Secretariat, Observer],
        JudgeEligibility => &[ContactPerson],
        AskPartner | WriteNote | ReceiveDocuments => &[ContactPerson, CscRepresentative],
        ReadNote => &[ContactPerson, CscRepresentative, Signatory],
        AnswerQuery | AskWaiver => &[Coordinator],
        ReadWaivers => &[
            Coordinator,
            Secretariat,
            CscRepresentative,
            CscChair,
            Observer,
        ],
        TakeStand => &[CscRepresentative],
        DecideWaiver => &[CscChair, Secretariat],
        ReadConditions | ReadQueries => &[
            Coordinator,
            Secretariat,
            CscRepresentative,
            ContactPerson,
            Signatory,
            CscChair,
            Observer,
        ],

        NominateExpert => &[Secretariat, CscRepresentative],
        ReadExperts => &[
            Secretariat,
            CscRepresentative,
            CscChair,
            PanelChair,
            PanelMember,
            Observer,
        ],
        ApprovePanel => &[CscChair],
        InviteExpert | AssignReviewers | ReplaceReviewer | NoteConflict | JudgeConflict => {
            &[Secretariat]
        }
        AnswerInvitation | ReadDeclaration | DeclareConflicts => &[Expert],
        ReadConflicts => &[Secretariat, PanelChair, Observer],
        ReadAssignments => &[Secretariat, PanelChair, PanelMember, Observer],
        ReadReview => &[
            Expert,
            Coordinator,
            Secretariat,
            CscRepresentative,
            CscChair,
            PanelChair,
            PanelMember,
            Observer,
        ],
        WriteReview | SubmitReview => &[Expert],
        ReturnReview | ReleaseReview => &[Secretariat],
        ReadConsensus => &[
            Secretariat,
            PanelChair,
            PanelMember,
            CscRepresentative,
            CscChair,
            Observer,
        ],
        RecordConsensus => &[PanelChair, Secretariat],
        ReadRanking => &[
            Secretariat,
            PanelChair,
            PanelMember,
            CscRepresentative,
            ContactPerson,
            Signatory,
            CscChair,
            Observer,
        ],
        AdoptRanking => &[PanelChair],

        DecideInvitations | ProposeSelection | AdoptSelection => &[Secretariat],
        ReadBalance | ReadSelection | ReadScenario => &[
            Secretariat,
            CscRepresentative,
            ContactPerson,
            Signatory,
            CscChair,
            Observer,
        ],
        ConfirmSelection => &[CscChair],
        AnswerLine => &[Signatory],
        MakeScenario => &[Secretariat, CscRepresentative, ContactPerson, Signatory],
        DropScenario => &[Oneself],
        ClassifyProject | PreviewLetters | ReleaseLetters => &[Secretariat],
        ReadLetter => &[
            Coordinator,
            Partner,
            Secretariat,
            CscRepresentative,
            CscChair,
            Observer,
        ],
    }
}

/// Which roles know that a thing of this kind exists. To everybody else a forbidden thing answers as an
/// absent one.
pub fn visible(kind: &str) -> &'static [Worn] {
    use Worn::*;
    match kind {
        "installation" | "account" => &[Account],
        "call" | "stage" | "participation" => &[
            Secretariat,
            CscRepresentative,
            ContactPerson,
            Signatory,
            CscChair,
            Observer,
            PanelChair,
            PanelMember,
        ],
        "proposal" => &[Coordinator, Partner, Secretariat, Expert],
        "upload" => &[Coordinator],
        "eligibility" => &[
            Coordinator,
            Secretariat,
            CscRepresentative,
            ContactPerson,
            Signatory,
            CscChair,
        ],
        "waiver" => &[
            Coordinator,
            Secretariat,
            CscRepresentative,
            CscChair,
            Observer,
        ],
        "query" | "condition" => &[
            Coordinator,
            Secretariat,
            CscRepresentative,
            ContactPerson,
            Signatory,
            CscChair,
            Observer,
        ],
        // That a funder notes something is its own business.
        "note" => &[ContactPerson, CscRepresentative, Signatory],
        "expert" => &[
            Expert,
            Secretariat,
            CscChair,
            CscRepresentative,
            PanelChair,
            Observer,
        ],
        "review" => &[Expert, Secretariat, PanelChair, Observer],
        "ranking_list" | "consensus" => &[Secretariat, PanelChair, PanelMember, Observer],
        // What a funder plans for itself is its own business, and so is what the secretariat tries.
        "own_scenario" => &[CscRepresentative, ContactPerson, Signatory],
        "office_scenario" => &[Secretariat],
        "selection" | "selection_line" | "scenario" => &[
            Secretariat,
            CscRepresentative,
            ContactPerson,
            Signatory,
            CscChair,
            Observer,
        ],
        "role_grant" => &[Secretariat, Oneself, CscChair, Administrator],
        "invitation" => &[Secretariat, Administrator],
        "interest" => &[MemberRepresentative, AgendaEditor, CallOffice],
        "join_request" => &[
            Secretariat,
            CscChair,
            CscRepresentative,
            MemberRepresentative,
        ],
        "question" => &[Secretariat, Oneself],
        "agenda" | "organisation" => &[Public],
        _ => &[],
    }
}
