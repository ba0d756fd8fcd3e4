//! Correcting the record of an expert after the nomination: by the secretariat, and of the own expertise by the expert.

use ::review::{Affiliation, ExpertState, Gender};
use access::{Action, Permit};
use call::{CALL, CallEvent};
use kernel::{Country, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call::{self as calls, CallRow};
use store::review::expert::{self as experts, ExpertRow};
use store::review::record as rows;
use store::view::review::record::{self as view, ExpertRecord};
use utoipa::ToSchema;
use uuid::Uuid;

use super::nomination::{self, Around, Nomination, check_places_and_languages, folded};
use super::{detection, second_look};
use crate::{Answer, Context, Problem, Service, Tx};

/// The record of an expert as it shall be, whole.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordInput {
    /// E-mail address; it stays once the expert is invited, as the account has it.
    #[schema(example = "a.expert@university.example")]
    pub email: String,
    /// Full name.
    pub name: String,
    /// Where the expert works.
    pub organisation: String,
    /// Institute or department there; empty where it is not known.
    pub department: String,
    /// ROR id of the organisation.
    pub ror: Option<String>,
    /// ORCID iD.
    pub orcid: Option<String>,
    /// Country of the organisation.
    pub country: Option<Country>,
    /// Other places of work and former ones, with their days; those that are over make no conflict of interest.
    pub affiliations: Vec<Affiliation>,
    /// As the expert gives it, for the balance of the panel and for nothing else.
    pub gender: Option<Gender>,
    /// Languages by their two letters of ISO 639-1, in small letters.
    pub languages: Vec<String>,
    /// Fields of expertise; proposals are assigned by them.
    pub keywords: Vec<String>,
    /// Modules of the call, by their keys; areas are spelt out as their modules.
    pub modules: Vec<String>,
    /// What the expert works on, in a few sentences.
    pub statement: String,
    /// Why the record is corrected, for the audit trail.
    pub reason: String,
}

impl RecordInput {
    /// The nomination as it should have been.
    fn nomination(self, row: &ExpertRow) -> Result<Nomination, Problem> {
        let loads = row.loads()?;
        Ok(Nomination {
            email: self.email,
            name: self.name,
            organisation: self.organisation,
            department: self.department,
            ror: self.ror,
            orcid: self.orcid,
            country: self.country,
            affiliations: self.affiliations,
            gender: self.gender,
            languages: self.languages,
            keywords: self.keywords,
            modules: self.modules,
            statement: self.statement,
            role: row.role()?,
            max_load: loads.max_load,
            stage_loads: loads.stage_loads,
        })
    }
}

/// What an expert says of the own expertise, and of other and former places of work.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpertiseInput {
    /// Fields of expertise; proposals are assigned by them.
    pub keywords: Vec<String>,
    /// What you work on, in a few sentences.
    pub statement: String,
    /// Languages by their two letters of ISO 639-1, in small letters.
    pub languages: Vec<String>,
    /// Other places of work and former ones, with their days.
    pub affiliations: Vec<Affiliation>,
}

/// The record of an expert, for the secretariat and the expert.
pub async fn read_expert_record(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<ExpertRecord>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = experts::find(tx.conn(), id).await?;
        tx.permit(Action::ReadExpertRecord, &row.object()).await?;
        Ok(view::record(&row)?)
    };
    service.read(context, work).await
}

/// Corrects the record of an expert. Of one who accepted, conflicts of interest are looked for anew: what is found takes
/// effect at once, and what was found on facts that are none any more is taken back, see [`second_look::take_back`]. A
/// record that is saved as it is does the same: so the secretariat confirms what an expert said of the own places of work.
pub async fn correct_expert(
    service: &Service,
    context: Context,
    id: Uuid,
    input: RecordInput,
) -> Result<Answer<ExpertRecord>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, row, others) = held(tx, id).await?;
        let permit = tx.permit(Action::CorrectExpert, &row.object()).await?;
        tx.precondition(&view::record(&row)?)?;
        CALL.apply(call.state()?, CallEvent::Amend)?;
        let reason = input.reason.trim().to_owned();
        let nomination = input.nomination(&row)?;
        check(tx, &call, &row, &others, &nomination, &reason).await?;
        let corrected = ExpertRow {
            id: row.id,
            account_id: row.account_id,
            state: row.state.clone(),
            declined_because: row.declined_because.clone(),
            declared_at: row.declared_at,
            declared_stages: row.declared_stages.clone(),
            version: row.version,
            ..nomination::row(call.id, row.nominated_by, nomination)?
        };
        save(tx, &permit, &row, &corrected, Some(&reason)).await
    };
    service.write(context, work).await
}

/// Corrects what the expert's own record says of the own expertise and of other and former places of work. Conflicts of
/// interest that follow from it take effect at once; none is taken back on the word of whom it keeps away, but when the
/// secretariat corrects the record, or saves it as it is.
pub async fn correct_own_expertise(
    service: &Service,
    context: Context,
    id: Uuid,
    input: ExpertiseInput,
) -> Result<Answer<ExpertRecord>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, row, _) = held(tx, id).await?;
        let permit = tx
            .permit(Action::CorrectOwnExpertise, &row.object())
            .await?;
        tx.precondition(&view::record(&row)?)?;
        CALL.apply(call.state()?, CallEvent::Amend)?;
        if row.state()? == ExpertState::Declined {
            return Err(Problem::state(
                "You declined the invitation; ask the secretariat if something about you shall be corrected.",
            ));
        }
        let mut faults = Faults::default();
        let at = |field: &str| format!("/{field}");
        check_places_and_languages(&input.affiliations, &input.languages, &at, &mut faults);
        faults.or(())?;
        let corrected = ExpertRow {
            keywords: input.keywords,
            statement: input.statement.trim().to_owned(),
            languages: input.languages,
            affiliations: serde_json::to_value(input.affiliations).map_err(Problem::internal)?,
            ..row.clone()
        };
        save(tx, &permit, &row, &corrected, None).await
    };
    service.write(context, work).await
}

/// An expert with the call and its other experts, all of them locked: no assignment comes between, no two become one, and
/// a draft is not rewritten, so that the record is checked by the stages and modules there are.
async fn held(tx: &mut Tx, id: Uuid) -> Result<(CallRow, ExpertRow, Vec<ExpertRow>), Problem> {
    let call = experts::find(tx.conn(), id).await?.call_id;
    detection::hold_stages(tx, call).await?;
    let call = calls::hold(tx.conn(), call).await?;
    let mut others = experts::lock_of_call(tx.conn(), call.id).await?;
    let place = others.iter().position(|row| row.id == id);
    let row = others.remove(place.ok_or_else(Problem::not_found)?);
    Ok((call, row, others))
}

/// What is wrong with a record, all at once.
async fn check(
    tx: &mut Tx,
    call: &CallRow,
    row: &ExpertRow,
    others: &[ExpertRow],
    corrected: &Nomination,
    reason: &str,
) -> Result<(), Problem> {
    let mut around = Around::of(tx, call, others).await?;
    if row.has_accepted()? {
        around.admit_applicants();
    }
    let mut faults = Faults::default();
    around.check(corrected, &|field: &str| format!("/{field}"), &mut faults);
    // Invitation and login go to it: who gets another address changes it at the own account.
    faults.require(
        row.account_id.is_none() || folded(&row.email) == folded(&corrected.email),
        "/email",
        "invited",
        "the expert was invited at this address, which belongs to an account; leave it as it is",
    );
    faults.require(!reason.is_empty(), "/reason", "required", "say why");
    Ok(faults.or(())?)
}

async fn save(
    tx: &mut Tx,
    permit: &Permit,
    row: &ExpertRow,
    corrected: &ExpertRow,
    reason: Option<&str>,
) -> Result<ExpertRecord, Problem> {
    rows::correct(tx.conn(), permit, corrected).await?;
    let (before, after) = (view::record(row)?, view::record(corrected)?);
    // Which fields, and not what they said: the trail is read by more people than the record.
    let mut detail = json!({ "fields": changed(&before, &after)? });
    if corrected.has_accepted()? {
        let seen = second_look::look_anew(tx, permit, corrected).await?;
        detail["found"] = json!(seen.new);
        if permit.action() == Action::CorrectExpert {
            let gone = second_look::take_back(tx, permit, corrected, &seen).await?;
            detail["taken_back"] = json!(gone);
        }
    }
    tx.audit(permit, Some(row.version + 1), reason, detail)
        .await?;
    Ok(after)
}

/// The names of the fields that differ.
fn changed(before: &ExpertRecord, after: &ExpertRecord) -> Result<Vec<String>, Problem> {
    let before = serde_json::to_value(before).map_err(Problem::internal)?;
    let after = serde_json::to_value(after).map_err(Problem::internal)?;
    let fields = after.as_object().into_iter().flatten();
    let differ = fields.filter(|(field, value)| before.get(field.as_str()) != Some(*value));
    Ok(differ.map(|(field, _)| field.clone()).collect())
}
