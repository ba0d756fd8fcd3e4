//! The record of an expert, as secretariat and expert read and correct it.

use ::review::{Affiliation, Gender};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::StoreError;
use crate::review::expert::ExpertRow;

/// What is on record of an expert: who it is, from where, and on what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExpertRecord {
    /// The expert's id in this call.
    pub expert: Uuid,
    /// E-mail address.
    pub email: String,
    /// Full name.
    pub name: String,
    /// Where the expert works.
    pub organisation: String,
    /// Institute or department there.
    pub department: String,
    /// ROR id of the organisation.
    pub ror: Option<String>,
    /// ORCID iD.
    pub orcid: Option<String>,
    /// ISO 3166-1 code of the country of the organisation.
    pub country: Option<String>,
    /// Other and former places of work.
    pub affiliations: Vec<Affiliation>,
    /// For the balance of the panel alone.
    pub gender: Option<Gender>,
    /// Languages, by their two letters of ISO 639-1.
    pub languages: Vec<String>,
    /// Fields of expertise.
    pub keywords: Vec<String>,
    /// Modules of the call, by their keys.
    pub modules: Vec<String>,
    /// What the expert works on.
    pub statement: String,
}

/// The record. Who may read it, reads all of it.
pub fn record(row: &ExpertRow) -> Result<ExpertRecord, StoreError> {
    Ok(ExpertRecord {
        expert: row.id,
        email: row.email.clone(),
        name: row.name.clone(),
        organisation: row.organisation.clone(),
        department: row.department.clone(),
        ror: row.ror.clone(),
        orcid: row.orcid.clone(),
        country: row.country.clone(),
        affiliations: row.affiliations()?,
        gender: row.gender()?,
        languages: row.languages.clone(),
        keywords: row.keywords.clone(),
        modules: row.modules.clone(),
        statement: row.statement.clone(),
    })
}
