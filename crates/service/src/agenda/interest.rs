//! Members state their interest in action items; where enough of them meet, a call begins.

use access::{Action, Object};
use kernel::{Amount, Faults};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::agenda;
use store::interest::{self as rows, InterestRow};
use store::view::interest::{self as view, InterestView, ItemInterest};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::call::amount_above_nothing;
use crate::{Answer, Context, Problem, Service, Tx};

/// In how many countries a joint call has funders at least (call texts of 2018 to 2025).
const ENOUGH_COUNTRIES: usize = 3;

/// An interest.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InterestInput {
    /// What the member might commit, in euros; left out where it cannot say yet.
    #[serde(default)]
    pub amount: Option<Amount>,
    /// What it would add, for the other members.
    #[serde(default)]
    pub remark: String,
}

/// Action items by members.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InterestMatrix {
    /// All items, in the agenda's order.
    pub items: Vec<ItemInterest>,
}

/// Which members are interested in which action items, and where enough of them meet.
pub async fn list_interests(
    service: &Service,
    context: Context,
    code: String,
) -> Result<Answer<InterestMatrix>, Problem> {
    let work = async move |tx: &mut Tx| {
        let object = Object::new("interest", Uuid::nil());
        tx.permit(Action::ReadInterests, &object).await?;
        let items = matrix(tx, &code).await?;
        Ok(InterestMatrix { items })
    };
    service.read(context, work).await
}

async fn matrix(tx: &mut Tx, code: &str) -> Result<Vec<ItemInterest>, Problem> {
    let items = view::matrix(tx.conn(), code, ENOUGH_COUNTRIES).await?;
    items.map_err(Problem::internal)
}

/// The interest as its organisation sees it, if it has stated any.
async fn stated(
    tx: &mut Tx,
    code: &str,
    item: &str,
    organisation: &str,
) -> Result<Option<InterestView>, Problem> {
    let items = matrix(tx, code).await?;
    let of_item = items.into_iter().find(|found| found.item == item);
    let members = of_item.map(|found| found.members).unwrap_or_default();
    Ok(members
        .into_iter()
        .find(|member| member.organisation == organisation))
}

/// What there is of an interest, or would be: its row, with version 0 when it is new.
async fn row(
    tx: &mut Tx,
    code: &str,
    item: &str,
    organisation: &str,
) -> Result<InterestRow, Problem> {
    let items = agenda::item_ids(tx.conn(), code).await?;
    let item_id = items.iter().find(|(number, _)| number == item);
    let organisation_id = agenda::organisation_id(tx.conn(), organisation).await?;
    let (Some((_, item_id)), Some(organisation_id)) = (item_id, organisation_id) else {
        return Err(Problem::not_found());
    };
    let found = rows::lock(tx.conn(), *item_id, organisation_id).await?;
    Ok(found.unwrap_or(InterestRow {
        id: kernel::id::new(),
        action_item_id: *item_id,
        organisation_id,
        amount: None,
        remark: String::new(),
        stated_by: None,
        version: 0,
    }))
}

/// The interest as the policy sees it; whoever reads the matrix knows of it.
fn object(tx: &Tx, row: &InterestRow) -> Object {
    let matrix = Object::new("interest", Uuid::nil());
    let reads = access::decide(&tx.context.actor, Action::ReadInterests, &matrix).is_ok();
    Object {
        public: reads,
        ..row.object()
    }
}

/// States a member's interest in an action item, or changes it.
pub async fn state_interest(
    service: &Service,
    context: Context,
    code: String,
    item: String,
    organisation: String,
    input: InterestInput,
) -> Result<Answer<InterestView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = row(tx, &code, &item, &organisation).await?;
        let permit = tx.permit(Action::StateInterest, &object(tx, &row)).await?;
        if row.version > 0 {
            let current = stated(tx, &code, &item, &organisation).await?;
            tx.precondition(&current)?;
        }
        let mut faults = Faults::default();
        amount_above_nothing(input.amount, "/amount", &mut faults);
        faults.require(
            input.remark.chars().count() <= 2_000,
            "/remark",
            "too_long",
            "at most 2000 characters",
        );
        faults.or(())?;
        let new = InterestRow {
            amount: input.amount.map(|amount| amount.0),
            remark: input.remark.trim().to_owned(),
            stated_by: permit.account(),
            ..row
        };
        rows::state(tx.conn(), &permit, &new).await?;
        let detail = json!({
            "item": item, "organisation": organisation, "amount": input.amount,
        });
        tx.audit(&permit, Some(new.version + 1), None, detail)
            .await?;
        let shown = stated(tx, &code, &item, &organisation).await?;
        shown.ok_or_else(Problem::not_found)
    };
    service.write(context, work).await
}

/// Takes a member's interest in an action item back.
pub async fn withdraw_interest(
    service: &Service,
    context: Context,
    code: String,
    item: String,
    organisation: String,
) -> Result<Answer<InterestMatrix>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = row(tx, &code, &item, &organisation).await?;
        let permit = tx.permit(Action::StateInterest, &object(tx, &row)).await?;
        if row.version == 0 {
            return Err(Problem::not_found());
        }
        let current = stated(tx, &code, &item, &organisation).await?;
        tx.precondition(&current)?;
        rows::withdraw(tx.conn(), &permit, &row).await?;
        let detail = json!({ "item": item, "organisation": organisation, "withdrawn": true });
        tx.audit(&permit, None, None, detail).await?;
        let items = matrix(tx, &code).await?;
        Ok(InterestMatrix { items })
    };
    service.write(context, work).await
}
