//! Calling up a substitute: one deed gives the place of an expert who drops out, or has a conflict of interest, to somebody
//! who stood by for it.

use ::review::{ExpertState, Loads, Standby, check_call_up, left_with};
use access::{Action, Permit};
use call::StageState;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow, StageRow};
use store::outcome;
use store::review::conflict as conflicts;
use store::review::expert::{self as experts, ExpertRow};
use store::review::rapporteur as rapporteurs;
use store::view::review::expert::{self as view, ExpertView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::invitation::seat;
use super::reassign::{self, Left, Reassigned, held, laid, pass_on};
use super::{call_words, given};
use crate::{Answer, Context, Problem, Service, Tx};

/// Who takes the place of an expert, and why.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallUp {
    /// The substitute, by the id as an expert of the call.
    pub substitute: Uuid,
    /// Why.
    pub reason: String,
    /// Whether the reviews that are not handed in are passed on too: to the substitute as far as nothing speaks against
    /// it, all others as when an expert is replaced.
    #[serde(default)]
    pub reviews: bool,
    /// Whether a review for which nobody is to be had is left open; else nothing is changed, and the answer says who is
    /// short of whom.
    #[serde(default)]
    pub leave_open: bool,
}

/// What a substitute took over.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CalledUp {
    /// The expert whose place it was.
    pub leaving: ExpertView,
    /// Who has it now.
    pub substitute: ExpertView,
    /// The numbers of the proposals that the substitute presents to the panel instead.
    pub presents: Vec<String>,
    /// The numbers of those that the substitute has, or may have, a conflict of interest with: name somebody else to
    /// present them.
    pub unpresented: Vec<String>,
    /// What became of the reviews, where they were passed on.
    pub reviews: Option<Reassigned>,
}

/// A proposal that the expert who leaves presents, and whether the substitute does from now on.
struct Passed {
    proposal: Uuid,
    number: String,
    taken: bool,
}

/// Calls up a substitute to the place of an expert: the role with its seat on the panel, what the expert presents there,
/// and, if wished, the reviews. What the expert has handed in stays, and the expert gets nothing more.
pub async fn call_up_substitute(
    service: &Service,
    context: Context,
    id: Uuid,
    input: CallUp,
) -> Result<Answer<CalledUp>, Problem> {
    let work = async move |tx: &mut Tx| {
        let seen = experts::find(tx.conn(), id).await?;
        // Everybody locks stage, experts, reviews in this order, so that nobody waits in a circle.
        let stage = evaluated(tx, seen.call_id).await?;
        let all = experts::lock_of_call(tx.conn(), seen.call_id).await?;
        let permit = tx.permit(Action::CallUpSubstitute, &seen.object()).await?;
        let reason = given(&input.reason)?.to_owned();
        let call = calls::find(tx.conn(), seen.call_id).await?;
        let of = |id: Uuid| all.iter().find(|row| row.id == id);
        let leaving = of(id).ok_or_else(Problem::not_found)?;
        let at = stage.as_ref().map(|stage| stage.number);
        let substitute = checked(leaving, of(input.substitute), at)?;
        let reviews = match input.reviews {
            true => {
                let stage = stage.as_ref().ok_or_else(no_reviews)?;
                Some(pass_reviews(tx, (&call, stage), leaving, &input, &reason).await?)
            }
            false => None,
        };
        let passed = match &stage {
            Some(stage) => pass_rapporteurships(tx, &permit, stage, leaving, substitute).await?,
            None => Vec::new(),
        };
        let role = leaving.role()?;
        let loads = Loads::left(&held(tx, leaving).await?);
        let left = (left_with(role), &loads);
        experts::hand_over(tx.conn(), &permit, leaving, left, substitute).await?;
        if role.sits_on_panel() {
            let place = (leaving.id, leaving.account_id);
            let account = substitute.account_id;
            store::access::pass_panel_seat(tx.conn(), &permit, place, account, seat(role)).await?;
        }
        tell(tx, &call, leaving, substitute, &passed).await?;
        let presented: Vec<Uuid> = passed.iter().map(|one| one.proposal).collect();
        let detail = json!({
            "substitute": substitute.id, "role": role, "max_load": loads.max_load, "stage_loads": loads.stage_loads,
            "presented": presented,
        });
        tx.audit(&permit, Some(leaving.version + 1), Some(&reason), detail)
            .await?;
        answer(tx, (leaving.id, substitute.id), passed, reviews).await
    };
    service.write(context, work).await
}

/// The stage that is being evaluated, locked; none between the stages.
pub(super) async fn evaluated(tx: &mut Tx, call: Uuid) -> Result<Option<StageRow>, Problem> {
    use StageState::{Checking, Panel, Rebuttal, Reviewing};
    for stage in calls::stages(tx.conn(), call).await? {
        if matches!(stage.state()?, Checking | Reviewing | Rebuttal | Panel) {
            return Ok(Some(calls::lock_stage(tx.conn(), stage.id).await?));
        }
    }
    Ok(None)
}

fn no_reviews() -> Problem {
    Problem::state("No stage is being reviewed now, and so there are no reviews to pass on.")
}

/// The substitute, where the place may be given to this one, who has declared for the stage that is evaluated, if any.
fn checked<'a>(
    leaving: &ExpertRow,
    substitute: Option<&'a ExpertRow>,
    stage: Option<i32>,
) -> Result<&'a ExpertRow, Problem> {
    let standby = match substitute {
        Some(row) => Some(Standby {
            role: row.role()?,
            ready: match stage {
                Some(stage) => row.may_read(stage)?,
                None => row.may_read_any()?,
            },
        }),
        None => None,
    };
    check_call_up(leaving.role()?, standby).or(())?;
    substitute.ok_or_else(Problem::not_found)
}

/// Passes the reviews on, by the permit and with an entry of the audit trail of their own: as when an expert is replaced.
async fn pass_reviews(
    tx: &mut Tx,
    (call, stage): (&CallRow, &StageRow),
    leaving: &ExpertRow,
    input: &CallUp,
    reason: &str,
) -> Result<Reassigned, Problem> {
    reassign::under_review(stage)?;
    let permit = tx
        .permit(Action::ReplaceReviewer, &leaving.object())
        .await?;
    let table = laid(tx, &permit, stage).await?;
    let left = Left {
        leaving: leaving.id,
        to: Some(input.substitute),
        leave_open: input.leave_open,
    };
    let (answer, audited) = pass_on(tx, &permit, (call, stage), &table, left).await?;
    let detail = json!({ "reassigned": audited });
    tx.audit(&permit, None, Some(reason), detail).await?;
    Ok(answer)
}

/// What the expert presents goes to the substitute, in the same place among the rapporteurs; where the substitute has a
/// conflict of interest, or may have one that nobody has judged yet, to nobody.
async fn pass_rapporteurships(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
    leaving: &ExpertRow,
    substitute: &ExpertRow,
) -> Result<Vec<Passed>, Problem> {
    let presented = rapporteurs::of_expert(tx.conn(), stage.id, leaving.id).await?;
    if presented.is_empty() {
        return Ok(Vec::new());
    }
    let standings = outcome::standings(tx.conn(), stage.id).await?;
    let sits = leaving.role()?.sits_on_panel();
    let mut passed = Vec::new();
    for (row, present) in presented {
        let standing = standings.iter().find(|one| one.proposal_stage == row);
        let standing = standing.ok_or_else(|| Problem::internal("a rapporteur of no proposal"))?;
        let account = substitute.account_id;
        let wall = outcome::conflicted(tx.conn(), account, standing.proposal).await?;
        let doubt = conflicts::forbid(tx.conn(), substitute.id, standing.proposal).await?;
        let taken = sits && !wall && !doubt && account != Some(standing.coordinator);
        let new: Vec<Uuid> = present
            .into_iter()
            .filter_map(|one| match one == leaving.id {
                true => taken.then_some(substitute.id),
                false => Some(one),
            })
            .collect();
        let at = (standing.proposal, row);
        rapporteurs::name(tx.conn(), permit, at, &new).await?;
        passed.push(Passed {
            proposal: standing.proposal,
            number: standing.number.clone(),
            taken,
        });
    }
    Ok(passed)
}

/// Writes to both. Of reviews they hear apart, as whenever one is passed on.
async fn tell(
    tx: &mut Tx,
    call: &CallRow,
    leaving: &ExpertRow,
    substitute: &ExpertRow,
    passed: &[Passed],
) -> Result<(), Problem> {
    let link = format!("{}/me/experts", tx.service.settings().public_url);
    let panel = leaving.role()?.sits_on_panel();
    let taken = passed.iter().filter(|one| one.taken);
    let numbers: Vec<&str> = taken.map(|one| one.number.as_str()).collect();
    let letter = json!({
        "name": substitute.name, "call": call_words(call), "panel": panel, "proposals": numbers, "link": link,
    });
    let (to, template) = (&substitute.email, "substitute_called_up");
    tx.mail(Some(call), to, template, letter).await?;
    // Who was never asked, or declined, has nothing to be relieved of.
    let state = leaving.state()?;
    if matches!(state, ExpertState::Accepted | ExpertState::Contracted) {
        let letter = json!({
            "name": leaving.name, "call": call_words(call), "panel": panel, "link": link,
        });
        tx.mail(Some(call), &leaving.email, "expert_relieved", letter)
            .await?;
    }
    Ok(())
}

/// As the actor sees it: nothing of proposals that the actor has a conflict of interest with.
async fn answer(
    tx: &mut Tx,
    (leaving, substitute): (Uuid, Uuid),
    passed: Vec<Passed>,
    reviews: Option<Reassigned>,
) -> Result<CalledUp, Problem> {
    let leaving = experts::find(tx.conn(), leaving).await?;
    let substitute = experts::find(tx.conn(), substitute).await?;
    let sight = super::sight(tx, &leaving.object()).await?;
    let numbers = |taken: bool| {
        let passed = passed.iter().filter(|one| one.taken == taken);
        let open = passed.filter(|one| sight.open(one.proposal));
        open.map(|one| one.number.clone()).collect()
    };
    Ok(CalledUp {
        presents: numbers(true),
        unpresented: numbers(false),
        leaving: view::expert(&leaving, &sight)?,
        substitute: view::expert(&substitute, &sight)?,
        reviews,
    })
}
