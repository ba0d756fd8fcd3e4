//! The panel's discussion of a proposal.

use ::review::panel::check_message;
use access::Action;
use call::StageState;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::review::discussion as rows;
use store::view::review::Depth;
use store::view::review::discussion::{self as view, DiscussionView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::convening::convened;
use super::panel::{self, AtPanel};
use super::window::{Awaited, replies_are_in};
use crate::{Answer, Context, Problem, Service, Tx};

const KIND: &str = "panel_message";

/// A message to the panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageInput {
    /// What is said; it stays as it is.
    pub text: String,
}

/// The discussion as the actor sees it: a member of the panel as soon as all reviews of the proposal are released.
async fn shown(tx: &mut Tx, found: &AtPanel) -> Result<DiscussionView, Problem> {
    let sight = found.sight(tx).await?;
    if sight.depth == Depth::Panel && !found.is_ready(tx).await? {
        return Err(Problem::not_found());
    }
    Ok(view::discussion(tx.conn(), &found.stage, &found.standing, &sight).await?)
}

/// What the panel says on a proposal.
pub async fn read_discussion(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
) -> Result<Answer<DiscussionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let found = panel::read(tx, KIND, Action::ReadDiscussion, proposal, stage).await?;
        shown(tx, &found).await
    };
    service.read(context, work).await
}

/// Says something on a proposal, until the ranking list is adopted.
pub async fn post_message(
    service: &Service,
    context: Context,
    proposal: Uuid,
    stage: Option<i32>,
    input: MessageInput,
) -> Result<Answer<DiscussionView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let (found, permit) = panel::hold(tx, KIND, Action::PostMessage, proposal, stage).await?;
        shown(tx, &found).await?;
        found.require_panel()?;
        found.require_open(StageState::Reviewing)?;
        found.require_ready(tx).await?;
        let awaited = [proposal];
        replies_are_in(tx, &found.stage, &found.rules, Awaited::Of(&awaited)).await?;
        convened(&found.stage, &found.rules)?;
        check_message(&input.text).or(())?;
        let row = found.standing.proposal_stage;
        let text = input.text.trim();
        let id = rows::post(tx.conn(), &permit, (proposal, row), text).await?;
        let detail = json!({ "message": id, "stage": found.stage.number });
        tx.audit(&permit, None, None, detail).await?;
        shown(tx, &found).await
    };
    service.write(context, work).await
}
