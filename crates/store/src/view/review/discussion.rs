//! What the panel says among itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Sight;
use crate::call::StageRow;
use crate::outcome::Standing;
use crate::review::discussion as rows;
use crate::{Conn, StoreError};

/// What the panel says on a proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DiscussionView {
    /// The proposal.
    pub proposal: Uuid,
    /// Its number.
    pub number: String,
    /// The stage, 1 or 2.
    pub stage: i32,
    /// Whether it is over, as the ranking list is adopted.
    pub closed: bool,
    /// The messages, oldest first.
    pub messages: Vec<MessageView>,
}

/// A message to the panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MessageView {
    /// Its id.
    pub id: Uuid,
    /// Name of who wrote it.
    pub author: String,
    /// Whether the viewer did.
    pub own: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub text: String,
}

/// The discussion of one proposal.
pub async fn discussion(
    conn: &mut Conn,
    stage: &StageRow,
    standing: &Standing,
    sight: &Sight,
) -> Result<DiscussionView, StoreError> {
    let messages = rows::of_proposal(conn, standing.proposal_stage).await?;
    let messages = messages
        .into_iter()
        .map(|(id, account, author, at, text)| MessageView {
            id,
            author,
            own: sight.account == Some(account),
            at,
            text,
        });
    Ok(DiscussionView {
        proposal: standing.proposal,
        number: standing.number.clone(),
        stage: stage.number,
        closed: super::after_panel(stage.state()?),
        messages: messages.collect(),
    })
}
