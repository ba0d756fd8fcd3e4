use std::collections::BTreeSet;

use serde::Serialize;

use crate::fold::fold;

/// One whole, in the unit of affinities.
pub const WHOLE: i64 = 1_000_000;

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
    let known: BTreeSet<String> = expert.iter().map(|word| fold(word)).collect();
    let mut asked = BTreeSet::new();
    let mut met = Vec::new();
    for keyword in proposal {
        let folded = fold(keyword);
        if folded.is_empty() || !asked.insert(folded.clone()) {
            continue;
        }
        if known.contains(&folded) {
            met.push(keyword.trim().to_owned());
        }
    }
    met.sort();
    let millionths = match i64::try_from(asked.len()) {
        Ok(count) if count > 0 => met.len() as i64 * WHOLE / count,
        _ => 0,
    };
    Affinity { millionths, met }
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
