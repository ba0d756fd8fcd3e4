//! Letters: what goes into them, and the letters as they were sent.

use ::review::{Marks, ReviewState};
use access::{Action, Permit};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use intake::ProposalState;
use serde_json::Value;
use uuid::Uuid;

use crate::commitment::redress;
use crate::error::demand;
use crate::review::review::{ReviewRow, labelled};
use crate::schema::sealed::{consensus, letter, outcome, review};
use crate::schema::{
    account, eligibility, formal_check, partner, proposal, proposal_stage, submission,
};
use crate::{Conn, StoreError, text};

/// All that the letter on one proposal says.
#[derive(Debug, Clone)]
pub struct LetterData {
    /// The row of the proposal in the stage.
    pub proposal_stage: Uuid,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call.
    pub number: String,
    /// Its acronym.
    pub acronym: String,
    /// Name of the coordinator.
    pub name: String,
    /// Address of the coordinator.
    pub email: String,
    /// The outcome; `locked` where there is none.
    pub state: ProposalState,
    /// The condition of an invitation, or of what is conditional to the end.
    pub condition: Option<String>,
    /// Why it is ineligible: in all, of the form, of each partner.
    pub reasons: Vec<String>,
    /// The reviews of it that are told to the applicants, under their labels and in their order. What was released after
    /// redress was upheld is told by the letter that settles it, and by no other before.
    pub reviews: Vec<(String, Marks)>,
    /// Whether ethics experts refused it.
    pub refused_by_ethics: bool,
    /// Scores by criterion, total in hundredths and reasons of the panel's consensus.
    pub consensus: Option<(Value, i32, String)>,
}

/// What the letters of a stage say, by the proposals' numbers. Proposals that lapsed or were withdrawn
/// get none.
pub async fn data(conn: &mut Conn, stage: Uuid) -> Result<Vec<LetterData>, StoreError> {
    type Row = (
        (Uuid, Uuid, String, String, String),
        Option<String>,
        Option<(String, Option<String>)>,
        Option<(Value, i32, String)>,
        Option<(String, String)>,
    );
    let submitted = submission::proposal_stage_id
        .eq(proposal_stage::id)
        .and(submission::number.eq(proposal_stage::submitted));
    let rows: Vec<Row> = proposal_stage::table
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(account::table.on(account::id.eq(proposal::coordinator_id)))
        .left_join(submission::table.on(submitted))
        .left_join(outcome::table.on(outcome::proposal_stage_id.eq(proposal_stage::id)))
        .left_join(consensus::table.on(consensus::proposal_stage_id.eq(proposal_stage::id)))
        .left_join(formal_check::table.on(formal_check::proposal_stage_id.eq(proposal_stage::id)))
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(proposal_stage::state.eq(ProposalState::Locked.to_string()))
        .order(proposal::number)
        .select((
            (
                proposal_stage::id,
                proposal::id,
                proposal::number,
                account::name,
                account::email,
            ),
            diesel::dsl::sql::<Nullable<Text>>("submission.content->>'acronym'"),
            (outcome::state, outcome::condition).nullable(),
            (consensus::scores, consensus::total, consensus::comment).nullable(),
            (formal_check::verdict, formal_check::reason).nullable(),
        ))
        .load(conn)
        .await?;
    let ineligible: Vec<(Uuid, String, Option<String>)> = eligibility::table
        .inner_join(partner::table.on(partner::id.eq(eligibility::partner_row_id)))
        .inner_join(proposal_stage::table.on(proposal_stage::id.eq(partner::proposal_stage_id)))
        .filter(proposal_stage::stage_id.eq(stage))
        .filter(eligibility::state.eq("ineligible"))
        .filter(partner::gone_by.is_null())
        .order((partner::proposal_stage_id, partner::position))
        .select((
            partner::proposal_stage_id,
            partner::organisation,
            eligibility::reason,
        ))
        .load(conn)
        .await?;
    let released: Vec<ReviewRow> = review::table
        .filter(review::stage_id.eq(stage))
        .filter(
            review::state
                .eq(ReviewState::Released.to_string())
                .or(review::told.eq(true)),
        )
        .select(ReviewRow::as_select())
        .load(conn)
        .await?;
    let refused = crate::review::ethics::refused(conn, stage).await?;
    let upheld = redress::upheld_at(conn, stage).await?;
    rows.into_iter()
        .map(|(proposal, acronym, outcome, consensus, form)| {
            let (id, proposal, number, name, email) = proposal;
            let (state, condition) = match outcome {
                Some((state, condition)) => (text::name(&state)?, condition),
                None => (ProposalState::Locked, None),
            };
            let of_form = form
                .filter(|(verdict, _)| verdict == "ineligible")
                .map(|(_, reason)| reason);
            let of_partners = ineligible.iter().filter(|partner| partner.0 == id).map(
                |(_, organisation, reason)| match reason {
                    Some(reason) => format!("{organisation}: {reason}"),
                    None => format!("{organisation} is not eligible"),
                },
            );
            // The outcome of an ineligible proposal holds what its verdicts came to.
            let whole = condition
                .clone()
                .filter(|_| state == ProposalState::Ineligible);
            let later = |row: &ReviewRow| {
                let upheld = upheld.get(&proposal);
                upheld.is_some_and(|one| one.hides(row.released_at))
            };
            let of_it = released.iter().filter(|row| row.proposal_id == proposal);
            let of_it: Vec<ReviewRow> = of_it.filter(|row| !later(row)).cloned().collect();
            let mut reviews = Vec::new();
            for (label, row) in labelled(&of_it)? {
                reviews.push((label, row.marks()?));
            }
            Ok(LetterData {
                reviews,
                proposal_stage: id,
                proposal,
                number,
                acronym: acronym.unwrap_or_default(),
                name,
                email,
                state,
                condition,
                reasons: whole
                    .into_iter()
                    .chain(of_form)
                    .chain(of_partners)
                    .collect(),
                refused_by_ethics: refused.contains(&id),
                consensus,
            })
        })
        .collect()
}

/// A letter to be kept as it was sent.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = letter)]
pub struct LetterRow {
    /// The row of the proposal in the stage.
    pub proposal_stage_id: Uuid,
    /// The call.
    pub call_id: Uuid,
    /// The outcome told.
    pub outcome: String,
    /// The text.
    pub body: String,
}

/// Keeps the letters of a stage.
pub async fn insert(
    conn: &mut Conn,
    permit: &Permit,
    stage: Uuid,
    letters: &[LetterRow],
) -> Result<(), StoreError> {
    demand(permit, &[Action::ReleaseLetters], stage)?;
    for some in letters.chunks(500) {
        diesel::insert_into(letter::table)
            .values(some)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// The call and the coordinator's account of a proposal.
pub async fn relation(conn: &mut Conn, id: Uuid) -> Result<(Uuid, Uuid), StoreError> {
    Ok(proposal::table
        .find(id)
        .select((proposal::call_id, proposal::coordinator_id))
        .first(conn)
        .await?)
}
