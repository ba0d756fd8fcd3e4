//! Who wears which role.

use access::{Action, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::access::{accounts, roles as rows};
use store::call as calls;
use store::view::access::{self as view, Holding, RoleView};
use utoipa::ToSchema;
use uuid::Uuid;

use super::links;
use crate::call::Reason;
use crate::call::given;
use crate::review::seat;
use crate::{Answer, Context, Problem, Service, Tx};

/// Roles in force.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Roles {
    /// In the order in which they were granted.
    pub items: Vec<RoleView>,
}

/// The role in words, as mails say it.
pub(crate) fn words(role: Role) -> &'static str {
    match role {
        Role::Administrator => "administrator",
        Role::AgendaEditor => "editor of agendas and organisations",
        Role::CallOffice => "call office",
        Role::MemberRepresentative => "representative of a member organisation",
        Role::Secretariat => "Joint Call Secretariat",
        Role::CscRepresentative => "representative in the Call Steering Committee",
        Role::ContactPerson => "national or regional contact person",
        Role::Signatory => "signatory",
        Role::CscChair => "chair of the Call Steering Committee",
        Role::PanelChair => "chair of the peer review panel",
        Role::PanelMember => "member of the peer review panel",
        Role::Observer => "independent observer",
    }
}

/// The own roles, of all calls and the installation.
pub async fn my_roles(service: &Service, context: Context) -> Result<Answer<Roles>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?;
        tx.permit(Action::ReadOwnAccount, &accounts::own(me.account))
            .await?;
        Ok(Roles {
            items: view::roles(tx.conn(), Holding::By(me.account)).await?,
        })
    };
    service.read(context, work).await
}

/// Who wears which role in a call.
pub async fn list_roles(
    service: &Service,
    context: Context,
    call: Uuid,
) -> Result<Answer<Roles>, Problem> {
    let work = async move |tx: &mut Tx| {
        let row = calls::find(tx.conn(), call).await?;
        tx.permit(Action::ReadRoles, &row.object()).await?;
        Ok(Roles {
            items: view::roles(tx.conn(), Holding::In(call)).await?,
        })
    };
    service.read(context, work).await
}

/// Ends a role, from the holder's next request on; with one on the panel the expert's seat, too. Somebody must stay who can
/// grant it again.
pub async fn end_role(
    service: &Service,
    context: Context,
    role: Uuid,
    input: Reason,
) -> Result<Answer<Roles>, Problem> {
    let work = async move |tx: &mut Tx| {
        let found = rows::find(tx.conn(), role).await?;
        let action = if found.role()?.is_installation_wide() {
            Action::GrantInstallationRole
        } else {
            Action::EndRole
        };
        let seat = seat::of_role(tx, &found).await?;
        let holders = rows::lock_holders(tx.conn(), found.call_id, &found.role).await?;
        let permit = tx.permit(action, &found.object()).await?;
        if !holders.iter().any(|holder| holder.id == role) {
            return Err(Problem::not_found());
        }
        given(&input.reason)?;
        let last = holders.len() == 1;
        if last && matches!(found.role()?, Role::Secretariat | Role::Administrator) {
            return Err(Problem::state(format!(
                "This is the last {}; have a successor accept the role first.",
                words(found.role()?)
            )));
        }
        rows::end(tx.conn(), &permit, role, role).await?;
        let mut detail = json!({ "role": found.role, "holder": found.account_id });
        if let Some(seat) = seat {
            detail["seat"] = seat::end(tx, &permit, role, seat).await?;
        }
        let reason = Some(input.reason.trim());
        tx.audit(&permit, None, reason, detail).await?;
        let items = match found.call_id {
            Some(call) => view::roles(tx.conn(), Holding::In(call)).await?,
            None => view::roles(tx.conn(), Holding::By(found.account_id)).await?,
        };
        Ok(Roles { items })
    };
    service.write(context, work).await
}
