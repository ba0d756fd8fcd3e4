//! Who hears of what becomes of a funder's commitment: the funder's own people, and the steering committee.

use std::collections::BTreeMap;

use access::Role;
use serde_json::json;
use store::access::holders::{acting, holders};
use store::call::CallRow;
use store::outbox;
use uuid::Uuid;

use crate::intake::call_words;
use crate::{Problem, Tx};

/// What became of it.
#[derive(Debug, Clone, Copy, strum::Display)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Commitment {
    /// It may be changed once although the budget is frozen.
    Unfrozen,
    /// A signed document of it was filed.
    Signed,
    /// The funder does not pay it.
    Defaulted,
}

/// Writes to the committee, its chair and the secretariat, and to those who speak for the funder; each once.
pub(crate) async fn tell(
    tx: &mut Tx,
    call: &CallRow,
    (funder, name): (Uuid, &str),
    what: Commitment,
    reason: &str,
) -> Result<(), Problem> {
    let committee = [Role::Secretariat, Role::CscChair, Role::CscRepresentative];
    let own = [Role::ContactPerson, Role::Signatory];
    let mut to = BTreeMap::new();
    for one in holders(tx.conn(), call.id, &committee).await? {
        to.insert(one.email, one.name);
    }
    let acting = acting(tx.conn()).await?;
    let speaks = |whose: Uuid| whose == funder || acting.contains(&(whose, funder));
    for one in holders(tx.conn(), call.id, &own).await? {
        if one.organisation.is_some_and(speaks) {
            to.insert(one.email, one.name);
        }
    }
    let link = tx
        .service
        .api(format_args!("/calls/{}/commitments", call.id));
    let mails: Vec<_> = to
        .into_iter()
        .map(|(email, person)| {
            let variables = json!({
                "name": person, "call": call_words(call), "organisation": name, "what": what.to_string(),
                "reason": reason, "link": link,
            });
            crate::mail::letter(&tx.service, Some(call), &email, "commitment_news", variables)
        })
        .collect();
    Ok(outbox::queue(tx.conn(), &mails).await?)
}
