//! What the evaluation reads of the proposals: who stands in them, from where, and about what.

use std::collections::{BTreeMap, BTreeSet};

use ::intake::{Content, ProposalState};
use ::review::conflict::{Organisation, Person, ProposalFacts};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::wearer;
use crate::intake::amend;
use crate::outcome::{self, Standing};
use crate::schema::{account, consortium_change, partner, proposal, proposal_stage, submission};
use crate::{Conn, StoreError, text};

/// A proposal that takes part in the evaluation of a stage, without its texts.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Where it stands.
    pub standing: Standing,
    /// The version that counts, with the consortium as it is now; its abstract and texts are left out.
    pub content: Content,
    /// The coordinator's account.
    pub coordinator: Person,
}

impl Candidate {
    /// Everybody the proposal lists, its coordinator first.
    pub fn people(&self) -> Vec<Person> {
        let listed = self.content.partners.iter().map(|partner| Person {
            name: partner.principal_investigator.name.clone(),
            email: partner.principal_investigator.email.clone(),
            orcid: partner.principal_investigator.orcid.clone(),
        });
        std::iter::once(self.coordinator.clone())
            .chain(listed)
            .collect()
    }

    /// What conflicts are looked for with, but for the applicants of the call, who are the same for all its proposals.
    pub fn facts(&self) -> ProposalFacts {
        ProposalFacts {
            people: self.people(),
            organisations: self.organisations(),
            ..ProposalFacts::default()
        }
    }

    /// The partners' organisations.
    pub fn organisations(&self) -> Vec<Organisation> {
        let partners = self.content.partners.iter();
        partners
            .map(|partner| Organisation {
                name: partner.organisation.clone(),
                ror: partner.ror.clone(),
                department: partner.department.clone().unwrap_or_default(),
            })
            .collect()
    }
}

/// Whether a proposal in this state takes part in the evaluation: it was locked, and nothing took it out.
pub fn takes_part(state: ProposalState) -> bool {
    use ProposalState::{Draft, EditedSince, Excluded, Ineligible, Lapsed, Submitted, Withdrawn};
    !matches!(
        state,
        Draft | Submitted | EditedSince | Lapsed | Ineligible | Withdrawn | Excluded
    )
}

/// Whether a proposal in this state may get reviewers.
pub fn is_reviewed(state: ProposalState) -> bool {
    matches!(state, ProposalState::Eligible | ProposalState::Conditional)
}

/// The proposals that take part in the evaluation of a stage.
pub async fn taking_part(conn: &mut Conn, stage: Uuid) -> Result<BTreeSet<Uuid>, StoreError> {
    let standings = outcome::standings(conn, stage).await?.into_iter();
    let taking_part = standings.filter(|standing| takes_part(standing.state));
    Ok(taking_part.map(|standing| standing.proposal).collect())
}

type Written = (Uuid, Value, String, String, Option<String>);

/// The proposals that take part in the evaluation of a stage, by number.
pub async fn candidates(conn: &mut Conn, stage: Uuid) -> Result<Vec<Candidate>, StoreError> {
    let standings = outcome::standings(conn, stage).await?;
    let mut written: Vec<Written> = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(account::table.on(account::id.eq(proposal::coordinator_id)))
        .filter(proposal_stage::stage_id.eq(stage))
        .select((
            proposal_stage::id,
            // Texts make nine tenths of a proposal, and nobody here reads them.
            sql::<Jsonb>("submission.content - 'texts' - 'abstract'"),
            account::name,
            account::email,
            account::orcid,
        ))
        .load(conn)
        .await?;
    let mut contents: Vec<_> = written
        .iter_mut()
        .map(|(row, content, ..)| (*row, content))
        .collect();
    amend(conn, &mut contents).await?;
    let mut written: BTreeMap<Uuid, (Value, Person)> = written
        .into_iter()
        .map(|(id, content, name, email, orcid)| (id, (content, Person { name, email, orcid })))
        .collect();
    let mut found = Vec::new();
    for standing in standings {
        if !takes_part(standing.state) {
            continue;
        }
        if let Some((content, coordinator)) = written.remove(&standing.proposal_stage) {
            found.push(Candidate {
                standing,
                content: text::document(content)?,
                coordinator,
            });
        }
    }
    Ok(found)
}

/// Everybody who applies in a call with a proposal that is past its deadline: nominations are checked
/// against them, and against who took another's place or wrote a partner's part since. Drafts stay out, as their existence is nobody's to know.
pub async fn applicants(conn: &mut Conn, call: Uuid) -> Result<Vec<Person>, StoreError> {
    let rows: Vec<(Value, String, String, Option<String>)> = submission::table
        .inner_join(
            proposal_stage::table.on(proposal_stage::id
                .eq(submission::proposal_stage_id)
                .and(proposal_stage::submitted.eq(submission::number))),
        )
        .inner_join(proposal::table.on(proposal::id.eq(proposal_stage::proposal_id)))
        .inner_join(account::table.on(account::id.eq(proposal::coordinator_id)))
        .filter(proposal::call_id.eq(call))
        .filter(proposal_stage::state.eq(ProposalState::Locked.to_string()))
        .select((
            sql::<Jsonb>(
                "jsonb_path_query_array(submission.content, '$.partners[*].principal_investigator')",
            ),
            account::name,
            account::email,
            account::orcid,
        ))
        .load(conn)
        .await?;
    let mut people = Vec::new();
    for (listed, name, email, orcid) in rows {
        people.push(Person { name, email, orcid });
        people.extend(self::listed(listed)?);
    }
    let newcomers: Vec<Value> = consortium_change::table
        .filter(consortium_change::call_id.eq(call))
        .filter(consortium_change::becomes.is_not_null())
        .select(sql::<Jsonb>("becomes -> 'principal_investigator'"))
        .load(conn)
        .await?;
    for one in newcomers {
        let one: ::intake::Person = text::document(one)?;
        people.push(Person {
            name: one.name,
            email: one.email,
            orcid: one.orcid,
        });
    }
    people.extend(wearer::writers(conn, call).await?);
    Ok(people)
}

/// The persons of a list as a proposal's content has it.
pub(super) fn listed(people: Value) -> Result<Vec<Person>, StoreError> {
    let people: Vec<::intake::Person> = text::document(people)?;
    let all = people.into_iter().map(|one| Person {
        name: one.name,
        email: one.email,
        orcid: one.orcid,
    });
    Ok(all.collect())
}

/// The proposals of a call that are past a deadline.
pub async fn disclosed(conn: &mut Conn, call: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let partners = partner::table.filter(partner::proposal_stage_id.eq(proposal_stage::id));
    Ok(proposal_stage::table
        .filter(proposal_stage::call_id.eq(call))
        .filter(diesel::dsl::exists(partners))
        .select(proposal_stage::proposal_id)
        .distinct()
        .load(conn)
        .await?)
}

/// The numbers of a call's proposals.
pub async fn numbers(conn: &mut Conn, call: Uuid) -> Result<BTreeMap<Uuid, String>, StoreError> {
    let rows: Vec<(Uuid, String)> = proposal::table
        .filter(proposal::call_id.eq(call))
        .select((proposal::id, proposal::number))
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
