//! The history of a draft, as its coordinator sees it.

use ::intake::{Content, submission};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::intake::{SavedRow, saved, saved_version};
use crate::{Conn, StoreError, text};

/// A saved version in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DraftVersion {
    /// Its number, counted from 1 in each stage.
    pub version: i32,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// Who saved it.
    pub saved_by: String,
    /// JSON pointers of what differs from the version before; of the first, nothing is told.
    pub changed: Vec<String>,
}

/// What a saved version says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DraftContent {
    /// Its number.
    pub version: i32,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// Who saved it.
    pub saved_by: String,
    /// What it says.
    pub content: Content,
    /// The version it is compared with, if one was named.
    pub against: Option<i32>,
    /// What differs, from the one compared with to this.
    pub differences: Vec<DraftDifference>,
}

/// A field that differs between two versions. What one of them does not have is null there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DraftDifference {
    /// JSON pointer to the field.
    #[schema(example = "/texts/summary")]
    pub pointer: String,
    /// What the version compared with says.
    pub before: Value,
    /// What this one says.
    pub after: Value,
}

/// A page of the versions of a draft, newest first, from the number `last` on downwards.
pub async fn history(
    conn: &mut Conn,
    proposal_stage_id: Uuid,
    last: Option<i32>,
    limit: u16,
) -> Result<Vec<DraftVersion>, StoreError> {
    // One more, to compare the last of the page with.
    let rows = saved(conn, proposal_stage_id, last, i64::from(limit) + 1).await?;
    let contents: Vec<Content> = rows
        .iter()
        .map(|row| text::document(row.content.clone()))
        .collect::<Result<_, _>>()?;
    let version = |(at, row): (usize, SavedRow)| DraftVersion {
        version: row.version,
        saved_at: row.saved_at,
        saved_by: row.saved_by,
        changed: contents
            .get(at + 1)
            .map(|before| submission::changes(before, &contents[at]))
            .unwrap_or_default(),
    };
    let page = rows.into_iter().enumerate().take(usize::from(limit));
    Ok(page.map(version).collect())
}

/// One version of a draft, compared with another one where its number is given; nothing when either is not
/// there.
pub async fn draft_version(
    conn: &mut Conn,
    proposal_stage_id: Uuid,
    version: i32,
    against: Option<i32>,
) -> Result<Option<DraftContent>, StoreError> {
    let Some((row, content)) = one(conn, proposal_stage_id, version).await? else {
        return Ok(None);
    };
    let before = match against {
        Some(number) => match one(conn, proposal_stage_id, number).await? {
            Some((_, before)) => before,
            None => return Ok(None),
        },
        None => content.clone(),
    };
    let pointers = submission::changes(&before, &content);
    let (before, after) = (text::json(&before)?, text::json(&content)?);
    let at = |document: &Value, pointer: &str| document.pointer(pointer).cloned();
    let difference = |pointer: String| DraftDifference {
        before: at(&before, &pointer).unwrap_or_default(),
        after: at(&after, &pointer).unwrap_or_default(),
        pointer,
    };
    Ok(Some(DraftContent {
        version,
        saved_at: row.saved_at,
        saved_by: row.saved_by,
        against,
        differences: pointers.into_iter().map(difference).collect(),
        content,
    }))
}

async fn one(
    conn: &mut Conn,
    proposal_stage_id: Uuid,
    version: i32,
) -> Result<Option<(SavedRow, Content)>, StoreError> {
    let Some(row) = saved_version(conn, proposal_stage_id, version).await? else {
        return Ok(None);
    };
    let content = text::document(row.content.clone())?;
    Ok(Some((row, content)))
}
