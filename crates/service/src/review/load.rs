//! How many proposals an expert takes at most, as it is agreed on anew: after a replacement the load is what was left.

use std::collections::BTreeMap;

use ::review::Loads;
use access::Action;
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::call as calls;
use store::review::expert as experts;
use store::view::review::expert::{self as view, ExpertView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::given;
use super::reassign::held;
use crate::{Answer, Context, Problem, Service, Tx};

/// How many proposals an expert takes, and why that changes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadInput {
    /// The most proposals at one stage, 0 to 100; no fewer than the expert has.
    pub max_load: i32,
    /// Another most at single stages, by the number of the stage. Where a stage is left out `max_load` holds, whatever
    /// was agreed on before.
    #[serde(default)]
    #[schema(example = json!({"2": 4}))]
    pub stage_loads: BTreeMap<String, i32>,
    /// Why, for the record.
    pub reason: String,
}

/// Sets the loads.
pub async fn set_expert_load(
    service: &Service,
    context: Context,
    id: Uuid,
    input: LoadInput,
) -> Result<Answer<ExpertView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let seen = experts::find(tx.conn(), id).await?;
        // The loads are those of the stages there are: a draft that drops one is rewritten before this or after it.
        calls::hold(tx.conn(), seen.call_id).await?;
        let row = experts::lock(tx.conn(), id).await?;
        let permit = tx.permit(Action::SetExpertLoad, &row.object()).await?;
        let reason = given(&input.reason)?;
        let held = held(tx, &row).await?;
        let loads = Loads {
            max_load: input.max_load,
            stage_loads: input.stage_loads,
        };
        let stages: Vec<i32> = held.keys().copied().collect();
        let mut faults = Faults::default();
        loads.check(&stages, &|field: &str| format!("/{field}"), &mut faults);
        loads.check_held(&held, &mut faults);
        faults.or(())?;
        experts::set_load(tx.conn(), &permit, &row, &loads).await?;
        let told =
            |loads: &Loads| json!({ "max_load": loads.max_load, "stage_loads": loads.stage_loads });
        let detail = json!({ "before": told(&row.loads()?), "now": told(&loads) });
        tx.audit(&permit, Some(row.version + 1), Some(reason), detail)
            .await?;
        let sight = super::sight(tx, &row.object()).await?;
        let now = experts::find(tx.conn(), id).await?;
        Ok(view::expert(&now, &sight)?)
    };
    service.write(context, work).await
}
