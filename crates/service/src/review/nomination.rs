//! Nominating experts, one by one or from a table.

mod check;

use std::collections::BTreeMap;

use ::review::{Affiliation, EXPERT, ExpertRole, Gender, RosterLine, roster};
use access::{Action, Permit, Worn};
use call::{CALL, CallEvent};
pub(super) use check::{Around, check_places_and_languages, folded};
use check::{check, choosable};
use kernel::Country;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow};
use store::review::expert::{self as rows, ExpertRow};
use utoipa::ToSchema;
use uuid::Uuid;

use super::expert::{Experts, list};
use super::table;
use crate::call::SentFile;
use crate::{Answer, Context, Problem, Service, Tx};

/// Experts to be nominated, at most 500 at once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nominations {
    /// The experts.
    pub experts: Vec<Nomination>,
}

/// Somebody put forward as an expert.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nomination {
    /// E-mail address; the invitation goes there.
    #[schema(example = "a.expert@university.example")]
    pub email: String,
    /// Full name.
    pub name: String,
    /// Where the expert works.
    pub organisation: String,
    /// Institute or department there; empty where it is not known.
    #[serde(default)]
    pub department: String,
    /// ROR id of the organisation.
    #[serde(default)]
    pub ror: Option<String>,
    /// ORCID iD.
    #[serde(default)]
    pub orcid: Option<String>,
    /// Country of the organisation.
    #[serde(default)]
    pub country: Option<Country>,
    /// Other places of work and former ones, with their days; those that are over make no conflict of interest.
    #[serde(default)]
    pub affiliations: Vec<Affiliation>,
    /// As the expert gives it, for the balance of the panel and for nothing else.
    #[serde(default)]
    pub gender: Option<Gender>,
    /// Languages by their two letters of ISO 639-1, in small letters.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Fields of expertise; proposals are assigned by them.
    pub keywords: Vec<String>,
    /// Modules of the call, by their keys; areas are spelt out as their modules.
    #[serde(default)]
    pub modules: Vec<String>,
    /// What the expert works on, in a few sentences.
    #[serde(default)]
    pub statement: String,
    /// What the expert shall do.
    pub role: ExpertRole,
    /// The most proposals at one stage, 0 to 100.
    #[schema(example = 8)]
    pub max_load: i32,
    /// Another most at single stages, by the number of the stage; where a stage is left out `max_load` holds.
    #[serde(default)]
    #[schema(example = json!({"2": 4}))]
    pub stage_loads: BTreeMap<String, i32>,
}

impl From<RosterLine> for Nomination {
    fn from(line: RosterLine) -> Self {
        Self {
            email: line.person.email,
            name: line.person.name,
            organisation: line.organisation.name,
            department: line.organisation.department,
            ror: line.organisation.ror,
            orcid: line.person.orcid,
            country: line.country,
            affiliations: line.affiliations,
            gender: line.gender,
            languages: line.languages,
            keywords: line.keywords,
            modules: line.modules,
            statement: line.statement,
            role: line.role,
            max_load: line.max_load,
            stage_loads: line.stage_loads,
        }
    }
}

const MOST_AT_ONCE: usize = 500;

/// Nominates experts. Nobody who applies in the call can be one.
pub async fn nominate_expert(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Nominations,
) -> Result<Answer<Experts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = held(tx, id).await?;
        let permit = begin(tx, &call).await?;
        let at = |index: usize, field: &str| format!("/experts/{index}/{field}");
        check(tx, &call, &input.experts, "/experts", &at).await?;
        nominate(tx, &permit, &call, input.experts, None).await
    };
    service.write(context, work).await
}

/// Nominates the experts of a CSV table, all or none; faults name their lines.
pub async fn import_experts(
    service: &Service,
    context: Context,
    id: Uuid,
    file: SentFile,
) -> Result<Answer<Experts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = held(tx, id).await?;
        let permit = begin(tx, &call).await?;
        let text = table::text(&file)?;
        let rules = call.rules()?;
        let lines = roster::parse_roster(text, &choosable(&rules.modules))?;
        let numbers: Vec<u64> = lines.iter().map(|line| line.line).collect();
        let experts: Vec<Nomination> = lines.into_iter().map(Nomination::from).collect();
        let at = |index: usize, field: &str| {
            let line = numbers.get(index).copied().unwrap_or_default();
            // A table has a column for each stage.
            let column = field.replace("stage_loads/", "max_load_stage_");
            format!("/lines/{line}/{column}")
        };
        check(tx, &call, &experts, "/lines", &at).await?;
        nominate(tx, &permit, &call, experts, Some(table::sha256(&file))).await
    };
    service.write(context, work).await
}

/// The call, kept as it is: what the experts are checked by is not rewritten before they are on file, and who rewrites the
/// draft afterwards finds them there.
async fn held(tx: &mut Tx, id: Uuid) -> Result<CallRow, Problem> {
    Ok(calls::hold(tx.conn(), id).await?)
}

async fn begin(tx: &mut Tx, call: &CallRow) -> Result<Permit, Problem> {
    let permit = tx.permit(Action::NominateExpert, &call.object()).await?;
    CALL.apply(call.state()?, CallEvent::Amend)?;
    Ok(permit)
}

async fn nominate(
    tx: &mut Tx,
    permit: &Permit,
    call: &CallRow,
    experts: Vec<Nomination>,
    table: Option<String>,
) -> Result<Experts, Problem> {
    let funder = match permit.worn() {
        Worn::CscRepresentative => nominating_funder(tx, call.id).await?,
        _ => None,
    };
    let nominated = experts.into_iter().map(|one| row(call.id, funder, one));
    let nominated = nominated.collect::<Result<Vec<ExpertRow>, Problem>>()?;
    rows::insert(tx.conn(), permit, &nominated).await?;
    let ids: Vec<Uuid> = nominated.iter().map(|row| row.id).collect();
    let detail = match table {
        Some(sha256) => json!({ "experts": ids, "table_sha256": sha256 }),
        None => json!({ "experts": ids }),
    };
    tx.audit(permit, None, None, detail).await?;
    list(tx, call).await
}

/// The participation of the funder that the nominating representative speaks for.
async fn nominating_funder(tx: &mut Tx, call: Uuid) -> Result<Option<Uuid>, Problem> {
    let access::Actor::Person(person) = tx.context.actor.clone() else {
        return Ok(None);
    };
    let participations = calls::participations(tx.conn(), call).await?;
    Ok(participations
        .into_iter()
        .find(|row| {
            person.grants.iter().any(|grant| {
                grant.role == access::Role::CscRepresentative
                    && grant.call == Some(call)
                    && grant.organisation == Some(row.organisation_id)
            })
        })
        .map(|row| row.id))
}

/// The row of one who was just put forward.
pub(super) fn row(call: Uuid, funder: Option<Uuid>, one: Nomination) -> Result<ExpertRow, Problem> {
    Ok(ExpertRow {
        id: kernel::id::new(),
        call_id: call,
        account_id: None,
        email: one.email.trim().to_owned(),
        name: one.name.trim().to_owned(),
        organisation: one.organisation.trim().to_owned(),
        department: one.department.trim().to_owned(),
        ror: one.ror,
        orcid: one.orcid,
        country: one.country.map(|country| country.to_string()),
        gender: one.gender.map(|gender| gender.to_string()),
        languages: one.languages,
        keywords: one.keywords,
        modules: one.modules,
        statement: one.statement.trim().to_owned(),
        affiliations: serde_json::to_value(one.affiliations).map_err(Problem::internal)?,
        state: EXPERT.start.to_string(),
        role: one.role.to_string(),
        max_load: one.max_load,
        stage_loads: serde_json::to_value(one.stage_loads).map_err(Problem::internal)?,
        nominated_by: funder,
        declined_because: None,
        declared_at: None,
        declared_stages: Vec::new(),
        version: 1,
    })
}
