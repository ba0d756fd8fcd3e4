//! The secretariat's check of submitted reviews: given back, or released.

use ::review::{REVIEW, ReviewEvent, ReviewState};
use access::Action;
use kernel::{Code, Fault, Faults, Finding};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::StoreError;
use store::call as calls;
use store::review::facts;
use store::review::review::{self as rows, ReviewRow};
use store::view::review::Sight;
use store::view::review::review::{Relation, ReviewView, Surroundings};
use utoipa::ToSchema;
use uuid::Uuid;

use super::review::{again, in_hand, lock, shown, takes_part, writable};
use super::window::open_when_complete;
use super::{call_words, day, evaluation, given, stage_words};
use crate::call::Reason;
use crate::{Answer, Context, Problem, Service, Tx};

/// How a review is released.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseInput {
    /// Whether it is released although something was found in it.
    #[serde(default)]
    pub despite_findings: bool,
}

/// How something is adopted or approved whose texts applicants will read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DespiteFindings {
    /// Whether it is done although something was found in the texts, as the name of somebody of the panel.
    #[serde(default)]
    pub despite_findings: bool,
}

/// Which reviews are released, and how.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseReviews {
    /// Which; left out: all.
    #[serde(default)]
    pub reviews: Option<Vec<ToRelease>>,
    /// Whether they are released although something was found in them.
    #[serde(default)]
    pub despite_findings: bool,
}

/// A review that is released with others.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ToRelease {
    /// The review.
    pub review: Uuid,
    /// The version that was read; left out: whichever there is.
    #[serde(default)]
    pub version: Option<i32>,
}

/// What was released.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Released {
    /// The reviews.
    pub reviews: Vec<Uuid>,
}

/// Gives a submitted review back to its author, with what to mend; one that was released by mistake, as long as nobody who
/// reads released reviews was told of it.
pub async fn return_review(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Reason,
) -> Result<Answer<ReviewView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let seen = rows::find(tx.conn(), id).await?;
        // Nobody releases the last one, hands in or begins to talk while it is looked at who was told of this one.
        calls::lock_stage(tx.conn(), seen.stage_id).await?;
        let opened = lock(tx, id).await?;
        let permit = tx.permit(Action::ReturnReview, &opened.object).await?;
        let current = shown(tx, &opened).await?;
        tx.precondition(&current)?;
        writable(&opened)?;
        let before = opened.row.state()?;
        let state = REVIEW.apply(before, ReviewEvent::Return)?;
        let released = before == ReviewState::Released;
        if released {
            super::recall::untold(tx, &opened).await?;
        }
        let reason = given(&input.reason)?;
        rows::set_state(tx.conn(), &permit, &opened.row, state, Some(reason)).await?;
        let detail = json!({ "state": state, "was_released": released });
        tx.audit(&permit, Some(opened.row.version + 1), Some(reason), detail)
            .await?;
        let proposal = store::intake::find(tx.conn(), opened.row.proposal_id).await?;
        let due = day(rows::due_at(tx.conn(), id).await?);
        let public_url = tx.service.settings().public_url.clone();
        let letter = json!({
            "name": opened.expert.name, "call": call_words(&opened.call),
            "stage": stage_words(&opened.stage), "proposal": proposal.number, "due": due,
            "link": format!("{public_url}/me/reviews"),
        });
        let call = opened.call.clone();
        tx.mail(Some(&call), &opened.expert.email, "review_returned", letter)
            .await?;
        again(tx, id).await
    };
    service.write(context, work).await
}

/// Refuses to go on where something was found, unless somebody has looked at it.
pub(super) fn refuse(found: Vec<Finding>, accepted: bool) -> Result<(), Problem> {
    if found.is_empty() || accepted {
        return Ok(());
    }
    Err(Problem {
        errors: found.into_iter().map(Fault::from).collect(),
        ..Problem::new(
            Code::StateConflict,
            "Look at what was found; to go on all the same, send despite_findings: true.",
        )
    })
}

/// Where something was found, and which rule found it: what the audit trail keeps, without any text.
pub(super) fn places(found: &[Finding]) -> Vec<String> {
    let places = found.iter();
    places
        .map(|one| format!("{} {}", one.pointer, one.code))
        .collect()
}

/// What is found in reviews, below the id of each.
fn look_over(
    around: &Surroundings,
    sight: &Sight,
    chosen: &[ReviewRow],
) -> Result<Vec<Finding>, StoreError> {
    let mut found = Vec::new();
    for row in chosen {
        let view = around.review(row, sight, Relation::None)?;
        let inside = view.and_then(|view| view.inside);
        let own = inside.into_iter().flat_map(|one| one.findings);
        found.extend(own.map(|one| one.below(&format!("/reviews/{}", row.id))));
    }
    Ok(found)
}

/// Releases a submitted review; the last one of a stage opens the window to reply, where the rules have one.
pub async fn release_review(
    service: &Service,
    context: Context,
    id: Uuid,
    input: ReleaseInput,
) -> Result<Answer<ReviewView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let seen = rows::find(tx.conn(), id).await?;
        // Of the last two, released at once, one opens the window to reply.
        let stage = calls::lock_stage(tx.conn(), seen.stage_id).await?;
        let opened = lock(tx, id).await?;
        let permit = tx.permit(Action::ReleaseReview, &opened.object).await?;
        let current = shown(tx, &opened).await?;
        tx.precondition(&current)?;
        // Once the list is adopted neither panel nor report would know of it.
        writable(&opened)?;
        takes_part(tx, &opened).await?;
        let state = REVIEW.apply(opened.row.state()?, ReviewEvent::Release)?;
        let found = current.inside.map(|one| one.findings).unwrap_or_default();
        let despite = places(&found);
        refuse(found, input.despite_findings)?;
        rows::release_one(tx.conn(), &permit, &opened.row).await?;
        let window = open_when_complete(tx, &permit, &stage).await?;
        let detail = json!({ "state": state, "rebuttal": window, "despite": despite });
        tx.audit(&permit, Some(opened.row.version + 1), None, detail)
            .await?;
        again(tx, id).await
    };
    service.write(context, work).await
}

/// The ids of the reviews that are named, each submitted and as it was read.
fn chosen_of(submitted: &[&ReviewRow], named: &[ToRelease]) -> Result<Vec<Uuid>, Problem> {
    let (mut faults, mut changed) = (Faults::default(), Faults::default());
    let mut ids: Vec<Uuid> = Vec::new();
    for (index, one) in named.iter().enumerate() {
        let row = submitted.iter().find(|row| row.id == one.review);
        faults.require(
            row.is_some() && !ids.contains(&one.review),
            format!("/reviews/{index}/review"),
            "not_submitted",
            "no submitted review of the stage has this id, or it is named twice",
        );
        let read = one.version.zip(row);
        changed.require(
            read.is_none_or(|(version, row)| version == row.version),
            format!("/reviews/{index}/version"),
            "stale",
            "the review was changed since; read it again, and release it then",
        );
        ids.push(one.review);
    }
    let ids = faults.or(ids)?;
    if changed.is_empty() {
        return Ok(ids);
    }
    Err(Problem {
        errors: changed.0,
        ..Problem::new(
            Code::StaleVersion,
            "Some of the reviews were given back or handed in again meanwhile; read them again, and release them then.",
        )
    })
}

/// Releases submitted reviews of a stage: those named, or all but those on proposals that the person
/// must not know about. Once none is left, the window to reply opens, where the rules have one: with nothing to
/// release any more too, as when the last review was declined.
pub async fn release_reviews(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
    input: ReleaseReviews,
) -> Result<Answer<Released>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let stage = calls::lock_stage(tx.conn(), stage.id).await?;
        let permit = tx.permit(Action::ReleaseReview, &stage.object()).await?;
        let anew = in_hand(tx, &stage).await?;
        let sight = super::sight_at(tx, &stage.object(), stage.number).await?;
        let submitted = rows::lock_submitted(tx.conn(), stage.id).await?;
        let taking_part = facts::taking_part(tx.conn(), stage.id).await?;
        let open = |row: &&ReviewRow| {
            sight.open(row.proposal_id)
                && taking_part.contains(&row.proposal_id)
                && anew
                    .as_ref()
                    .is_none_or(|anew| anew.contains(&row.proposal_id))
        };
        let submitted: Vec<&ReviewRow> = submitted.iter().filter(open).collect();
        let ids: Vec<Uuid> = match input.reviews {
            None => submitted.iter().map(|row| row.id).collect(),
            Some(named) => chosen_of(&submitted, &named)?,
        };
        let rules = evaluation(&calls::find(tx.conn(), call).await?, number)?;
        let around = Surroundings::of(tx.conn(), &stage, None).await?;
        let around = around
            .checking(tx.conn(), (&stage, None), &sight, rules)
            .await?;
        let mut chosen: Vec<ReviewRow> = submitted.into_iter().cloned().collect();
        chosen.retain(|row| ids.contains(&row.id));
        // Hundreds of texts and of names take a second of a processor, not of the database's thread.
        let look = move || look_over(&around, &sight, &chosen);
        let found = tokio::task::spawn_blocking(look);
        let found = found.await.map_err(Problem::internal)??;
        let despite = places(&found);
        refuse(found, input.despite_findings)?;
        rows::release(tx.conn(), &permit, stage.id, &ids).await?;
        let window = open_when_complete(tx, &permit, &stage).await?;
        let detail = json!({ "reviews": ids, "rebuttal": window, "despite": despite });
        tx.audit(&permit, None, None, detail).await?;
        Ok(Released { reviews: ids })
    };
    service.write(context, work).await
}
