//! Where a text that applicants will read seems to name who evaluated the proposal.

use std::collections::{BTreeMap, BTreeSet};

use ::review::conflict::ExpertFacts;
use ::review::identity_doubts;
use chrono::NaiveDate;
use kernel::Finding;
use uuid::Uuid;

use super::{expert as experts, review as reviews};
use crate::call::StageRow;
use crate::{Conn, StoreError};

/// Who may not be named to the applicants of a stage.
pub struct Names {
    /// The experts of the call, each with whether they sit on the panel.
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
        let mut found = Vec::new();
        for expert in experts::of_call(conn, stage.call_id).await? {
            let sits = expert.role()?.sits_on_panel();
            // A place of work gives somebody away even when it is over.
            found.push((expert.id, sits, expert.facts(NaiveDate::MIN)?));
        }
        Ok(Names {
            experts: found,
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
    /// the proposal, or of somebody who sits on the panel.
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

/// Whether two findings say the same. An address is found for its owner and, in other words, for everybody else.
fn is_same(one: &Finding, other: &Finding) -> bool {
    let address = one.code == "identity_email" && other.code == one.code;
    one == other || address && one.pointer == other.pointer
}
