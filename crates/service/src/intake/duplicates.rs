use access::Action;
use intake::duplicates::{Candidate, Likenesses, likenesses};
use serde::{Deserialize, Serialize};
use store::call::{self as calls, StageRow};
use store::view::intake as view;
use utoipa::ToSchema;
use uuid::Uuid;

use super::bench::consortium_rules;
use super::read::stage_of;
use super::viewer;
use crate::{Answer, Context, Problem, Service, Tx};

/// What proposals of a stage have in common that may make them one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Duplicates {
    /// By likeness.
    pub items: Vec<Likenesses>,
}

/// Which proposals of a stage may be one, and who is in several; without those that the reader has a conflict of
/// interest with.
pub async fn read_duplicates(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<Duplicates>, Problem> {
    let work = async move |tx: &mut Tx| {
        let call = calls::find(tx.conn(), call).await?;
        let stage = calls::stage(tx.conn(), call.id, number).await?;
        tx.permit(Action::ReadDuplicates, &stage_of(&call, &stage))
            .await?;
        laid_open(&stage)?;
        let viewer = viewer(tx, call.id).await?;
        let found = view::on_record(tx.conn(), &viewer, call.id, number).await?;
        let among: Vec<Candidate> = found
            .iter()
            .map(|(id, number, content)| Candidate {
                id: *id,
                number,
                content,
            })
            .collect();
        let rules = consortium_rules(&call, &stage)?;
        let items = likenesses(&among, rules.proposals_per_coordinator_max);
        Ok(Duplicates { items })
    };
    service.read(context, work).await
}

/// Refuses while the deadline keeps the proposals of the stage a secret.
pub(super) fn laid_open(stage: &StageRow) -> Result<(), Problem> {
    match stage.is_disclosed()? {
        true => Ok(()),
        false => Err(Problem::state(
            "What is handed in is laid open when the stage closes; until then there are counts.",
        )),
    }
}
