//! Conflicts of interest: detecting, noting, judging.

use std::collections::BTreeSet;

use ::review::{Certainty, ConflictKind, ReviewState};
use access::{Action, Object};
use kernel::{Code, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::outcome;
use store::review::conflict::{self as rows, ConflictRow};
use store::review::{expert as experts, facts};
use store::view::review::conflict::{self as view, ConflictView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{detection, given, rapporteur, walls};
use crate::{Answer, Context, Problem, Service, Tx};

/// A conflict that the secretariat learnt of.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConflictInput {
    /// The expert.
    pub expert: Uuid,
    /// The proposal.
    pub proposal: Uuid,
    /// What it rests on.
    pub reason: String,
    /// Of which kind; left out: the expert told the secretariat.
    #[serde(default = "told")]
    pub kind: ConflictKind,
}

fn told() -> ConflictKind {
    ConflictKind::Declared
}

/// Whether a conflict stands, and why.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Whether it keeps the person from the proposal.
    pub stands: bool,
    /// Why.
    pub reason: String,
    /// The version that was read; left out: whichever there is.
    #[serde(default)]
    pub version: Option<i32>,
}

/// Verdicts on many conflicts, at most 500 at once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verdicts {
    /// The verdicts.
    pub verdicts: Vec<VerdictOn>,
}

/// A verdict on one conflict.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictOn {
    /// The conflict.
    pub conflict: Uuid,
    /// Whether it keeps the expert from the proposal.
    pub stands: bool,
    /// Why.
    pub reason: String,
    /// The version that was read; left out: whichever there is.
    #[serde(default)]
    pub version: Option<i32>,
}

/// Conflicts of interest.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Conflicts {
    /// In the order in which they were found.
    pub items: Vec<ConflictView>,
}

const MOST_AT_ONCE: usize = 500;

/// Why a verdict against a certain conflict is refused.
const CERTAIN: &str = "the conflict is certain and stands whatever anybody decides, only possible ones are judged; \
                       choose another expert for the proposal";

/// Looks for conflicts between all experts who accepted and all proposals of a stage, and for those of secretariat,
/// committee, funders, and whoever sits on the panel by a role alone. What is on file is not found again, so that a verdict stays.
pub async fn detect_conflicts(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<Conflicts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let object = stage.object();
        let permit = tx.permit(Action::NoteConflict, &object).await?;
        detection::hold_stages(tx, call).await?;
        let accepted = detection::accepted(&experts::lock_of_call(tx.conn(), call).await?)?;
        let candidates = facts::candidates(tx.conn(), stage.id).await?;
        let new = detection::look(tx, &stage, &accepted, &candidates, &candidates).await?;
        detection::put_on_file(tx, &permit, &new).await?;
        let walled = walls::put_up(tx, &permit, &candidates).await?;
        let standing = new.iter().filter(|row| row.standing).count();
        // The others follow a verdict on the same fact that they do not stand.
        let waiting = new.iter().filter(|row| row.waits()).count();
        let detail = json!({ "standing": standing, "waiting": waiting, "walled": walled });
        tx.audit(&permit, None, None, detail).await?;
        list(tx, &object).await
    };
    service.write(context, work).await
}

async fn list(tx: &mut Tx, object: &Object) -> Result<Conflicts, Problem> {
    let sight = super::sight(tx, object).await?;
    let call = object.call.unwrap_or_default();
    Ok(Conflicts {
        items: view::conflicts(tx.conn(), call, &sight).await?,
    })
}

/// All conflicts of a call.
pub async fn read_conflicts(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Conflicts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        tx.permit(Action::ReadConflicts, &call.object()).await?;
        list(tx, &call.object()).await
    };
    service.read(context, work).await
}

/// Notes a conflict that stands from now on.
pub async fn note_conflict(
    service: &Service,
    context: Context,
    id: Uuid,
    input: ConflictInput,
) -> Result<Answer<ConflictView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let actor = tx.context.actor.account();
        let object = Object {
            conflicted: outcome::conflicted(tx.conn(), actor, input.proposal).await?,
            ..call.object()
        };
        let permit = tx.permit(Action::NoteConflict, &object).await?;
        let mut faults = Faults::default();
        detection::hold_stages(tx, id).await?;
        let expert = match experts::lock(tx.conn(), input.expert).await {
            Ok(row) if row.call_id == id => Some(row),
            Ok(_) | Err(store::StoreError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        let numbers = facts::numbers(tx.conn(), id).await?;
        let number = numbers.get(&input.proposal);
        faults.require(
            expert.is_some(),
            "/expert",
            "unknown_expert",
            "the call has no such expert",
        );
        faults.require(
            number.is_some(),
            "/proposal",
            "unknown_proposal",
            "the call has no such proposal",
        );
        faults.require(
            !input.reason.trim().is_empty(),
            "/reason",
            "required",
            "say what it rests on",
        );
        faults.or(())?;
        let (Some(expert), Some(number)) = (expert, number) else {
            return Err(Problem::not_found());
        };
        let row = ConflictRow {
            id: kernel::id::new(),
            call_id: id,
            expert_id: input.expert,
            proposal_id: input.proposal,
            kind: input.kind.to_string(),
            about: String::new(),
            certain: input.kind.certainty() == Certainty::Certain,
            evidence: input.reason.trim().to_owned(),
            source: rows::NOTED.to_owned(),
            standing: true,
            judged_because: None,
            version: 1,
            taken_back_at: None,
            remembered_from: None,
        };
        let on_file = rows::of_expert(tx.conn(), expert.id).await?;
        let mut on_file = on_file.iter().filter(|old| !old.is_taken_back());
        if on_file.any(|old| {
            let same = (old.proposal_id, &old.kind, &old.about);
            same == (row.proposal_id, &row.kind, &row.about)
        }) {
            return Err(Problem::new(
                kernel::Code::AlreadyExists,
                "A conflict of this kind is noted for the two already; withdraw that one if it is wrong (POST \
                 /conflicts/{conflict}/withdraw).",
            ));
        }
        let ended = detection::put_on_file(tx, &permit, std::slice::from_ref(&row)).await?;
        let detail = json!({ "conflict": row.id, "kind": input.kind, "reviews_ended": ended });
        tx.audit(&permit, None, Some(&row.evidence), detail).await?;
        Ok(view::conflict(&row, &expert.name, number)?)
    };
    service.write(context, work).await
}

/// Decides whether a conflict stands.
pub async fn judge_conflict(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Verdict,
) -> Result<Answer<ConflictView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let conflict = rows::find(tx.conn(), id).await?;
        let verdict = VerdictOn {
            conflict: id,
            stands: input.stands,
            reason: input.reason,
            version: input.version,
        };
        detection::hold_stages(tx, conflict.call_id).await?;
        judge(tx, &conflict, &verdict).await?;
        let row = rows::find(tx.conn(), id).await?;
        let expert = experts::find(tx.conn(), row.expert_id).await?;
        let proposal = store::intake::find(tx.conn(), row.proposal_id).await?;
        Ok(view::conflict(&row, &expert.name, &proposal.number)?)
    };
    service.write(context, work).await
}

/// Decides on many conflicts of a call at once: all, or none when one is wrong.
pub async fn judge_conflicts(
    service: &Service,
    context: Context,
    call: Uuid,
    input: Verdicts,
) -> Result<Answer<Conflicts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        tx.permit(Action::JudgeConflict, &call.object()).await?;
        let sight = super::sight(tx, &call.object()).await?;
        let on_file = rows::of_call(tx.conn(), call.id).await?;
        let known = |id| {
            let row = on_file.iter().find(|row| row.id == id);
            row.filter(|row| sight.open(row.proposal_id))
        };
        let mut faults = Faults::default();
        faults.require(
            (1..=MOST_AT_ONCE).contains(&input.verdicts.len()),
            "/verdicts",
            "count",
            format!("give 1 to {MOST_AT_ONCE} verdicts at once"),
        );
        let mut seen = BTreeSet::new();
        for (index, verdict) in input.verdicts.iter().enumerate() {
            faults.require(
                known(verdict.conflict).is_some() && seen.insert(verdict.conflict),
                format!("/verdicts/{index}/conflict"),
                "unknown_conflict",
                "the call has no such conflict, or it is named twice",
            );
            faults.require(
                !verdict.reason.trim().is_empty(),
                format!("/verdicts/{index}/reason"),
                "required",
                "say why",
            );
            faults.require(
                known(verdict.conflict).is_none_or(|row| !row.certain),
                format!("/verdicts/{index}/stands"),
                "certain",
                CERTAIN,
            );
        }
        faults.or(())?;
        detection::hold_stages(tx, call.id).await?;
        // Experts are locked in one order by everybody, so that nobody waits in a circle.
        experts::lock_of_call(tx.conn(), call.id).await?;
        let upheld = input.verdicts.iter().filter(|verdict| verdict.stands);
        let upheld = upheld.filter_map(|verdict| known(verdict.conflict));
        let pairs = upheld.map(|row| (row.expert_id, row.proposal_id)).collect();
        let held = detection::hold(tx, &pairs).await?;
        let mut to_come = BTreeSet::new();
        for row in &held {
            let state = row.state()?;
            if state.holds_a_place() && state != ReviewState::Released {
                to_come.insert((row.expert_id, row.proposal_id));
            }
        }
        let verdicts = input.verdicts.iter();
        let mut verdicts: Vec<(&ConflictRow, &VerdictOn)> = verdicts
            .filter_map(|verdict| Some((known(verdict.conflict)?, verdict)))
            .collect();
        // What is to come ends last: until then the applicants have not read what is released.
        verdicts.sort_by_key(|(row, _)| to_come.contains(&(row.expert_id, row.proposal_id)));
        for (row, verdict) in verdicts {
            judge(tx, row, verdict).await?;
        }
        list(tx, &call.object()).await
    };
    service.write(context, work).await
}

/// Decides on one. The caller has held the stages.
async fn judge(tx: &mut Tx, conflict: &ConflictRow, verdict: &VerdictOn) -> Result<(), Problem> {
    experts::lock(tx.conn(), conflict.expert_id).await?;
    let row = rows::lock(tx.conn(), conflict.id).await?;
    let actor = tx.context.actor.account();
    let object = Object {
        conflicted: outcome::conflicted(tx.conn(), actor, row.proposal_id).await?,
        ..Object::of_call("conflict", row.id, row.call_id)
    };
    let permit = tx.permit(Action::JudgeConflict, &object).await?;
    if verdict.version.is_some_and(|read| read != row.version) {
        return Err(Problem::new(
            Code::StaleVersion,
            "Somebody judged the conflict meanwhile; read it again, and judge it then.",
        ));
    }
    if row.is_taken_back() {
        return Err(Problem::state(
            "The conflict was taken back; there is nothing to judge. Note a conflict that you know of (POST \
             /calls/{call}/conflicts).",
        ));
    }
    let reason = given(&verdict.reason)?;
    if row.certain {
        return Err(Problem::invalid("/stands", "certain", CERTAIN));
    }
    let pair = BTreeSet::from([(row.expert_id, row.proposal_id)]);
    let presented = rapporteur::presented(tx, &pair).await?;
    rows::judge(tx.conn(), &permit, &row, verdict.stands, reason).await?;
    rapporteur::tell_since(tx, row.call_id, &pair, &presented).await?;
    if verdict.stands {
        detection::take_effect(tx, &permit, &pair).await?;
    }
    // Only now, with the reviews locked: else one that is being handed in would be on record after the verdict.
    let detail = json!({ "stands": verdict.stands });
    tx.audit(&permit, Some(row.version + 1), Some(reason), detail)
        .await?;
    Ok(())
}
