//! The ROR id of an organisation of the register, by which conflicts of interest are found whatever its name is.

use access::Action;
use call::kept_ror;
use kernel::Faults;
use serde::Deserialize;
use serde_json::json;
use store::agenda::{self as rows, OrganisationRow};
use store::view::agenda::OrganisationView;
use utoipa::ToSchema;

use super::{shown, taken};
use crate::{Answer, Context, Problem, Service, Tx};

/// The ROR id of an organisation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RorInput {
    /// ROR id, with or without `https://ror.org/`; left out: it has none.
    #[serde(default)]
    #[schema(example = "03yrm5c26")]
    pub ror: Option<String>,
}

/// Says which ROR id an organisation has, or that it has none.
pub async fn set_ror(
    service: &Service,
    context: Context,
    key: String,
    input: RorInput,
) -> Result<Answer<OrganisationView>, Problem> {
    let work = async move |tx: &mut Tx| {
        let known = rows::lock_organisation(tx.conn(), &key).await?;
        let known = known.ok_or_else(Problem::not_found)?;
        let permit = tx
            .permit(Action::ManageOrganisations, &known.object())
            .await?;
        let mut faults = Faults::default();
        let ror = kept_ror("/ror", input.ror.as_deref(), &mut faults);
        faults.or(())?;
        if ror != known.ror {
            let wanted = OrganisationRow { ror, ..known };
            rows::save_organisation(tx.conn(), &permit, &wanted)
                .await
                .map_err(taken)?;
            let version = Some(wanted.version + 1);
            let detail = json!({ "key": wanted.key, "ror": wanted.ror });
            tx.audit(&permit, version, None, detail).await?;
        }
        shown(tx, &key).await
    };
    service.write(context, work).await
}
