use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::WHOLE;
use crate::fold::fold;

/// How well an expert fits a proposal, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Affinity {
    /// Millionths, 0 to 1,000,000: the share of the proposal's keywords that the expert has.
    pub millionths: i64,
    /// The keywords that met, as the proposal writes them, in alphabetical order.
    pub met: Vec<String>,
}

/// The share of the proposal's keywords that the expert has, rounded down to a millionth.
///
/// The share is of the proposal's keywords, not of both lists: an expert who knows more is no worse
/// for it. Case, accents and punctuation do not matter, and a keyword written twice counts once.
pub fn affinity(expert: &[String], proposal: &[String]) -> Affinity {
    Asked::of(proposal).met_by(&known(expert))
}

/// Words as they are compared.
fn known<'a>(words: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
    words.into_iter().map(|word| fold(word)).collect()
}

/// Keywords or modules that a proposal has, each once, made ready for comparing.
#[derive(Debug)]
pub(super) struct Asked(Vec<(String, String)>);

impl Asked {
    pub(super) fn of<'a>(words: impl IntoIterator<Item = &'a String>) -> Self {
        let mut seen = BTreeSet::new();
        let folded = words
            .into_iter()
            .map(|word| (fold(word), word.trim().to_owned()));
        Self(
            folded
                .filter(|(word, _)| !word.is_empty() && seen.insert(word.clone()))
                .collect(),
        )
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// So many of them as a share, rounded down.
    fn share(&self, met: usize) -> i64 {
        match (i64::try_from(met), i64::try_from(self.0.len())) {
            (Ok(met), Ok(count)) if count > 0 => met * WHOLE / count,
            _ => 0,
        }
    }

    pub(super) fn met_by(&self, known: &BTreeSet<String>) -> Affinity {
        let met = self.0.iter().filter(|(folded, _)| known.contains(folded));
        let mut met: Vec<String> = met.map(|(_, written)| written.clone()).collect();
        met.sort();
        Affinity {
            millionths: self.share(met.len()),
            met,
        }
    }
}

/// The words of all experts, so indexed that a proposal's are looked up once and not in each expert's.
#[derive(Debug)]
pub(super) struct Held {
    of_each: Vec<BTreeSet<String>>,
    holders: HashMap<String, Vec<usize>>,
}

impl Held {
    pub(super) fn of<'a>(experts: impl IntoIterator<Item = &'a Vec<String>>) -> Self {
        let of_each: Vec<BTreeSet<String>> = experts.into_iter().map(known).collect();
        let mut holders: HashMap<String, Vec<usize>> = HashMap::new();
        for (expert, words) in of_each.iter().enumerate() {
            for word in words {
                holders.entry(word.clone()).or_default().push(expert);
            }
        }
        Self { of_each, holders }
    }

    /// Of each expert, the share of the proposal's words.
    pub(super) fn shares(&self, asked: &Asked) -> Vec<i64> {
        let mut met = vec![0; self.of_each.len()];
        for (word, _) in &asked.0 {
            for expert in self.holders.get(word).into_iter().flatten() {
                if let Some(met) = met.get_mut(*expert) {
                    *met += 1;
                }
            }
        }
        met.into_iter().map(|met| asked.share(met)).collect()
    }

    /// What one expert has of the proposal's words.
    pub(super) fn met(&self, expert: usize, asked: &Asked) -> Option<Affinity> {
        Some(asked.met_by(self.of_each.get(expert)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn it_is_the_share_of_the_proposals_keywords() {
        let expert = list(&["Oncology", "Machine learning", "Ethics", "Proteomics"]);
        let found = affinity(
            &expert,
            &list(&["oncology", "machine-learning", "genomics"]),
        );
        assert_eq!(found.millionths, 666_666);
        assert_eq!(found.met, ["machine-learning", "oncology"]);
    }

    #[test]
    fn all_met_is_one_whole_and_none_is_nothing() {
        let words = list(&["Épigénétique", "rare diseases"]);
        assert_eq!(
            affinity(&list(&["epigenetique", "Rare Diseases", "x"]), &words).millionths,
            WHOLE
        );
        assert_eq!(affinity(&list(&["cardiology"]), &words).millionths, 0);
        assert_eq!(affinity(&words, &[]).millionths, 0);
        assert_eq!(affinity(&list(&["-"]), &list(&["-"])).millionths, 0);
    }

    #[test]
    fn a_keyword_written_twice_counts_once() {
        let twice = list(&["Oncology", "oncology ", "genomics"]);
        assert_eq!(affinity(&list(&["oncology"]), &twice).millionths, 500_000);
    }
}
