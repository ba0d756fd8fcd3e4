//! Correcting the record of an expert: who it is, from where, and on what.

use access::{Action, Permit};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::expert::ExpertRow;
use crate::error::{demand, one_row};
use crate::schema::sealed::expert;
use crate::{Conn, StoreError};

/// Saves the record of an expert as `row` has it; state, role, load and declarations stay. `row.version` is the one that was
/// read.
pub async fn correct(conn: &mut Conn, permit: &Permit, row: &ExpertRow) -> Result<(), StoreError> {
    let deeds = [Action::CorrectExpert, Action::CorrectOwnExpertise];
    demand(permit, &deeds, row.id)?;
    let changed = diesel::update(expert::table.find(row.id))
        .filter(expert::state.eq(&row.state))
        .filter(expert::version.eq(row.version))
        .set((
            expert::email.eq(&row.email),
            expert::name.eq(&row.name),
            expert::organisation.eq(&row.organisation),
            expert::department.eq(&row.department),
            expert::ror.eq(&row.ror),
            expert::orcid.eq(&row.orcid),
            expert::country.eq(&row.country),
            expert::gender.eq(&row.gender),
            expert::languages.eq(&row.languages),
            expert::keywords.eq(&row.keywords),
            expert::modules.eq(&row.modules),
            expert::statement.eq(&row.statement),
            expert::affiliations.eq(&row.affiliations),
            expert::version.eq(row.version + 1),
        ))
        .execute(conn)
        .await?;
    one_row(changed)
}
