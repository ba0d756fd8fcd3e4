//! How well experts fit proposals: keywords and modules that both have, and likeness of texts.
//!
//! A [`Matcher`] is made once of all proposals and experts of a call; it gives the whole table that the
//! assignment reads, and explains any pair of it by the same figures. All is whole millionths, and the same
//! in every run: nothing depends on the order of a hash table.

mod keywords;
mod table;
mod terms;
#[cfg(test)]
mod tests;
mod text;

use call::AffinityWeights;
use serde::Serialize;

pub use keywords::{Affinity, affinity};
use keywords::{Asked, Held};
pub use table::{GivenAffinity, parse_affinities};
use text::Likeness;

/// One whole, in the unit of affinities.
pub const WHOLE: i64 = 1_000_000;

/// What is known of an expert or a proposal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Keywords, as people wrote them.
    pub keywords: Vec<String>,
    /// Modules of the call by their keys; of an expert, areas are spelt out as their modules.
    pub modules: Vec<String>,
    /// The proposal's title and abstract, or the expert's statement.
    pub text: String,
}

/// How well an expert fits a proposal, part by part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Explained {
    /// Millionths: the mean of the parts that count, by their weights, rounded down.
    pub millionths: i64,
    /// Keywords: the share of the proposal's that the expert has, and which.
    pub keywords: Affinity,
    /// Modules: the share of the proposal's that the expert has, and which.
    pub modules: Affinity,
    /// Likeness of the texts, in millionths.
    pub text: i64,
    /// The words that make the texts alike, as the proposal writes them, the weightiest first, with their
    /// share of the likeness in millionths.
    pub terms: Vec<(String, i64)>,
    /// The weights that counted for this proposal: of a part that it does not have, 0.
    pub weights: AffinityWeights,
}

/// At most so many words explain a pair.
const TERMS_TOLD: usize = 8;

/// All proposals and experts, made ready for comparing.
#[derive(Debug)]
pub struct Matcher {
    proposals: Vec<Wanted>,
    keywords: Held,
    modules: Held,
    likeness: Likeness,
}

#[derive(Debug)]
struct Wanted {
    keywords: Asked,
    modules: Asked,
    text: String,
    weights: AffinityWeights,
}

impl Matcher {
    /// Reads all profiles. Words that few of them use weigh more in the likeness of texts.
    pub fn new(weights: AffinityWeights, proposals: &[Profile], experts: &[Profile]) -> Self {
        let texts = |profiles: &[Profile]| -> Vec<String> {
            profiles.iter().map(|one| one.text.clone()).collect()
        };
        let likeness = Likeness::new(&texts(proposals), &texts(experts));
        let wanted = proposals.iter().enumerate().map(|(at, one)| {
            let (keywords, modules) = (Asked::of(&one.keywords), Asked::of(&one.modules));
            // Nobody fits or misses what the proposal does not say.
            let if_said = |weight, nothing: bool| if nothing { 0 } else { weight };
            let weights = AffinityWeights {
                keywords: if_said(weights.keywords, keywords.is_empty()),
                modules: if_said(weights.modules, modules.is_empty()),
                text: if_said(weights.text, likeness.says_nothing(at)),
            };
            Wanted {
                keywords,
                modules,
                text: one.text.clone(),
                weights,
            }
        });
        Self {
            proposals: wanted.collect(),
            keywords: Held::of(experts.iter().map(|one| &one.keywords)),
            modules: Held::of(experts.iter().map(|one| &one.modules)),
            likeness,
        }
    }

    /// The affinities in millionths, proposal by proposal, with an entry for each expert.
    pub fn matrix(&self) -> Vec<i64> {
        let mut all = Vec::new();
        for (at, wanted) in self.proposals.iter().enumerate() {
            let keywords = self.keywords.shares(&wanted.keywords).into_iter();
            let modules = self.modules.shares(&wanted.modules).into_iter();
            let texts = self.likeness.of_proposal(at).into_iter();
            let parts = keywords.zip(modules).zip(texts);
            all.extend(
                parts.map(|((keywords, modules), text)| wanted.mean(keywords, modules, text)),
            );
        }
        all
    }

    /// Why the expert fits the proposal as well as the table says; none where there is no such pair.
    pub fn explain(&self, proposal: usize, expert: usize) -> Option<Explained> {
        let wanted = self.proposals.get(proposal)?;
        let keywords = self.keywords.met(expert, &wanted.keywords)?;
        let modules = self.modules.met(expert, &wanted.modules)?;
        let text = *self.likeness.of_proposal(proposal).get(expert)?;
        let mut terms = self.likeness.terms(proposal, expert, &wanted.text);
        terms.truncate(TERMS_TOLD);
        Some(Explained {
            millionths: wanted.mean(keywords.millionths, modules.millionths, text),
            keywords,
            modules,
            text,
            terms,
            weights: wanted.weights,
        })
    }
}

impl Wanted {
    fn mean(&self, keywords: i64, modules: i64, text: i64) -> i64 {
        let weights = &self.weights;
        let [k, m, t] = [weights.keywords, weights.modules, weights.text].map(i64::from);
        (k * keywords + m * modules + t * text)
            .checked_div(k + m + t)
            .unwrap_or(0)
    }
}
