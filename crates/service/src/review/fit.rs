//! How well experts fit proposals: what is computed by the weights of the stage, and what was imported in its place.

use std::collections::{BTreeMap, BTreeSet};

use ::review::affinity::{Explained, Matcher, Profile};
use ::review::conflict::Work;
use store::call::{self as calls, StageRow};
use store::review::affinity as rows;
use store::review::expert::ExpertRow;
use store::review::facts::Candidate;
use store::review::publication as publications;
use uuid::Uuid;

use super::evaluation;
use crate::{Problem, Tx};

/// Affinities of a stage.
pub(super) struct Fit {
    matcher: Matcher,
    /// All of them, where they were asked for.
    matrix: Vec<i64>,
    proposals: BTreeMap<Uuid, usize>,
    experts: BTreeMap<Uuid, usize>,
    imported: BTreeMap<(Uuid, Uuid), i32>,
}

/// Whether all pairs are asked for, or some.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    All,
    Some,
}

impl Fit {
    /// Reads what is known of both sides. How rare a word is, is counted over all `candidates` of the stage and all
    /// `experts` who may be assigned, so that a pair has the same affinity wherever it is asked for.
    pub async fn of(
        tx: &mut Tx,
        stage: &StageRow,
        candidates: &[Candidate],
        experts: &[ExpertRow],
        asked: Asked,
    ) -> Result<Fit, Problem> {
        let call = calls::find(tx.conn(), stage.call_id).await?;
        let weights = evaluation(&call, stage.number)?.affinity;
        let mut abstracts = rows::abstracts(tx.conn(), stage.id).await?;
        let works = publications::of_call(tx.conn(), stage.call_id, 0).await?;
        let imported = rows::imported(tx.conn(), stage.id).await?;
        let proposals: Vec<Profile> = candidates
            .iter()
            .map(|one| {
                let text = abstracts.remove(&one.standing.proposal_stage);
                proposal(one, &text.unwrap_or_default())
            })
            .collect();
        let titles = Titles::of(&works);
        let people: Vec<Profile> = experts.iter().map(|row| expert(row, &titles)).collect();
        // Comparing hundreds of texts takes a while of a processor, not of the database's thread.
        let compare = move || {
            let matcher = Matcher::new(weights, &proposals, &people);
            let matrix = match asked {
                Asked::All => matcher.matrix(),
                Asked::Some => Vec::new(),
            };
            (matcher, matrix)
        };
        let (matcher, matrix) = tokio::task::spawn_blocking(compare)
            .await
            .map_err(Problem::internal)?;
        let ids = candidates.iter().map(|one| one.standing.proposal);
        Ok(Fit {
            matcher,
            matrix,
            proposals: ids.zip(0..).collect(),
            experts: experts.iter().map(|row| row.id).zip(0..).collect(),
            imported,
        })
    }

    /// What counts for a pair, in millionths; 0 for one that was not read.
    pub fn value(&self, proposal: Uuid, expert: Uuid) -> i64 {
        if let Some(value) = self.imported(proposal, expert) {
            return value;
        }
        let place = (self.proposals.get(&proposal), self.experts.get(&expert));
        let (Some(row), Some(column)) = place else {
            return 0;
        };
        let known = self.matrix.get(row * self.experts.len() + column).copied();
        known.unwrap_or_else(|| {
            let explained = self.matcher.explain(*row, *column);
            explained.map_or(0, |explained| explained.millionths)
        })
    }

    /// The imported value of a pair, in millionths.
    pub fn imported(&self, proposal: Uuid, expert: Uuid) -> Option<i64> {
        self.imported
            .get(&(proposal, expert))
            .copied()
            .map(i64::from)
    }

    /// The computed value of a pair, part by part.
    pub fn explain(&self, proposal: Uuid, expert: Uuid) -> Option<Explained> {
        let (row, column) = (self.proposals.get(&proposal)?, self.experts.get(&expert)?);
        self.matcher.explain(*row, *column)
    }
}

fn proposal(one: &Candidate, abstract_text: &str) -> Profile {
    Profile {
        keywords: one.content.keywords.clone(),
        modules: one.content.modules.iter().cloned().collect(),
        text: format!("{}\n{abstract_text}", one.content.title),
    }
}

fn expert(row: &ExpertRow, titles: &Titles<'_>) -> Profile {
    let mut text = row.statement.clone();
    for title in titles.by(row) {
        text.push('\n');
        text.push_str(title);
    }
    Profile {
        keywords: row.keywords.clone(),
        modules: row.modules.clone(),
        text,
    }
}

/// The titles of imported publications, by the addresses and ORCID iDs of their authors: names alone would give an
/// expert the work of namesakes.
struct Titles<'a>(BTreeMap<String, BTreeSet<&'a str>>);

impl<'a> Titles<'a> {
    fn of(works: &'a [Work]) -> Titles<'a> {
        let mut titles: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for work in works {
            for person in &work.people {
                for key in keys(&person.email, person.orcid.as_deref()) {
                    titles.entry(key).or_default().insert(&work.title);
                }
            }
        }
        Titles(titles)
    }

    fn by(&self, row: &ExpertRow) -> BTreeSet<&'a str> {
        let keys = keys(&row.email, row.orcid.as_deref());
        let found = keys.iter().filter_map(|key| self.0.get(key));
        found.flatten().copied().collect()
    }
}

fn keys(email: &str, orcid: Option<&str>) -> Vec<String> {
    let bare = |orcid: &str| {
        orcid
            .trim_start_matches("https://orcid.org/")
            .to_uppercase()
    };
    let email = Some(email.trim().to_lowercase());
    let all = [email, orcid.map(bare)].into_iter().flatten();
    all.filter(|key| !key.is_empty()).collect()
}
