//! Which kinds of mails a person does without.

use access::{Action, Notice};
use kernel::Faults;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::access::{accounts, notices as rows};
use strum::IntoEnumIterator;
use utoipa::ToSchema;
use uuid::Uuid;

use super::links;
use crate::{Answer, Context, Problem, Service, Tx};

/// All kinds of mails, and which of them you get.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Notices {
    /// Every kind, also those that are always sent.
    pub items: Vec<NoticeView>,
}

/// A kind of mails.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NoticeView {
    /// Its name.
    pub kind: Notice,
    /// What it is about.
    pub about: String,
    /// Whether you get it by mail.
    pub by_mail: bool,
    /// Whether you may do without it: not what is the last chance, what binds, or what keeps your account safe.
    pub switchable: bool,
}

/// The kinds of mails to do without.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticesInput {
    /// All of them by name; every other kind is sent.
    #[schema(example = json!(["reminder"]))]
    pub off: Vec<String>,
}

/// Which kinds of mails the person gets.
pub async fn read_notices(service: &Service, context: Context) -> Result<Answer<Notices>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?.account;
        tx.permit(Action::ReadOwnAccount, &accounts::own(me))
            .await?;
        view(tx, me).await
    };
    service.read(context, work).await
}

/// Sets which kinds of mails the person does without.
pub async fn set_notices(
    service: &Service,
    context: Context,
    input: NoticesInput,
) -> Result<Answer<Notices>, Problem> {
    let work = async move |tx: &mut Tx| {
        let me = links::person(tx)?.account;
        let account = accounts::lock(tx.conn(), me).await?;
        let permit = tx
            .permit(Action::ManageOwnAccount, &account.object())
            .await?;
        let current = view(tx, me).await?;
        tx.precondition(&current)?;
        let off = known(&input)?;
        rows::set_off(tx.conn(), &permit, me, &off).await?;
        let detail = json!({ "changed": "notices", "off": off });
        tx.audit(&permit, None, None, detail).await?;
        view(tx, me).await
    };
    service.write(context, work).await
}

async fn view(tx: &mut Tx, account: Uuid) -> Result<Notices, Problem> {
    let off = rows::off(tx.conn(), account).await?;
    let items = Notice::iter().map(|kind| NoticeView {
        kind,
        about: kind.about().to_owned(),
        by_mail: !off.contains(&kind),
        switchable: kind.is_switchable(),
    });
    let items = items.collect();
    Ok(Notices { items })
}

/// The kinds that are named, each once.
fn known(input: &NoticesInput) -> Result<Vec<Notice>, Problem> {
    let (mut kinds, mut faults) = (Vec::new(), Faults::default());
    for (at, name) in input.off.iter().enumerate() {
        let pointer = format!("/off/{at}");
        match name.parse::<Notice>() {
            Ok(kind) if !kind.is_switchable() => faults.add(
                pointer,
                "notice_always_sent",
                format!(
                    "'{name}' is always sent; you may do without: {}",
                    Notice::switchable()
                ),
            ),
            Ok(kind) if !kinds.contains(&kind) => kinds.push(kind),
            Ok(_) => {}
            Err(_) => faults.add(
                pointer,
                "notice_unknown",
                format!(
                    "'{name}' is no kind of mail; you may do without: {}",
                    Notice::switchable()
                ),
            ),
        }
    }
    Ok(faults.or(kinds)?)
}
