//! What waits for a person.

use access::Action;
use serde::{Deserialize, Serialize};
use store::access::accounts;
use store::view::tasks::{self as view, TaskView};
use utoipa::ToSchema;

use super::links;
use crate::{Answer, Context, Problem, Service, Tx};

/// What waits for a person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Tasks {
    /// The nearest date first; what has no date comes last.
    pub items: Vec<TaskView>,
}

/// What waits for the person who asks, over all calls and roles.
pub async fn my_tasks(service: &Service, context: Context) -> Result<Answer<Tasks>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        tx.permit(Action::ReadDesk, &accounts::own(me.account))
            .await?;
        let mut items = view::tasks(tx.conn(), me.account).await?;
        if let Some(call) = me.desk {
            items.retain(|task| task.call == call && task.kind.is_of_an_expert());
        }
        Ok(Tasks { items })
    };
    service.read(context, work).await
}
