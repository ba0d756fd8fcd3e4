//! The terms on which funders take part, and the national annex that they make.

use access::Action;
use call::{CALL, CallEvent, Rules, Terms};
use kernel::{Country, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as rows;
use store::view::call as view;
use utoipa::ToSchema;
use uuid::Uuid;

use super::funders::{Funders, funders, lock_funder};
use super::version::publish;
use super::{breakage, given, visible};
use crate::{Answer, Context, Problem, Service, Tx};

/// Other terms of a funder.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TermsInput {
    /// The terms, whole.
    pub terms: Terms,
    /// Why they change, for the public log of changes; needed once the call is published.
    #[serde(default)]
    pub reason: String,
    /// Whether to go on although it breaks something; a dry run says what.
    #[serde(default)]
    pub despite_breaking: bool,
}

/// The national annex of the guidelines: the terms of all funders as applicants read them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NationalAnnex {
    /// One part for each funder, by country and key.
    pub items: Vec<AnnexPart>,
}

/// What a funder says in the annex.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnnexPart {
    /// Key of the organisation.
    #[schema(example = "DE-BMBF")]
    pub organisation: String,
    /// The text in Markdown, generated from the terms and followed by their free text.
    pub text: String,
}

/// What is wrong with terms in a call of these rules, with pointers from `/terms`.
pub(super) fn faults(rules: &Rules, terms: &Terms) -> Faults {
    let found = rules.check_terms(terms).into_iter();
    kernel::faults(found.map(|one| one.below("/terms")))
}

/// Sets the terms on which a funder takes part. What that breaks in a running stage is listed first:
/// without `despite_breaking` it is refused.
pub async fn set_terms(
    service: &Service,
    context: Context,
    id: Uuid,
    key: String,
    input: TermsInput,
) -> Result<Answer<Funders>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (call, row) = lock_funder(tx, id, &key).await?;
        if row.left_at.is_some() {
            return Err(Problem::not_found());
        }
        let permit = tx.permit(Action::SetTerms, &row.object()).await?;
        // Whoever sets terms may read the commitments as well, so that all lists have one ETag.
        let current = funders(tx, id, true).await?;
        tx.precondition(&current)?;
        CALL.apply(call.state()?, CallEvent::Amend)?;
        faults(&call.rules()?, &input.terms).or(())?;
        let reason = match call.is_published() {
            true => given(&input.reason)?,
            false => input.reason.trim(),
        };
        let broken = breakage::of_terms(tx, &call, &key, &input.terms).await?;
        breakage::refuse(broken, input.despite_breaking)?;
        let terms = serde_json::to_value(&input.terms).map_err(Problem::internal)?;
        rows::set_terms(tx.conn(), &permit, &row, &terms).await?;
        let change = format!("{key} changes its terms");
        publish(tx, &permit, id, &change, reason).await?;
        let why = (!reason.is_empty()).then_some(reason);
        let detail = json!({ "organisation": key });
        tx.audit(&permit, Some(row.version + 1), why, detail)
            .await?;
        funders(tx, id, true).await
    };
    service.write(context, work).await
}

/// The national annex of a call.
pub async fn national_annex(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<NationalAnnex>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = visible(tx, id).await?;
        let rules = call.rules()?;
        let mut funders = view::funders(tx.conn(), id, false).await?;
        funders.sort_by(|a, b| (&a.country, &a.organisation).cmp(&(&b.country, &b.organisation)));
        let part = |funder: view::FunderView| {
            let country = funder.country.and_then(|code| code.parse::<Country>().ok());
            let heading = match country {
                Some(country) => format!("{}: {}", country.name(), funder.name),
                None => funder.name,
            };
            let currency = rules.funding.currency;
            AnnexPart {
                organisation: funder.organisation,
                text: funder.terms.annex(&heading, currency, rules.words()),
            }
        };
        Ok(NationalAnnex {
            items: funders.into_iter().map(part).collect(),
        })
    };
    service.read(context, work).await
}
