use std::collections::BTreeMap;

use super::*;
use proptest::prelude::*;

fn profile(keywords: &[&str], modules: &[&str], text: &str) -> Profile {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Profile {
        keywords: owned(keywords),
        modules: owned(modules),
        text: text.to_owned(),
    }
}

const ALL: AffinityWeights = AffinityWeights {
    keywords: 2,
    modules: 1,
    text: 2,
};

#[test]
fn the_mean_is_weighted_and_explained() {
    let proposals = [profile(
        &["Oncology", "genomics"],
        &["1A", "2B"],
        "Genomes of tumours guide therapies.",
    )];
    let experts = [
        profile(
            &["oncology"],
            &["2B"],
            "Genomes of tumours guide therapies.",
        ),
        profile(&[], &[], "Medieval charters"),
    ];
    let matcher = Matcher::new(ALL, &proposals, &experts);
    let first = matcher.explain(0, 0).unwrap();
    assert_eq!(first.keywords.millionths, 500_000);
    assert_eq!(first.keywords.met, ["Oncology"]);
    assert_eq!(first.modules.met, ["2B"]);
    assert!((WHOLE - first.text) < 5, "the same text: {}", first.text);
    assert_eq!(
        first.millionths,
        (2 * 500_000 + 500_000 + 2 * first.text) / 5
    );
    let words: Vec<&str> = first.terms.iter().map(|(word, _)| word.as_str()).collect();
    assert_eq!(words, ["genomes", "guide", "therapies", "tumours"]);
    assert_eq!(matcher.matrix(), [first.millionths, 0]);
    assert_eq!(matcher.explain(0, 1).unwrap().terms, []);
    assert_eq!(matcher.explain(0, 2), None);
    assert_eq!(matcher.explain(1, 0), None);
}

#[test]
fn what_a_proposal_does_not_say_counts_for_and_against_nobody() {
    let proposals = [
        profile(&["oncology"], &[], "the of and"),
        profile(&[], &[], ""),
    ];
    let experts = [profile(&["Oncology"], &["1A"], "Tumours")];
    let matcher = Matcher::new(ALL, &proposals, &experts);
    assert_eq!(matcher.matrix(), [WHOLE, 0]);
    let weights = matcher.explain(0, 0).unwrap().weights;
    assert_eq!((weights.keywords, weights.modules, weights.text), (2, 0, 0));
}

#[test]
fn what_an_expert_does_not_say_shows_no_fit() {
    let proposals = [profile(&["oncology"], &["1A"], "Tumours")];
    let experts = [profile(&["oncology"], &[], "")];
    let matcher = Matcher::new(ALL, &proposals, &experts);
    assert_eq!(matcher.matrix(), [2 * WHOLE / 5]);
}

#[test]
fn a_rare_word_weighs_more_than_a_common_one() {
    let proposals = [
        profile(&[], &[], "patients with sarcoma"),
        profile(&[], &[], "patients at home"),
        profile(&[], &[], "patients in trials"),
    ];
    let experts = [profile(&[], &[], "sarcoma"), profile(&[], &[], "patients")];
    let table = Matcher::new(ALL, &proposals, &experts).matrix();
    assert!(table[0] > table[1], "{table:?}");
}

/// The cosine by the formula, in floating point and without an index.
fn cosine(texts: &[String], a: usize, b: usize) -> f64 {
    let counted: Vec<BTreeMap<String, f64>> = texts
        .iter()
        .map(|text| {
            let mut counts = BTreeMap::new();
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                *counts.entry(word.to_owned()).or_insert(0.0) += 1.0;
            }
            counts
        })
        .collect();
    let weight = |text: usize, term: &String| {
        let often: f64 = *counted[text].get(term)?;
        let with = counted
            .iter()
            .filter(|text| text.contains_key(term))
            .count() as f64;
        Some((1.0 + often.ln()) * (1.0 + ((1.0 + texts.len() as f64) / (1.0 + with)).ln()))
    };
    let dot = |a: usize, b: usize| -> f64 {
        let products = counted[a]
            .keys()
            .filter_map(|term| Some(weight(a, term)? * weight(b, term)?));
        products.sum()
    };
    let length = (dot(a, a) * dot(b, b)).sqrt();
    if length == 0.0 {
        0.0
    } else {
        dot(a, b) / length
    }
}

proptest! {
    #[test]
    fn likeness_is_the_cosine_of_the_formula(
        texts in proptest::collection::vec("((gene|cell|drug|trial|skin|bone) ){0,6}", 2..8),
        split in 1..7_usize,
    ) {
        let split = split.min(texts.len() - 1);
        let profiles: Vec<Profile> = texts.iter().map(|text| profile(&[], &[], text)).collect();
        let (proposals, experts) = profiles.split_at(split);
        let matcher = Matcher::new(ALL, proposals, experts);
        let table = matcher.matrix();
        for proposal in 0..proposals.len() {
            for expert in 0..experts.len() {
                let exact = cosine(&texts, proposal, split + expert) * WHOLE as f64;
                let found = table[proposal * experts.len() + expert];
                prop_assert!((found as f64 - exact).abs() < 10.0, "{found} {exact}");
                let explained = matcher.explain(proposal, expert).unwrap();
                prop_assert_eq!(explained.millionths, found);
                let told: i64 = explained.terms.iter().map(|(_, part)| part).sum();
                prop_assert!((told - explained.text).abs() <= 10, "{told} {}", explained.text);
            }
        }
    }

    #[test]
    fn every_figure_of_the_table_is_explained_and_within_one_whole(
        keywords in proptest::collection::vec(proptest::collection::vec("[a-c]", 0..4), 2..6),
        modules in proptest::collection::vec(proptest::collection::vec("[1-3]", 0..3), 6),
        weights in (0..4_u32, 0..4_u32, 0..4_u32),
    ) {
        let weights = AffinityWeights { keywords: weights.0, modules: weights.1, text: weights.2 };
        let profiles: Vec<Profile> = keywords.into_iter().zip(modules)
            .map(|(keywords, modules)| Profile { text: keywords.join("ab "), keywords, modules }).collect();
        let (proposals, experts) = profiles.split_at(1);
        let matcher = Matcher::new(weights, proposals, experts);
        for (expert, found) in matcher.matrix().into_iter().enumerate() {
            prop_assert!((0..=WHOLE).contains(&found));
            let explained = matcher.explain(0, expert).unwrap();
            prop_assert_eq!(explained.millionths, found);
            prop_assert_eq!(&explained.keywords, &affinity(&experts[expert].keywords, &proposals[0].keywords));
        }
    }
}
