//! Where reviews lie apart, and who scores high or low: pointed out, never corrected.

use access::{Action, Object};
use store::call as calls;
use store::view::review::Depth;
use store::view::review::disagreement::{self as view, DisagreementView};
use uuid::Uuid;

use super::evaluation;
use crate::{Answer, Context, Problem, Service, Tx};

/// The disagreement at a stage.
pub async fn read_disagreement(
    service: &Service,
    context: Context,
    call: Uuid,
    number: i32,
) -> Result<Answer<DisagreementView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let stage = calls::stage(tx.conn(), call, number).await?;
        let object = Object::of_call("disagreement", stage.id, call);
        tx.permit(Action::ReadDisagreement, &object).await?;
        let sight = super::sight_at(tx, &object, number).await?;
        if sight.depth < Depth::Panel {
            return Err(Problem::not_found());
        }
        let row = calls::find(tx.conn(), call).await?;
        let rules = evaluation(&row, number)?;
        Ok(view::disagreement(tx.conn(), &stage, &rules, &sight).await?)
    };
    service.read(context, work).await
}
