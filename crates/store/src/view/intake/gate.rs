//! Which proposals somebody may see, in which stage, and how far their state is told.

use std::sync::LazyLock;

use ::intake::{ProposalState, Reading};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Int4, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::exception::OwnException;
use crate::call::StageRow;
use crate::review::ethics::AT_WORK;
use crate::statement::statement;
use crate::{Conn, StoreError, text};

/// How far a viewer hears what evaluation and decision made of a proposal that is not its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Nothing: for reviewers.
    Content,
    /// Eligibility, and that it is evaluated: for the panel, which does not decide.
    Evaluation,
    /// Everything: for secretariat, observer and steering committee.
    Decision,
}

/// A person as far as proposals of one call are concerned.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The account.
    pub account: Uuid,
    /// Whether the session is one at an expert's desk, where an applicant sees nothing of the own proposals.
    pub at_desk: bool,
    /// Sees all that was submitted: secretariat, observer, chair of the panel who is no expert of the call.
    pub all: bool,
    /// Sees all that was submitted at the stages for which conflicts of interest are declared: chair and member of the
    /// panel.
    pub panel: bool,
    /// Sees all that is eligible: steering committee.
    pub committee: bool,
    /// Sees what asks these funders for money.
    pub organisations: Vec<Uuid>,
    /// How far the state is told.
    pub depth: Depth,
}

/// A proposal in one stage that the viewer may see.
#[derive(Debug, Clone, QueryableByName)]
pub struct Seen {
    /// Row of the proposal in the stage.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// The proposal.
    #[diesel(sql_type = SqlUuid)]
    pub proposal: Uuid,
    /// Its number.
    #[diesel(sql_type = Text)]
    pub number: String,
    /// Whether the viewer coordinates it.
    #[diesel(sql_type = Bool)]
    pub coordinates: bool,
    /// The partners whose part the viewer writes.
    #[diesel(sql_type = Array<SqlUuid>)]
    parts: Vec<Uuid>,
    #[diesel(sql_type = SqlUuid)]
    stage_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    call_id: Uuid,
    #[diesel(sql_type = Int4)]
    stage: i32,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    stage_state: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    opens_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    deadline_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    zone: String,
    #[diesel(sql_type = Text)]
    label: String,
    #[diesel(sql_type = Text)]
    state: String,
    /// Number of the last submitted version; 0 for none.
    #[diesel(sql_type = Int4)]
    pub submitted: i32,
    /// What it is called where it was submitted, for one that came in from elsewhere.
    #[diesel(sql_type = Nullable<Text>)]
    pub imported_as: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    released: Option<String>,
    /// To the coordinator of one proposal: the exception to the deadline that counts.
    #[diesel(sql_type = Nullable<Jsonb>)]
    exception: Option<Value>,
}

impl Seen {
    /// The stage.
    pub fn stage(&self) -> StageRow {
        StageRow {
            id: self.stage_id,
            call_id: self.call_id,
            number: self.stage,
            kind: self.kind.clone(),
            state: self.stage_state.clone(),
            opens_at: self.opens_at,
            deadline_at: self.deadline_at,
            zone: self.zone.clone(),
            label: self.label.clone(),
            moved: 0,
            under_represented: Vec::new(),
            version: 0,
        }
    }

    /// The exception that counts for the own proposal.
    pub fn exception(&self) -> Result<Option<OwnException>, StoreError> {
        self.exception.clone().map(text::document).transpose()
    }

    /// Whether the viewer takes part in the proposal, and sees it as the consortium does.
    pub fn own(&self) -> bool {
        self.coordinates || !self.parts.is_empty()
    }

    /// Whether the coordinator took it back.
    pub fn withdrawn(&self) -> bool {
        self.state == "withdrawn"
    }

    /// How much of the content is read: a partner reads the whole text, and its own budget alone.
    pub fn reading(&self) -> Reading {
        if self.coordinates || self.parts.is_empty() {
            Reading::Whole
        } else {
            Reading::Parts(self.parts.clone())
        }
    }

    /// Whether the draft is shown: to the consortium, as long as no deadline has fixed what counts.
    pub fn as_draft(&self) -> bool {
        self.own() && (self.submitted == 0 || self.state != "locked")
    }

    /// The state as far as the viewer hears of it. A consortium hears what letters have released.
    pub fn state(&self, depth: Depth) -> Result<ProposalState, StoreError> {
        use ProposalState::Locked;
        let content = text::name(&self.state)?;
        if content != Locked {
            return Ok(content);
        }
        let told = if self.own() {
            &self.released
        } else {
            &self.outcome
        };
        let told = told.as_deref().map(text::name).transpose()?;
        let told = told.unwrap_or(Locked);
        Ok(match depth {
            _ if self.own() => told,
            Depth::Decision => told,
            Depth::Evaluation => told.in_evaluation(),
            Depth::Content => Locked,
        })
    }
}

/// States of a review in which its expert reads the proposal.
const ACTIVE: [&str; 6] = [
    "invited",
    "accepted",
    "draft",
    "submitted",
    "returned",
    "released",
];

// Two statements, so that the plan of neither has to do for the other.
static ONE: LazyLock<String> = LazyLock::new(|| seen_by("p.id = $3", EXCEPTION));
static ALL: LazyLock<String> = LazyLock::new(|| seen_by("$3 is null", "null::jsonb"));

/// The last exception given to the proposal in the stage, for its coordinator alone.
const EXCEPTION: &str =
    "(select jsonb_build_object('until', e.until, 'reason', e.reason, 'given_at', e.given_at)
      from deadline_exception e where e.proposal_stage_id = ps.id and p.coordinator_id = $1
      order by e.number desc limit 1)";

/// $1 the account, $2 the call, $3 the proposal, $4 to $7 what the roles show, $8 the states of a review that is read.
fn seen_by(which: &str, exception: &str) -> String {
    format!(
        "select ps.id, p.id as proposal, p.number, p.coordinator_id = $1 as coordinates,
                array(select m.partner_id from partner_member m
                      where m.account_id = $1 and m.proposal_id = p.id and m.left_at is null) as parts,
                s.id as stage_id, s.call_id, s.number as stage, s.kind, s.state as stage_state,
                s.opens_at, s.deadline_at, s.zone, s.label, ps.state, ps.submitted, ps.imported_as,
                o.state as outcome, o.released_state as released, {exception} as exception
         from proposal_stage ps
         join proposal p on p.id = ps.proposal_id
         join stage s on s.id = ps.stage_id
         left join sealed.outcome o on o.proposal_stage_id = ps.id
         where p.call_id = $2 and {which}
         and (p.coordinator_id = $1
              or exists (select from partner_member m
                         where m.account_id = $1 and m.proposal_id = p.id and m.left_at is null)
              or exists (select from partner x where x.proposal_stage_id = ps.id)
              and not exists (
                  select from sealed.wall w where w.account_id = $1 and w.proposal_id = p.id)
              and ($4
                   or $5 and exists (
                       select from sealed.expert e
                       where e.account_id = $1 and e.call_id = p.call_id
                         and s.number = any(e.declared_stages))
                   or $6 and o.state <> 'ineligible'
                   or exists (
                       select from partner x join participation t on t.id = x.participation_id
                       where x.proposal_stage_id = ps.id and t.organisation_id = any($7))
                   or exists (
                       select from sealed.review r join sealed.expert e on e.id = r.expert_id
                       where e.account_id = $1 and s.number = any(e.declared_stages)
                         and r.proposal_id = p.id and r.stage_id = s.id and r.state = any($8))
                   or exists (
                       select from ({AT_WORK}) w where w.account_id = $1 and w.proposal_stage_id = ps.id)))
         order by p.id, s.number"
    )
}

/// What the viewer may see of a call's proposals, or of one, by proposal and stage.
///
/// A coordinator sees the own proposal from its beginning, a partner from when it joined. Everybody else sees it
/// from the close of the stage, when its partners go on record, and only without a conflict of interest that
/// stands.
pub async fn seen(
    conn: &mut Conn,
    viewer: &Viewer,
    call: Uuid,
    proposal: Option<Uuid>,
) -> Result<Vec<Seen>, StoreError> {
    let text = if proposal.is_some() { &*ONE } else { &*ALL };
    let mut seen: Vec<Seen> = statement(text)
        .bind::<SqlUuid, _>(viewer.account)
        .bind::<SqlUuid, _>(call)
        .bind::<Nullable<SqlUuid>, _>(proposal)
        .bind::<Bool, _>(viewer.all)
        .bind::<Bool, _>(viewer.panel)
        .bind::<Bool, _>(viewer.committee)
        .bind::<Array<SqlUuid>, _>(&viewer.organisations)
        .bind::<Array<Text>, _>(ACTIVE.as_slice())
        .load(conn)
        .await?;
    seen.retain(|one| !viewer.at_desk || !one.own());
    Ok(seen)
}

/// Whether the account reviews the proposal, in any stage.
pub async fn assigned(conn: &mut Conn, account: Uuid, proposal: Uuid) -> Result<bool, StoreError> {
    use crate::schema::sealed::{expert, review};
    let mine = review::table
        .inner_join(expert::table.on(expert::id.eq(review::expert_id)))
        .filter(expert::account_id.eq(account))
        .filter(expert::declared_at.is_not_null())
        .filter(review::proposal_id.eq(proposal))
        .filter(review::state.eq_any(ACTIVE));
    Ok(diesel::select(diesel::dsl::exists(mine))
        .get_result(conn)
        .await?)
}
