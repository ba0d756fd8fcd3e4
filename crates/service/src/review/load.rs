//! How many proposals an expert takes at most, as it is agreed on anew: after a replacement the load is what was left.

use ::review::check_load;
use access::Action;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::review::expert as experts;
use store::view::review::expert::{self as view, ExpertView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::given;
use super::reassign::most_held;
use crate::{Answer, Context, Problem, Service, Tx};

/// How many proposals an expert takes, and why that changes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadInput {
    /// The most proposals at one stage, 0 to 100; no fewer than the expert has.
    pub max_load: i32,
    /// Why, for the record.
    pub reason: String,
}

/// Sets the load.
pub async fn set_expert_load(
    service: &Service,
    context: Context,
    id: Uuid,
    input: LoadInput,
) -> Result<Answer<ExpertView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = experts::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::SetExpertLoad, &row.object()).await?;
        let reason = given(&input.reason)?;
        let held = most_held(tx, &row).await?;
        check_load(input.max_load, held).or(())?;
        experts::set_load(tx.conn(), &permit, &row, input.max_load).await?;
        let detail = json!({ "before": row.max_load, "max_load": input.max_load });
        tx.audit(&permit, Some(row.version + 1), Some(reason), detail)
            .await?;
        let sight = super::sight(tx, &row.object()).await?;
        let now = experts::find(tx.conn(), id).await?;
        Ok(view::expert(&now, &sight)?)
    };
    service.write(context, work).await
}
