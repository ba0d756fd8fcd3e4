//! Whom applicants ask to keep from reviewing: for the coordinator, the secretariat and the observer alone.

use ::review::conflict::{Named, Organisation, Person};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::review::named as rows;
use crate::{Conn, StoreError};

/// Somebody who should not review a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedPerson {
    /// Full name.
    pub name: String,
    /// E-mail address, where it is known.
    #[serde(default)]
    pub email: String,
    /// ORCID iD.
    #[serde(default)]
    pub orcid: Option<String>,
    /// Where the person works, which tells two people of one name apart.
    #[serde(default)]
    pub organisation: String,
    /// ROR id of the organisation.
    #[serde(default)]
    pub ror: Option<String>,
    /// Institute or department there.
    #[serde(default)]
    pub department: String,
}

/// Whom the applicants ask to keep from reviewing their proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NamedPersonsView {
    /// In the order in which they were named.
    pub persons: Vec<NamedPerson>,
}

impl From<NamedPerson> for Named {
    fn from(one: NamedPerson) -> Self {
        let trimmed = |text: String| text.trim().to_owned();
        Self {
            person: Person {
                name: trimmed(one.name),
                email: trimmed(one.email),
                orcid: one.orcid,
            },
            organisation: Organisation {
                name: trimmed(one.organisation),
                ror: one.ror,
                department: trimmed(one.department),
            },
        }
    }
}

impl From<Named> for NamedPerson {
    fn from(one: Named) -> Self {
        Self {
            name: one.person.name,
            email: one.person.email,
            orcid: one.person.orcid,
            organisation: one.organisation.name,
            ror: one.organisation.ror,
            department: one.organisation.department,
        }
    }
}

/// Whom the applicants of a proposal name.
pub async fn named_persons(
    conn: &mut Conn,
    proposal: Uuid,
) -> Result<NamedPersonsView, StoreError> {
    let persons = rows::of_proposal(conn, proposal).await?.into_iter();
    Ok(NamedPersonsView {
        persons: persons.map(NamedPerson::from).collect(),
    })
}
