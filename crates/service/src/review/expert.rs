//! Experts: nominating, approving, inviting.

use std::collections::BTreeSet;

use ::review::{EXPERT, ExpertEvent, ExpertRole, ExpertState};
use access::{Action, Worn};
use call::{CALL, CallEvent};
use chrono::TimeDelta;
use kernel::{Country, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow};
use store::review::expert::{self as rows, ExpertRow};
use store::review::facts;
use store::view::review::expert::{self as view, ExpertView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ChosenExperts, DAYS_TO_ANSWER, call_words, day};
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
    /// ROR id of the organisation.
    #[serde(default)]
    pub ror: Option<String>,
    /// ORCID iD.
    #[serde(default)]
    pub orcid: Option<String>,
    /// Country of the organisation.
    #[serde(default)]
    pub country: Option<Country>,
    /// Fields of expertise; proposals are assigned by them.
    pub keywords: Vec<String>,
    /// What the expert shall do.
    pub role: ExpertRole,
    /// The most proposals at one stage, 0 to 100.
    #[schema(example = 8)]
    pub max_load: i32,
}

/// The experts of a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Experts {
    /// In the order of their nomination.
    pub items: Vec<ExpertView>,
}

const MOST_AT_ONCE: usize = 500;

/// How long the link of an invitation works.
const LINK: TimeDelta = TimeDelta::days(60);

/// Nominates experts. Nobody who applies in the call can be one.
pub async fn nominate_expert(
    service: &Service,
    context: Context,
    id: Uuid,
    input: Nominations,
) -> Result<Answer<Experts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let permit = tx.permit(Action::NominateExpert, &call.object()).await?;
        CALL.apply(call.state()?, CallEvent::Amend)?;
        let funder = match permit.worn() {
            Worn::CscRepresentative => nominating_funder(tx, id).await?,
            _ => None,
        };
        check(tx, id, &input).await?;
        let nominated: Vec<ExpertRow> = input
            .experts
            .into_iter()
            .map(|one| row(id, funder, one))
            .collect();
        rows::insert(tx.conn(), &permit, &nominated).await?;
        let ids: Vec<Uuid> = nominated.iter().map(|row| row.id).collect();
        tx.audit(&permit, None, None, json!({ "experts": ids }))
            .await?;
        list(tx, &call).await
    };
    service.write(context, work).await
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

fn row(call: Uuid, funder: Option<Uuid>, one: Nomination) -> ExpertRow {
    ExpertRow {
        id: kernel::id::new(),
        call_id: call,
        account_id: None,
        email: one.email.trim().to_owned(),
        name: one.name.trim().to_owned(),
        organisation: one.organisation.trim().to_owned(),
        ror: one.ror,
        orcid: one.orcid,
        country: one.country.map(|country| country.to_string()),
        keywords: one.keywords,
        state: EXPERT.start.to_string(),
        role: one.role.to_string(),
        max_load: one.max_load,
        nominated_by: funder,
        declined_because: None,
        declared_at: None,
        version: 1,
    }
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// An ORCID iD without the address it is often written as.
fn bare(orcid: &str) -> String {
    let orcid = folded(orcid);
    orcid
        .rsplit_once("orcid.org/")
        .map_or(orcid.clone(), |(_, id)| id.to_owned())
}

async fn check(tx: &mut Tx, call: Uuid, input: &Nominations) -> Result<(), Problem> {
    let mut faults = Faults::default();
    faults.require(
        (1..=MOST_AT_ONCE).contains(&input.experts.len()),
        "/experts",
        "count",
        format!("nominate 1 to {MOST_AT_ONCE} experts at once"),
    );
    let applicants = facts::applicants(tx.conn(), call).await?;
    let emails: BTreeSet<String> = applicants.iter().map(|one| folded(&one.email)).collect();
    let orcids: BTreeSet<String> = applicants
        .iter()
        .filter_map(|one| one.orcid.as_deref().map(bare))
        .collect();
    let known = rows::of_call(tx.conn(), call).await?;
    let mut seen: BTreeSet<String> = known.iter().map(|row| folded(&row.email)).collect();
    for (index, one) in input.experts.iter().enumerate() {
        let at = |field: &str| format!("/experts/{index}/{field}");
        for (field, text) in [("name", &one.name), ("organisation", &one.organisation)] {
            faults.require(
                !text.trim().is_empty(),
                at(field),
                "required",
                "give at least one character",
            );
        }
        let plausible = one
            .email
            .trim()
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        faults.require(
            plausible,
            at("email"),
            "email_implausible",
            "give an e-mail address such as name@example.org",
        );
        faults.require(
            seen.insert(folded(&one.email)),
            at("email"),
            "taken",
            "an expert of this call has this address already; leave one of them out",
        );
        let refused = "this person applies in the call, and no applicant sits on its panel; \
                       nominate somebody else";
        faults.require(
            !emails.contains(&folded(&one.email)),
            at("email"),
            "applicant",
            refused,
        );
        let orcid = one.orcid.as_deref().map(bare);
        faults.require(
            !orcid.is_some_and(|orcid| orcids.contains(&orcid)),
            at("orcid"),
            "applicant",
            refused,
        );
        faults.require(
            (0..=100).contains(&one.max_load),
            at("max_load"),
            "out_of_range",
            "give 0 to 100 proposals",
        );
    }
    Ok(faults.or(())?)
}

/// The experts of a call.
pub async fn read_experts(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Experts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        tx.permit(Action::ReadExperts, &call.object()).await?;
        list(tx, &call).await
    };
    service.read(context, work).await
}

async fn list(tx: &mut Tx, call: &CallRow) -> Result<Experts, Problem> {
    let sight = super::sight(tx, &call.object()).await?;
    Ok(Experts {
        items: view::experts(tx.conn(), call.id, &sight).await?,
    })
}

/// The experts that `chosen` names or, when it names none, all in the state.
async fn chosen(
    tx: &mut Tx,
    call: Uuid,
    chosen: &ChosenExperts,
    state: ExpertState,
) -> Result<Vec<ExpertRow>, Problem> {
    let all = rows::lock_of_call(tx.conn(), call).await?;
    let Some(ids) = &chosen.experts else {
        let name = state.to_string();
        return Ok(all.into_iter().filter(|row| row.state == name).collect());
    };
    let mut faults = Faults::default();
    for (index, id) in ids.iter().enumerate() {
        faults.require(
            all.iter().any(|row| row.id == *id),
            format!("/experts/{index}"),
            "unknown_expert",
            "the call has no such expert; GET /calls/{call}/experts lists them",
        );
    }
    faults.or(())?;
    Ok(all
        .into_iter()
        .filter(|row| ids.contains(&row.id))
        .collect())
}

/// Approves nominated experts for the panel: those named, or all.
pub async fn approve_panel(
    service: &Service,
    context: Context,
    id: Uuid,
    input: ChosenExperts,
) -> Result<Answer<Experts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let permit = tx.permit(Action::ApprovePanel, &call.object()).await?;
        let nominated = chosen(tx, id, &input, ExpertState::Nominated).await?;
        for row in &nominated {
            let state = EXPERT.apply(row.state()?, ExpertEvent::Approve)?;
            rows::set_state(tx.conn(), &permit, row, state, None).await?;
        }
        let ids: Vec<Uuid> = nominated.iter().map(|row| row.id).collect();
        tx.audit(&permit, None, None, json!({ "experts": ids }))
            .await?;
        list(tx, &call).await
    };
    service.write(context, work).await
}

/// Invites approved experts by mail: those named, or all. Who has no account gets one.
pub async fn invite_expert(
    service: &Service,
    context: Context,
    id: Uuid,
    input: ChosenExperts,
) -> Result<Answer<Experts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), id).await?;
        let permit = tx.permit(Action::InviteExpert, &call.object()).await?;
        let approved = chosen(tx, id, &input, ExpertState::Approved).await?;
        let now = tx.now().await?;
        for row in &approved {
            let state = EXPERT.apply(row.state()?, ExpertEvent::Invite)?;
            let account =
                store::access::find_or_make_account(tx.conn(), &permit, &row.email, &row.name)
                    .await?;
            rows::connect(tx.conn(), &permit, row, account).await?;
            rows::set_state(tx.conn(), &permit, row, state, None).await?;
            let secret =
                store::access::issue_link(tx.conn(), &permit, account, "login_link", LINK).await?;
            let letter = json!({
                "name": row.name, "call": call_words(&call),
                "reply_by": day(now, DAYS_TO_ANSWER),
                "link": tx.service.link("expert", &secret),
            });
            tx.mail(Some(&call), &row.email, "expert_invitation", letter)
                .await?;
        }
        let ids: Vec<Uuid> = approved.iter().map(|row| row.id).collect();
        tx.audit(&permit, None, None, json!({ "experts": ids }))
            .await?;
        list(tx, &call).await
    };
    service.write(context, work).await
}
