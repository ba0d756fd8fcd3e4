//! Where a text that applicants will read seems to name who evaluated the proposal.

use std::collections::{BTreeMap, BTreeSet};

use ::review::conflict::ExpertFacts;
use ::review::identity_doubts;
use chrono::NaiveDate;
use kernel::Finding;
use uuid::Uuid;

use super::{expert as experts, panel, review as reviews};
use crate::call::StageRow;
use crate::{Conn, StoreError};

/// Who may not be named to the applicants of a stage.
pub struct Names {
    /// The experts of the call, each with whether they sit on the panel or ever sat there, and who sits or sat there by a
    /// role alone.
    experts: Vec<(Uuid, bool, ExpertFacts)>,
    /// Who has or had a review, by proposal.
    reviewers: BTreeMap<Uuid, BTreeSet<Uuid>>,
}

impl Names {
    /// Reads them: of the whole stage, or as far as one proposal in it asks for them.
    pub async fn of(
        conn: &mut Conn,
        stage: &StageRow,
        proposal: Option<Uuid>,
    ) -> Result<Names, StoreError> {
        let mut reviewers: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
        let written = match proposal {
            Some(id) => reviews::of_proposal(conn, id, stage.id).await?,
            None => reviews::of_stage(conn, stage.id).await?,
        };
        for row in written {
            let of_it = reviewers.entry(row.proposal_id).or_default();
            of_it.insert(row.expert_id);
        }
        Ok(Names {
            experts: everybody(conn, stage.call_id).await?,
            reviewers,
        })
    }

    /// The same with one expert more who looked at the proposal.
    #[must_use]
    pub fn with(mut self, proposal: Uuid, expert: Option<Uuid>) -> Names {
        self.reviewers.entry(proposal).or_default().extend(expert);
        self
    }

    /// The doubts about texts on a proposal, each once: they hold a name, an address or an institution of a reviewer of
    /// the proposal, or of somebody who sits on the panel or sat there.
    pub fn doubts(&self, proposal: Uuid, texts: &[(String, &str)]) -> Vec<Finding> {
        let reviewers = self.reviewers.get(&proposal);
        let mut doubts: Vec<Finding> = Vec::new();
        for (expert, sits, facts) in &self.experts {
            if *sits || reviewers.is_some_and(|known| known.contains(expert)) {
                for doubt in identity_doubts(facts, texts) {
                    if !doubts.iter().any(|known| is_same(known, &doubt)) {
                        doubts.push(doubt);
                    }
                }
            }
        }
        doubts
    }
}

/// What gives away everybody who evaluates in a call, or ever did: its experts, and who holds or held a role of its panel.
pub async fn given_away_by(conn: &mut Conn, call: Uuid) -> Result<Vec<ExpertFacts>, StoreError> {
    let everybody = everybody(conn, call).await?;
    Ok(everybody.into_iter().map(|(_, _, facts)| facts).collect())
}

/// The experts of a call, by their ids, and who wears or wore a role of its panel without being one, by their accounts; each
/// with whether they sit on the panel or sat there before they left it.
async fn everybody(
    conn: &mut Conn,
    call: Uuid,
) -> Result<Vec<(Uuid, bool, ExpertFacts)>, StoreError> {
    let mut holders = panel::ever(conn, call).await?;
    let mut found = Vec::new();
    for expert in experts::of_call(conn, call).await? {
        let sat = expert
            .account_id
            .and_then(|account| holders.remove(&account));
        let sits = sat.is_some() || expert.role()?.sits_on_panel();
        // A place of work gives somebody away even when it is over.
        found.push((expert.id, sits, expert.facts(NaiveDate::MIN)?));
    }
    for (account, person) in holders {
        let facts = ExpertFacts {
            person,
            ..ExpertFacts::default()
        };
        found.push((account, true, facts));
    }
    Ok(found)
}

/// Whether two findings say the same. An address is found for its owner and, in other words, for everybody else.
fn is_same(one: &Finding, other: &Finding) -> bool {
    let address = one.code == "identity_email" && other.code == one.code;
    one == other || address && one.pointer == other.pointer
}
