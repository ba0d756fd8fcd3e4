//! Publications of an imported list.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::review::publication as rows;
use crate::{Conn, StoreError};

/// A publication of the list that was imported for a call.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublicationView {
    /// Its title.
    pub title: String,
    /// Its year.
    pub year: i32,
    /// The authors' names.
    pub authors: Vec<String>,
}

/// The publications imported for a call.
pub async fn publications(conn: &mut Conn, call: Uuid) -> Result<Vec<PublicationView>, StoreError> {
    let works = rows::of_call(conn, call, 0).await?.into_iter();
    let views = works.map(|work| PublicationView {
        title: work.title,
        year: work.year,
        authors: work.people.into_iter().map(|one| one.name).collect(),
    });
    Ok(views.collect())
}
