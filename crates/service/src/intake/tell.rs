//! Who hears of what happens to a proposal after its deadline; each of them once.

use std::collections::BTreeMap;

use access::Role;
use intake::Content;
use serde_json::{Value, json};
use store::access::holders::{Holder, holders};
use store::call::CallRow;
use store::intake::{self as rows, ProposalRow};
use store::outbox;
use store::outcome;
use uuid::Uuid;

use crate::{Problem, Tx};

/// People to be written to, names by address.
#[derive(Debug, Default)]
pub(super) struct Concerned(BTreeMap<String, String>);

impl Concerned {
    /// The coordinator, once the address is confirmed.
    pub(super) async fn coordinator(
        &mut self,
        tx: &mut Tx,
        proposal: &ProposalRow,
    ) -> Result<(), Problem> {
        let found = rows::account(tx.conn(), proposal.coordinator_id).await?;
        self.0.extend(found.map(|to| (to.email, to.name)));
        Ok(())
    }

    /// The investigator of a partner, at the address that the version that counts gives.
    pub(super) async fn investigator(
        &mut self,
        tx: &mut Tx,
        proposal_stage: Uuid,
        partner: Uuid,
    ) -> Result<(), Problem> {
        let content = rows::counting_content(tx.conn(), proposal_stage).await?;
        let content: Content = store::text::document(content)?;
        let one = content.partners.into_iter().find(|one| one.id == partner);
        if let Some(person) = one.map(|one| one.principal_investigator)
            && !person.email.trim().is_empty()
        {
            self.0.entry(person.email).or_insert(person.name);
        }
        Ok(())
    }

    /// The secretariat, and those of a funder who check its applicants.
    pub(super) async fn checkers(
        &mut self,
        tx: &mut Tx,
        proposal: &ProposalRow,
        funder: Option<Uuid>,
    ) -> Result<(), Problem> {
        let roles = [
            Role::Secretariat,
            Role::ContactPerson,
            Role::CscRepresentative,
        ];
        let found = unconflicted(tx, proposal, &roles).await?;
        let concerned = found
            .into_iter()
            .filter(|one| one.organisation.is_none() || one.organisation == funder);
        self.0.extend(concerned.map(|one| (one.email, one.name)));
        Ok(())
    }

    /// The Call Steering Committee with its chair, and the secretariat.
    pub(super) async fn committee(
        &mut self,
        tx: &mut Tx,
        proposal: &ProposalRow,
    ) -> Result<(), Problem> {
        let roles = [Role::Secretariat, Role::CscChair, Role::CscRepresentative];
        let found = unconflicted(tx, proposal, &roles).await?;
        self.0
            .extend(found.into_iter().map(|one| (one.email, one.name)));
        Ok(())
    }

    /// Writes the same to each.
    pub(super) async fn tell(
        self,
        tx: &mut Tx,
        call: &CallRow,
        template: &str,
        variables: Value,
    ) -> Result<(), Problem> {
        let mails: Vec<_> = self
            .0
            .into_iter()
            .map(|(email, name)| {
                let mut variables = variables.clone();
                variables["name"] = json!(name);
                crate::mail::letter(&tx.service, Some(call), &email, template, variables)
            })
            .collect();
        Ok(outbox::queue(tx.conn(), &mails).await?)
    }
}

/// Who wears one of the roles in the call and has no conflict of interest with the proposal: a mail tells no more than
/// a page would.
async fn unconflicted(
    tx: &mut Tx,
    proposal: &ProposalRow,
    roles: &[Role],
) -> Result<Vec<Holder>, Problem> {
    let mut found = holders(tx.conn(), proposal.call_id, roles).await?;
    let walled_off = outcome::addresses_in_conflict(tx.conn(), proposal.id).await?;
    found.retain(|one| !walled_off.contains(&one.email));
    Ok(found)
}
