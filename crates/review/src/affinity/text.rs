//! Likeness of texts: the cosine of their vectors of TF-IDF weights (G. Salton and C. Buckley,
//! *Term-weighting approaches in automatic text retrieval*, 1988).
//!
//! A term weighs 1 + ln(how often) in its text, times 1 + ln((1 + n) / (1 + d)) where d of all n texts, those
//! of experts and proposals together, have it. Vectors are of length one, in whole parts of 2^20: sums of
//! whole numbers are the same in any order.

use std::collections::BTreeMap;

use super::WHOLE;
use super::terms::terms;

/// Length one, in the unit of weights.
const UNIT: f64 = (1_i64 << 20) as f64;

/// A text as its terms, by number, with their weights.
type Vector = Vec<(usize, i64)>;

/// The texts of all proposals and experts.
#[derive(Debug)]
pub(super) struct Likeness {
    terms: Vec<String>,
    proposals: Vec<Vector>,
    experts: Vec<Vector>,
    /// Of each term, the experts that use it, with its weight there.
    used_by: Vec<Vec<(usize, i64)>>,
}

impl Likeness {
    pub(super) fn new(proposals: &[String], experts: &[String]) -> Self {
        let count = |text: &String| -> BTreeMap<String, u32> {
            let mut counted = BTreeMap::new();
            for (term, _) in terms(text) {
                *counted.entry(term).or_insert(0) += 1;
            }
            counted
        };
        let counted: Vec<BTreeMap<String, u32>> =
            proposals.iter().chain(experts).map(count).collect();
        let mut texts_with: BTreeMap<&str, u32> = BTreeMap::new();
        for term in counted.iter().flat_map(BTreeMap::keys) {
            *texts_with.entry(term).or_insert(0) += 1;
        }
        let all = f64::from(u32::try_from(counted.len()).unwrap_or(u32::MAX));
        let numbered: BTreeMap<&str, (usize, f64)> = texts_with
            .iter()
            .enumerate()
            .map(|(number, (term, texts))| {
                let rarity = 1.0 + ((1.0 + all) / (1.0 + f64::from(*texts))).ln();
                (*term, (number, rarity))
            })
            .collect();
        let mut vectors: Vec<Vector> = counted.iter().map(|text| vector(text, &numbered)).collect();
        let mut used_by = vec![Vec::new(); numbered.len()];
        let of_experts = vectors.split_off(proposals.len());
        for (expert, vector) in of_experts.iter().enumerate() {
            for (term, weight) in vector {
                if let Some(users) = used_by.get_mut(*term) {
                    users.push((expert, *weight));
                }
            }
        }
        Self {
            terms: numbered.keys().map(|term| (*term).to_owned()).collect(),
            proposals: vectors,
            experts: of_experts,
            used_by,
        }
    }

    /// Whether a proposal's text has no term.
    pub(super) fn says_nothing(&self, proposal: usize) -> bool {
        self.proposals.get(proposal).is_none_or(Vec::is_empty)
    }

    /// The likeness of a proposal's text and that of each expert, in millionths.
    pub(super) fn of_proposal(&self, proposal: usize) -> Vec<i64> {
        let mut sums = vec![0_i64; self.experts.len()];
        for (term, weight) in self.proposals.get(proposal).into_iter().flatten() {
            for (expert, other) in self.used_by.get(*term).into_iter().flatten() {
                if let Some(sum) = sums.get_mut(*expert) {
                    *sum += weight * other;
                }
            }
        }
        sums.into_iter().map(millionths).collect()
    }

    /// The terms that a proposal and an expert share, as the proposal's text first writes them, with what each
    /// adds to the likeness, the largest first.
    pub(super) fn terms(&self, proposal: usize, expert: usize, text: &str) -> Vec<(String, i64)> {
        let (Some(mine), Some(theirs)) = (self.proposals.get(proposal), self.experts.get(expert))
        else {
            return Vec::new();
        };
        let theirs: BTreeMap<usize, i64> = theirs.iter().copied().collect();
        let mut written = BTreeMap::new();
        for (term, word) in terms(text) {
            written.entry(term).or_insert(word);
        }
        let mut shared: Vec<(String, i64)> = mine
            .iter()
            .filter_map(|(term, weight)| {
                let product = weight * theirs.get(term)?;
                let word = written.get(self.terms.get(*term)?)?;
                Some((word.clone(), millionths(product)))
            })
            .collect();
        shared.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        shared
    }
}

/// A product of weights in millionths, at most one whole: rounding may leave a text a little more than like
/// itself.
fn millionths(product: i64) -> i64 {
    let exact = (i128::from(product) * i128::from(WHOLE)) >> 40;
    i64::try_from(exact).unwrap_or(WHOLE).min(WHOLE)
}

fn vector(counted: &BTreeMap<String, u32>, numbered: &BTreeMap<&str, (usize, f64)>) -> Vector {
    let weighed: Vec<(usize, f64)> = counted
        .iter()
        .filter_map(|(term, often)| {
            let (number, rarity) = numbered.get(term.as_str())?;
            Some((*number, (1.0 + f64::from(*often).ln()) * rarity))
        })
        .collect();
    let length = weighed
        .iter()
        .map(|(_, weight)| weight * weight)
        .sum::<f64>()
        .sqrt();
    let whole = |weight: f64| (weight / length * UNIT).round() as i64;
    weighed
        .into_iter()
        .map(|(number, weight)| (number, whole(weight)))
        .collect()
}
