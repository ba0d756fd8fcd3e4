//! The first administrator, and what is swept away.

use access::{Action, Actor, Job, Object, Person, Role, Scope};
use kernel::Faults;
use serde_json::json;
use store::access::accounts::{self, AccountRow};
use store::access::roles::{self, GrantRow};
use store::access::throttle;
use store::access::tokens::{self, TokenKind};
use strum::IntoEnumIterator;
use uuid::Uuid;

use super::links;
use crate::{Context, Problem, Service, Tx};

/// Makes an administrator, with an account where there is none, and answers a one-time login link: no
/// account comes with a password (S12).
pub async fn make_administrator(
    service: &Service,
    email: &str,
    name: &str,
) -> Result<String, Problem> {
    let mut faults = Faults::default();
    let email = links::check_email("/email", email, &mut faults);
    let name = links::check_name("/name", name, &mut faults);
    faults.or(())?;
    let work = async move |tx: &mut Tx| {
        let account = match accounts::by_email(tx.conn(), &email).await? {
            Some(known) => known,
            None => {
                let new = AccountRow::new(&email, &name);
                let object = Object::new("account", new.id);
                let permit = tx.permit(Action::GrantInstallationRole, &object).await?;
                accounts::insert(tx.conn(), &permit, &new).await?;
                new
            }
        };
        let action = Action::GrantInstallationRole;
        let permit = tx.permit(action, &account.object()).await?;
        let grant = GrantRow {
            id: kernel::id::new(),
            account_id: account.id,
            call_id: None,
            role: Role::Administrator.to_string(),
            organisation_id: None,
            granted_by: None,
            ended_at: None,
        };
        roles::grant(tx.conn(), &permit, account.id, &grant).await?;
        tx.audit(&permit, None, None, json!({ "role": grant.role }))
            .await?;
        let kind = TokenKind::LoginLink;
        let (link, _) = links::make(tx, &permit, account.id, kind, None).await?;
        Ok(link)
    };
    let answer = service.write(Context::system(Job::Setup), work).await?;
    Ok(answer.value)
}

/// The account of this address as it acts from the command line, where whoever runs it has the database
/// itself: with all its roles, but never as one that logged in moments ago.
pub async fn from_the_command_line(service: &Service, email: &str) -> Result<Actor, Problem> {
    let mut faults = Faults::default();
    let email = links::check_email("/email", email, &mut faults);
    faults.or(())?;
    let parts = service.clone();
    let work = async move {
        let mut conn = parts.db().connection().await?;
        let Some(account) = accounts::by_email(&mut conn, &email).await? else {
            let detail = format!("there is no account of {email}; make one first");
            return Err(Problem::invalid("/email", "unknown_account", detail));
        };
        Ok(Actor::Person(Person {
            account: account.id,
            token: Uuid::nil(),
            scopes: Scope::iter().collect(),
            fresh: false,
            strong: true,
            desk: None,
            grants: store::access::grants(&mut conn, account.id).await?,
        }))
    };
    service.on_database_runtime(work).await
}

/// Forgets what counts no more: failed logins of yesterday, tokens that ended a month ago.
pub async fn sweep(service: &Service) -> Result<(), Problem> {
    let parts = service.clone();
    service
        .on_database_runtime(async move {
            let mut conn = parts.db().connection().await?;
            throttle::sweep(&mut conn).await?;
            tokens::sweep(&mut conn).await?;
            Ok(())
        })
        .await
}
