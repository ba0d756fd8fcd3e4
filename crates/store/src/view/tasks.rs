//! What waits for a person, by role. Nothing is stored: each kind of task is a query over what is open,
//! so that a task is gone the moment it is done, and a role that ended takes its tasks along.

mod redress;
mod secretariat;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as Id};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Conn, StoreError, text};

/// What is to be done.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TaskKind {
    /// Coordinator: a proposal of an open stage was never submitted, or changed since.
    SubmitProposal,
    /// Coordinator: questions about the partners of a proposal wait for an answer.
    AnswerQuery,
    /// Coordinator: the reviews are released, and the reply to them is not submitted as it stands.
    AnswerReviews,
    /// Partner who writes a part: the reviews are released, and the coordinator may reply to them.
    ReadReviews,
    /// Contact person: applicants of the funder wait for a verdict.
    JudgeEligibility,
    /// Secretariat: applicants wait for a verdict of a funder whose contact persons all have a conflict of interest.
    JudgeForFunder,
    /// Secretariat: proposals wait for the formal check.
    CheckFormally,
    /// Secretariat: questions about a call wait for an answer.
    AnswerQuestion,
    /// Chair of the steering committee: requests for exceptions to rules wait for the decision.
    DecideWaiver,
    /// Secretariat: requests for redress wait to be checked.
    CheckRedress,
    /// Independent observer: requests for redress wait for a finding.
    ExamineRedress,
    /// Chair of the steering committee: examined requests for redress wait for the decision.
    DecideRedress,
    /// Chair of the panel, or the secretariat where every chair has a conflict of interest: proposals of which redress was
    /// upheld wait to be judged again.
    JudgeAgain,
    /// Secretariat: what was judged again after redress waits for its letter.
    SettleRedress,
    /// Chair of the steering committee: a mapped draft call waits for approval.
    ApproveCall,
    /// Chair of the steering committee: an adopted selection waits for confirmation.
    ConfirmSelection,
    /// Signatory: the funder's line of a confirmed selection waits for an answer.
    AnswerLine,
    /// Secretariat: funders do not pay what a selection asks of them, and it waits to be amended.
    AmendSelection,
    /// Expert: an invitation waits for an answer.
    AnswerInvitation,
    /// Expert: conflicts of interest are to be declared.
    DeclareConflicts,
    /// Expert: a review is to be written.
    WriteReview,
    /// Expert: the ethics of a proposal are to be looked at.
    AssessEthics,
    /// Secretariat: submitted reviews wait to be released.
    ReleaseReviews,
    /// Secretariat: a conflict of interest left proposals without a released review that the applicants had read, and nobody
    /// is assigned in its place.
    AssignAgain,
    /// Secretariat: all reviews of a stage are released, the applicants have replied, and the panel is not convened.
    ConvenePanel,
    /// Rapporteur: the evaluation summary report of a proposal is to be written.
    WriteSummary,
    /// Observer: the report on the evaluation of a stage waits to be filed.
    FileConformity,
    /// Chair of the panel: all proposals have a consensus, and the ranking list waits to be adopted.
    AdoptRanking,
}

impl TaskKind {
    /// Whether it is what waits for an expert, or for the panel.
    pub fn is_of_an_expert(self) -> bool {
        matches!(
            self,
            TaskKind::AnswerInvitation
                | TaskKind::DeclareConflicts
                | TaskKind::WriteReview
                | TaskKind::AssessEthics
                | TaskKind::WriteSummary
                | TaskKind::AdoptRanking
                | TaskKind::JudgeAgain
        )
    }

    fn title(self, count: i64, call: &str) -> String {
        let many = |one: &str, more: &str| {
            if count == 1 {
                format!("{call}: 1 {one}")
            } else {
                format!("{call}: {count} {more}")
            }
        };
        match self {
            TaskKind::SubmitProposal => format!("{call}: submit your proposal"),
            TaskKind::AnswerQuery => many("question of a funder", "questions of funders"),
            TaskKind::AnswerReviews => format!("{call}: reply to the reviews of your proposal"),
            TaskKind::ReadReviews => format!("{call}: read the reviews of your proposal"),
            TaskKind::JudgeEligibility => many("applicant to check", "applicants to check"),
            TaskKind::JudgeForFunder => many(
                "applicant to check in place of a funder",
                "applicants to check in place of a funder",
            ),
            TaskKind::CheckFormally => many("formal check to make", "formal checks to make"),
            TaskKind::AnswerQuestion => many("question to answer", "questions to answer"),
            TaskKind::DecideWaiver => many(
                "request for an exception to decide",
                "requests for exceptions to decide",
            ),
            TaskKind::CheckRedress => many(
                "request for redress to check",
                "requests for redress to check",
            ),
            TaskKind::ExamineRedress => many(
                "request for redress to examine",
                "requests for redress to examine",
            ),
            TaskKind::DecideRedress => many(
                "request for redress to decide",
                "requests for redress to decide",
            ),
            TaskKind::JudgeAgain => many(
                "proposal to judge again after redress",
                "proposals to judge again after redress",
            ),
            TaskKind::SettleRedress => many(
                "request for redress to settle",
                "requests for redress to settle",
            ),
            TaskKind::ApproveCall => format!("{call}: approve the call"),
            TaskKind::ConfirmSelection => format!("{call}: confirm the selection"),
            TaskKind::AnswerLine => format!("{call}: accept or refuse your funding lines"),
            TaskKind::AmendSelection => {
                format!("{call}: amend the selection, as a funder does not pay")
            }
            TaskKind::AnswerInvitation => format!("{call}: answer the invitation as an expert"),
            TaskKind::DeclareConflicts => format!("{call}: declare your conflicts of interest"),
            TaskKind::WriteReview => format!("{call}: write a review"),
            TaskKind::AssessEthics => format!("{call}: look at the ethics of a proposal"),
            TaskKind::ReleaseReviews => many("review to release", "reviews to release"),
            TaskKind::AssignAgain => many(
                "proposal without a review left to assign",
                "proposals without a review left to assign",
            ),
            TaskKind::ConvenePanel => format!("{call}: convene the panel"),
            TaskKind::WriteSummary => format!("{call}: write an evaluation summary report"),
            TaskKind::FileConformity => format!("{call}: file your report on the evaluation"),
            TaskKind::AdoptRanking => format!("{call}: adopt the ranking list"),
        }
    }
}

/// One thing that waits.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TaskView {
    /// What is to be done.
    pub kind: TaskKind,
    /// In which call.
    pub call: Uuid,
    /// To what: a proposal, stage, call, selection, participation, expert or review, by the kind.
    pub object: Uuid,
    /// What it is, in words.
    pub title: String,
    /// How many things of the kind wait together.
    pub count: i64,
    /// Until when, where there is a date.
    pub due_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Id)]
    call: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Id)]
    object: Uuid,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    due_at: Option<DateTime<Utc>>,
}

/// `mine`: the roles in force of the account $1, with the organisations spoken for. `walled`: the
/// proposals it has a conflict of interest with, of which no task may tell.
const TASKS: &str = "
with mine as materialized (
    select role, call_id, organisation_id from role_grant
    where account_id = $1 and ended_at is null
    union
    select g.role, g.call_id, a.acts_for_id from role_grant g
    join acting_for a on a.organisation_id = g.organisation_id and a.ended_at is null
    where g.account_id = $1 and g.ended_at is null
), walled as materialized (
    select proposal_id from sealed.wall where account_id = $1
), task (kind, call_id, object, count, due_at) as (
    select 'submit_proposal', p.call_id, p.id, 1::bigint, greatest(s.deadline_at, e.until)
    from proposal p
    join proposal_stage ps on ps.proposal_id = p.id
    join stage s on s.id = ps.stage_id
    left join lateral (select until from deadline_exception e where e.proposal_stage_id = ps.id
                       order by e.number desc limit 1) e on true
    where p.coordinator_id = $1 and (s.state = 'open' or e.until > s.deadline_at)
      and ps.state in ('draft', 'edited_since')
  union all
    select 'answer_query', q.call_id, p.id, count(*), min(q.answer_by)
    from query q
    join proposal_stage ps on ps.id = q.proposal_stage_id and ps.state = 'locked'
    join proposal p on p.id = ps.proposal_id
    where p.coordinator_id = $1 and q.state = 'waiting'
    group by q.call_id, p.id
  union all
    select 'answer_reviews', b.call_id, p.id, 1, b.closes_at
    from sealed.rebuttal b
    join proposal_stage ps on ps.id = b.proposal_stage_id and ps.state = 'locked'
    join proposal p on p.id = ps.proposal_id
    where p.coordinator_id = $1 and b.closes_at > clock_timestamp()
      and b.state in ('awaited', 'draft', 'edited_since')
  union all
    select 'read_reviews', b.call_id, p.id, 1, b.closes_at
    from sealed.rebuttal b
    join proposal_stage ps on ps.id = b.proposal_stage_id and ps.state = 'locked'
    join proposal p on p.id = ps.proposal_id
    where p.coordinator_id <> $1 and b.closes_at > clock_timestamp()
      and exists (select from partner_member w
                  where w.proposal_id = p.id and w.account_id = $1 and w.left_at is null)
  union all
    select 'judge_eligibility', e.call_id, pa.id, count(*), null
    from eligibility e
    join partner x on x.id = e.partner_row_id and x.gone_by is null
    join participation pa on pa.id = e.participation_id
    join proposal_stage ps on ps.id = e.proposal_stage_id
    join mine m on m.role = 'contact_person' and m.call_id = e.call_id
               and m.organisation_id = pa.organisation_id
    where e.state = 'open' and ps.state = 'locked'
      and ps.proposal_id not in (select proposal_id from walled)
    group by e.call_id, pa.id
  union all
    select 'check_formally', s.call_id, s.id, count(*), null
    from stage s
    join mine m on m.role = 'secretariat' and m.call_id = s.call_id
    join proposal_stage ps on ps.stage_id = s.id
    left join formal_check f on f.proposal_stage_id = ps.id
    where s.state = 'checking' and ps.state = 'locked' and coalesce(f.verdict, 'open') = 'open'
      and ps.proposal_id not in (select proposal_id from walled)
    group by s.call_id, s.id
  union all
    select 'answer_question', q.call_id, q.call_id, count(*), null
    from question q join mine m on m.role = 'secretariat' and m.call_id = q.call_id
    where q.answers = 0
    group by q.call_id
  union all
    select 'decide_waiver', w.call_id, w.call_id, count(*), null
    from waiver w join mine m on m.role = 'csc_chair' and m.call_id = w.call_id
    join proposal_stage ps on ps.id = w.proposal_stage_id
    where w.state = 'waiting' and ps.proposal_id not in (select proposal_id from walled)
    group by w.call_id
  union all
    select step.kind, d.call_id, d.call_id, count(*), null
    from sealed.redress d
    join (values ('received', 'secretariat', 'check_redress'), ('admissible', 'observer', 'examine_redress'),
                 ('examined', 'csc_chair', 'decide_redress')) step (state, role, kind) on step.state = d.state
    join mine m on m.role = step.role and m.call_id = d.call_id
    join proposal_stage ps on ps.id = d.proposal_stage_id
    where ps.proposal_id not in (select proposal_id from walled)
    group by step.kind, d.call_id
  union all
    select 'approve_call', c.id, c.id, 1, null
    from call c join mine m on m.role = 'csc_chair' and m.call_id = c.id
    where c.state = 'draft' and exists (select from call_action_item i where i.call_id = c.id)
  union all
    select 'confirm_selection', s.call_id, s.id, 1, null
    from sealed.selection s join mine m on m.role = 'csc_chair' and m.call_id = s.call_id
    where s.state = 'adopted'
  union all
    select 'answer_line', l.call_id, l.id, 1, null
    from sealed.selection_line l
    join sealed.selection s on s.id = l.selection_id and s.state = 'confirmed'
    join participation pa on pa.id = l.participation_id
    join mine m on m.role = 'signatory' and m.call_id = l.call_id
               and m.organisation_id = pa.organisation_id
    where l.state = 'open'
  union all
    select 'answer_invitation', e.call_id, e.id, 1, null
    from sealed.expert e where e.account_id = $1 and e.state = 'invited'
  union all
    select 'declare_conflicts', e.call_id, e.id, 1, null
    from sealed.expert e
    join lateral (select max(s.number) as number from stage s
                  where s.call_id = e.call_id and s.state not in ('planned', 'open', 'closed')) s on s.number is not null
    where e.account_id = $1 and e.state in ('accepted', 'contracted') and s.number <> all(e.declared_stages)
  union all
    select 'write_review', r.call_id, r.id, 1, r.due_at
    from sealed.review r join sealed.expert e on e.id = r.expert_id
    join stage s on s.id = r.stage_id
    join proposal_stage ps on ps.proposal_id = r.proposal_id and ps.stage_id = r.stage_id and ps.state = 'locked'
    join sealed.outcome o on o.proposal_stage_id = ps.id
    where e.account_id = $1 and s.number = any(e.declared_stages) and r.state in ('invited', 'accepted', 'draft', 'returned')
      and (s.state in ('reviewing', 'rebuttal', 'panel') and o.state in ('eligible', 'conditional', 'evaluated')
           or o.state not in ('ineligible', 'withdrawn', 'excluded')
              and exists (select from sealed.redress d where d.proposal_stage_id = ps.id and d.state = 'upheld'))
      and r.proposal_id not in (select proposal_id from walled)
  union all
    select 'assess_ethics', h.call_id, ps.proposal_id, 1, null
    from sealed.ethics_assessment h
    join proposal_stage ps on ps.id = h.proposal_stage_id and ps.state = 'locked'
    join stage s on s.id = ps.stage_id
    join sealed.expert e on e.id = h.expert_id and e.state = 'contracted' and s.number = any(e.declared_stages)
    left join sealed.outcome o on o.proposal_stage_id = ps.id
    where e.account_id = $1 and h.state in ('under_review', 'asked')
      and coalesce(o.state, '') not in ('ineligible', 'excluded')
      and ps.proposal_id not in (select proposal_id from walled)
  union all
    select 'release_reviews', r.call_id, r.stage_id, count(*), null
    from sealed.review r join mine m on m.role = 'secretariat' and m.call_id = r.call_id
    join stage s on s.id = r.stage_id
    where r.state = 'submitted' and r.proposal_id not in (select proposal_id from walled)
      and (s.state in ('reviewing', 'rebuttal', 'panel')
           or exists (select from sealed.redress d join proposal_stage ps on ps.id = d.proposal_stage_id
                      where ps.proposal_id = r.proposal_id and ps.stage_id = r.stage_id and d.state = 'upheld'))
    group by r.call_id, r.stage_id
  union all
    select 'write_summary', r.call_id, ps.proposal_id, 1, null
    from sealed.rapporteur r
    join sealed.expert e on e.id = r.expert_id and e.account_id = $1
    join proposal_stage ps on ps.id = r.proposal_stage_id and ps.state = 'locked'
    join stage s on s.id = ps.stage_id
    left join sealed.summary_report y on y.proposal_stage_id = ps.id
    where s.state in ('reviewing', 'rebuttal', 'panel') and y.proposal_stage_id is null
      and r.position = (select min(f.position) from sealed.rapporteur f join sealed.expert x on x.id = f.expert_id
                        where f.proposal_stage_id = ps.id
                          and not exists (select from sealed.wall w
                                          where w.account_id = x.account_id and w.proposal_id = ps.proposal_id))
      and exists (select from mine m where m.call_id = r.call_id and m.role in ('panel_member', 'panel_chair'))
      and ps.proposal_id not in (select proposal_id from walled)
      and exists (select from sealed.review v where v.proposal_id = ps.proposal_id and v.stage_id = ps.stage_id
                  and v.state = 'released')
      and not exists (select from sealed.review v where v.proposal_id = ps.proposal_id and v.stage_id = ps.stage_id
                      and v.state not in ('released', 'declined', 'conflicted', 'replaced', 'voided'))
  union all
    select 'file_conformity', s.call_id, s.id, 1, null
    from stage s join mine m on m.role = 'observer' and m.call_id = s.call_id
    left join sealed.conformity_report c on c.stage_id = s.id
    where s.state in ('ranked', 'decided', 'communicated') and c.filed_at is null
  union all
    select 'adopt_ranking', s.call_id, s.id, 1, null
    from stage s join mine m on m.role = 'panel_chair' and m.call_id = s.call_id
    where s.state in ('reviewing', 'rebuttal', 'panel')
      and exists (select from sealed.consensus x
                  join proposal_stage ps on ps.id = x.proposal_stage_id and ps.stage_id = s.id)
      and not exists (select from proposal_stage ps
                      join sealed.outcome o on o.proposal_stage_id = ps.id
                      left join sealed.consensus x on x.proposal_stage_id = ps.id
                      where ps.stage_id = s.id and ps.state = 'locked'
                        and o.state in ('eligible', 'conditional')
                        and x.proposal_stage_id is null)";

const LISTED: &str = "
)
select t.kind, t.call_id as call, c.code, t.object, t.count, t.due_at
from task t join call c on c.id = t.call_id
where c.state not in ('cancelled', 'closed')
order by t.due_at nulls last, c.code, t.kind, t.object";

/// All that waits for the account, the nearest date first.
pub async fn tasks(conn: &mut Conn, account: Uuid) -> Result<Vec<TaskView>, StoreError> {
    let sql = [TASKS, secretariat::TASKS, redress::TASKS, LISTED].concat();
    let rows: Vec<Row> = diesel::sql_query(sql)
        .bind::<Id, _>(account)
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let kind: TaskKind = text::name(&row.kind)?;
            Ok(TaskView {
                kind,
                call: row.call,
                object: row.object,
                title: kind.title(row.count, &row.code),
                count: row.count,
                due_at: row.due_at,
            })
        })
        .collect()
}
