//! Scenarios: what the call would select with other commitments, another gap share, or without some proposals.

use access::{Action, Object};
use commitment::{ENGINE, Overrides, Visibility, compare};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::agenda::organisation_id;
use store::call as calls;
use store::commitment::balance::{self as money, Funder};
use store::commitment::scenario::{self as rows, NewScenario, ScenarioRow};
use store::view::commitment::{self as view, ScenarioComparison, ScenarioView, Scenarios};
use utoipa::ToSchema;
use uuid::Uuid;

use super::holding::seen_whole;
use super::last_stage;
use super::selection::{fingerprint, input_of, keep_decided};
use super::ties::selected_by;
use crate::{Answer, Context, Problem, Service, Tx};

/// The longest name of a scenario, in characters.
const LONGEST_NAME: usize = 200;

/// A scenario to be made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioInput {
    /// What it is called.
    pub name: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// Key of the funder that it is made for; left out by the secretariat.
    #[serde(default)]
    pub organisation: Option<String>,
    /// What it changes.
    #[serde(default)]
    pub overrides: Overrides,
}

type Named = (ScenarioRow, Option<String>);

/// Makes a scenario of the call as it stands now, and keeps what it was computed from.
pub async fn make_scenario(
    service: &Service,
    context: Context,
    call: Uuid,
    input: ScenarioInput,
) -> Result<Answer<ScenarioView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let permit = {
            let object = Object::of_call("scenario", call, call);
            tx.permit(Action::MakeScenario, &object).await?
        };
        let row = calls::find(tx.conn(), call).await?;
        let stage = last_stage(tx, call).await?;
        let funders = money::funders(tx.conn(), call).await?;
        let mut basis = input_of(tx, &stage, &row.rules()?, &funders).await?;
        keep_decided(tx, call, &mut basis).await?;
        let organisation = match &input.organisation {
            Some(key) => organisation_id(tx.conn(), key).await?,
            None => None,
        };
        let mut faults = check(tx, call, &input, organisation, &funders);
        let applied = match input.overrides.apply(&basis) {
            Ok(applied) => Some(applied),
            Err(found) => {
                for fault in found.0 {
                    let place = format!("/overrides{}", fault.pointer);
                    faults.add(place, &fault.code, fault.detail);
                }
                None
            }
        };
        let applied = faults.or(applied)?.unwrap_or(basis);
        let (applied, result) = selected_by(tx, &stage, &row.rules()?, applied)
            .await
            .map_err(not_payable)?;
        // Who makes a scenario reads the whole of it.
        let object = Object::of_call("scenario", call, call);
        let object = seen_whole(tx, object, &applied).await?;
        tx.permit(Action::ReadScenario, &object).await?;
        let new = NewScenario {
            id: kernel::id::new(),
            organisation,
            visibility: input.visibility,
            name: input.name.trim().to_owned(),
            overrides: store::text::json(&input.overrides)?,
            engine: ENGINE.to_owned(),
            input: store::text::json(&applied)?,
            result: store::text::json(&result)?,
        };
        rows::insert(tx.conn(), &permit, call, &new).await?;
        // Of what is not shared the trail says that it was made, and nothing of it.
        let detail = match input.visibility {
            Visibility::Shared => json!({
                "scenario": new.id, "name": new.name,
                "sha256": fingerprint(&applied, &result).map_err(Problem::internal)?,
            }),
            Visibility::Private | Visibility::Secretariat => json!({}),
        };
        tx.audit(&permit, None, None, detail).await?;
        let made = rows::find(tx.conn(), new.id).await?;
        Ok(view::scenario(&made)?)
    };
    service.write(context, work).await
}

/// The engine's place of what was decided is no field of a scenario: it is its commitments that do not reach.
fn not_payable(mut problem: Problem) -> Problem {
    for fault in problem
        .errors
        .iter_mut()
        .filter(|one| one.pointer == "/kept")
    {
        "/overrides".clone_into(&mut fault.pointer);
    }
    problem
}

/// What is wrong with a scenario besides its overrides.
fn check(
    tx: &Tx,
    call: Uuid,
    input: &ScenarioInput,
    organisation: Option<Uuid>,
    funders: &[Funder],
) -> Faults {
    let mut faults = Faults::default();
    let length = input.name.trim().chars().count();
    faults.require(
        (1..=LONGEST_NAME).contains(&length),
        "/name",
        "length",
        format!("{length} characters; give 1 to {LONGEST_NAME}"),
    );
    let speaks_for = |visibility, organisation| {
        let object = rows::object(visibility, organisation, call, call);
        access::sees(&tx.context.actor, &object)
    };
    match (&input.organisation, input.visibility) {
        (Some(_), Visibility::Secretariat) => faults.add(
            "/organisation",
            "not_the_secretariat",
            "what the secretariat keeps for itself is no funder's; leave the organisation out",
        ),
        (Some(key), _) => {
            let known = funders.iter().any(|one| one.key == *key);
            let own = organisation.is_some() && speaks_for(Visibility::Private, organisation);
            faults.require(
                known && own,
                "/organisation",
                "not_spoken_for",
                format!(
                    "you do not speak for '{key}' as a funder of the call; name one you speak for"
                ),
            );
        }
        (None, visibility) => {
            let office = speaks_for(Visibility::Secretariat, None);
            faults.require(
                office && visibility != Visibility::Private,
                "/organisation",
                "required",
                "name the funder that the scenario is made for; the secretariat's are its own or shared",
            );
        }
    }
    faults
}

/// Whether the actor may read a scenario; to all others it does not exist.
pub(super) async fn readable(tx: &mut Tx, row: &ScenarioRow) -> Result<(), Problem> {
    let object = row.object()?;
    if !access::sees(&tx.context.actor, &object) {
        return Err(Problem::not_found());
    }
    let object = seen_whole(tx, object, &row.input()?).await?;
    tx.permit(Action::ReadScenario, &object).await?;
    Ok(())
}

async fn found(tx: &mut Tx, id: Uuid) -> Result<Named, Problem> {
    let named = rows::find(tx.conn(), id).await?;
    readable(tx, &named.0).await?;
    Ok(named)
}

/// The scenarios of a call that one may see.
pub async fn list_scenarios(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<Scenarios>, Problem> {
    let work = async move |tx: &mut Tx| {
        let object = Object::of_call("scenario", call, call);
        tx.permit(Action::ReadScenario, &object).await?;
        let mut items = Vec::new();
        for named in rows::all(tx.conn(), call).await? {
            if access::sees(&tx.context.actor, &named.0.object()?) {
                items.push(view::scenario_summary(&named)?);
            }
        }
        Ok(Scenarios { items })
    };
    service.read(context, work).await
}

/// One scenario.
pub async fn read_scenario(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<ScenarioView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let named = found(tx, id).await?;
        Ok(view::scenario(&named)?)
    };
    service.read(context, work).await
}

/// Two scenarios of a call side by side.
pub async fn compare_scenarios(
    service: &Service,
    context: Context,
    call: Uuid,
    (a, b): (Option<Uuid>, Option<Uuid>),
) -> Result<Answer<ScenarioComparison>, Problem> {
    let work = async move |tx: &mut Tx| {
        let object = Object::of_call("scenario", call, call);
        tx.permit(Action::ReadScenario, &object).await?;
        let mut faults = Faults::default();
        for (name, given) in [("/a", a), ("/b", b)] {
            let detail = "name two scenarios of the call, in a and b";
            faults.require(given.is_some(), name, "required", detail);
        }
        faults.or(())?;
        let a = found(tx, a.unwrap_or_default()).await?;
        let b = found(tx, b.unwrap_or_default()).await?;
        if a.0.call_id != call || b.0.call_id != call {
            return Err(Problem::not_found());
        }
        Ok(ScenarioComparison {
            comparison: compare(&a.0.result()?, &b.0.result()?),
            a: view::scenario_summary(&a)?,
            b: view::scenario_summary(&b)?,
        })
    };
    service.read(context, work).await
}

/// Takes back a scenario that one made.
pub async fn drop_scenario(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<ScenarioView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let named = found(tx, id).await?;
        let object = named.0.object()?;
        let permit = tx.permit(Action::DropScenario, &object).await?;
        let current = view::scenario(&named)?;
        tx.precondition(&current)?;
        if rows::was_proposed(tx.conn(), id).await? {
            return Err(Problem::state(
                "A selection was proposed of it, so it stays on file.",
            ));
        }
        rows::remove(tx.conn(), &permit, id).await?;
        tx.audit(&permit, None, None, json!({})).await?;
        Ok(current)
    };
    service.write(context, work).await
}
