//! What the calls do for an agenda, and what each member does.

use std::collections::BTreeMap;

use access::{Action, Object};
use call::{ActionItem, Basis, ItemCoverage, MemberReport};
use chrono::Datelike;
use kernel::{Amount, Currency};
use serde::{Deserialize, Serialize};
use store::agenda::organisation_id;
use store::view::agenda::{self as agendas, ItemFilter};
use store::view::coverage as view;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Answer, Context, Problem, Service, Tx};

/// What the calls of some years do for an agenda.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AgendaCoverage {
    /// The agenda's code.
    pub agenda: String,
    /// Currency of all amounts.
    pub currency: Currency,
    /// The calls counted: published, not cancelled, no rehearsal.
    pub calls: Vec<String>,
    /// Calls not counted, because their currency is another one.
    pub left_out: Vec<String>,
    /// All items in value-chain order. With what is unmapped and unclassified they add up, to the cent, to
    /// what is committed to these calls and awarded to their projects.
    pub items: Vec<ItemCoverage>,
    /// Commitments to calls that are not mapped to this agenda.
    pub unmapped: Amount,
    /// Awards to projects that are not classified by it, for each basis.
    pub unclassified: BTreeMap<Basis, Amount>,
    /// The items that no call serves.
    pub unserved: Vec<String>,
}

/// What the calls do for an agenda: per item the calls and commitments by their mapping, the projects and
/// awards by their classification, and whether it was taken up in time. Awards are what the final selection
/// binds, of calls whose letters are out.
///
/// It is read by those who work on agendas: members' representatives, agenda editors, the call office,
/// administrators. A role in one call does not do, since what is committed to the others is known to their
/// steering committees alone; whoever has a seat for a member is made its representative.
pub async fn read_coverage(
    service: &Service,
    context: Context,
    code: String,
    from: Option<i32>,
    to: Option<i32>,
) -> Result<Answer<AgendaCoverage>, Problem> {
    let work = async move |tx: &mut Tx| {
        // That there is an agenda is public, so who may not is told so.
        let object = Object {
            public: true,
            ..Object::new("agenda", Uuid::nil())
        };
        tx.permit(Action::ReadCoverage, &object).await?;
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Problem::invalid(
                "/from",
                "out_of_range",
                "give a year that is not after the last one",
            ));
        }
        let all = ItemFilter::default();
        let items = agendas::action_items(tx.conn(), &code, &all).await?;
        let items: Vec<ActionItem> = items.into_iter().map(ActionItem::from).collect();
        let year = agendas::year(tx.conn(), &code).await?;
        let covered = view::covered(tx.conn(), &code, from, to).await?;
        let found = call::coverage(year, &items, &covered.calls).map_err(Problem::internal)?;
        Ok(AgendaCoverage {
            agenda: code,
            currency: Currency::EUR,
            calls: covered.calls.into_iter().map(|call| call.code).collect(),
            left_out: covered.left_out,
            unserved: found.unserved().into_iter().map(str::to_owned).collect(),
            items: found.items,
            unmapped: found.unmapped,
            unclassified: found.unclassified,
        })
    };
    service.read(context, work).await
}

/// What one member did for an agenda in the calls of a year; left out, of this year. For the member's own
/// representatives, agenda editors and administrators. Calls in another currency than euros do not count.
pub async fn read_member_report(
    service: &Service,
    context: Context,
    code: String,
    organisation: String,
    year: Option<i32>,
) -> Result<Answer<MemberReport>, Problem> {
    let work = async move |tx: &mut Tx| {
        let member = organisation_id(tx.conn(), &organisation).await?;
        // The register of organisations is public, so who may not is told so; of one that is not in it the
        // public hears no more.
        let object = Object {
            public: true,
            organisation: Some(member.unwrap_or_default()),
            ..Object::new("organisation", member.unwrap_or_default())
        };
        tx.permit(Action::ReadMemberReport, &object).await?;
        agendas::year(tx.conn(), &code).await?;
        member.ok_or_else(Problem::not_found)?;
        let year = match year {
            Some(year) => year,
            None => tx.now().await?.year(),
        };
        let covered = view::covered(tx.conn(), &code, Some(year), Some(year)).await?;
        call::member_report(&organisation, year, &covered.calls).map_err(Problem::internal)
    };
    service.read(context, work).await
}
