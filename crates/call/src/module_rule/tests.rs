use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::{Module, Question};

fn module(key: &str, within: Option<&str>) -> Module {
    Module {
        key: key.to_owned(),
        title: format!("title of {key}"),
        within: within.map(str::to_owned),
        share: None,
        serves: Vec::new(),
    }
}

/// The research areas of the calls of 2019 and 2020.
fn areas_of_2020() -> Vec<Module> {
    let mut modules = vec![
        module("RA1", None),
        module("RA2", None),
        module("RA3", None),
    ];
    for key in ["1A", "1B", "2A", "2B", "3A", "3B", "3C", "3D"] {
        modules.push(module(key, Some(&format!("RA{}", &key[..1]))));
    }
    modules
}

fn flat(keys: &[&str]) -> Vec<Module> {
    keys.iter().map(|key| module(key, None)).collect()
}

/// The call's rule, its modules, and the same rule as the call text says it, written without our language.
type Oracle = fn(&dyn Fn(&str) -> bool) -> bool;

#[rstest]
#[case::jtc2018("RA1 and RA2", flat(&["RA1", "RA2"]), 1,
    (|has| has("RA1") && has("RA2")) as Oracle)]
#[case::jtc2019_and_2020("RA3 and (RA1 or RA2)", areas_of_2020(), 15 * 15,
    (|has| {
        let third = ["3A", "3B", "3C", "3D"].iter().any(|key| has(key));
        third && ["1A", "1B", "2A", "2B"].iter().any(|key| has(key))
    }) as Oracle)]
#[case::jtc2021("1B and 2 and 3B", flat(&["1A", "1B", "2", "3A", "3B"]), 4,
    (|has| has("1B") && has("2") && has("3B")) as Oracle)]
#[case::pgx2025("at least 1 of (markers, validation, dosage)", flat(&["markers", "validation", "dosage"]), 7,
    (|has| has("markers") || has("validation") || has("dosage")) as Oracle)]
fn each_real_rule_is_right_over_all_subsets(
    #[case] text: &str,
    #[case] modules: Vec<Module>,
    #[case] allowed: usize,
    #[case] oracle: Oracle,
) {
    let words = Vocabulary {
        modules: &modules,
        questions: &[],
    };
    let rule: ModuleRule = text.parse().unwrap();
    assert_eq!(rule.validate(words), []);
    let choices: BTreeSet<String> = words.choices().into_iter().map(str::to_owned).collect();
    let (mut tried, mut held) = (0, 0);
    for chosen in subsets(&choices) {
        let right = oracle(&|key| chosen.contains(key));
        assert_eq!(rule.holds(&chosen, words), right, "{text} with {chosen:?}");
        assert_eq!(rule.explain(&chosen, words).is_empty(), right);
        (tried, held) = (tried + 1, held + usize::from(right));
    }
    println!("{text}: {tried} choices, {held} of them allowed");
    assert_eq!((tried, held), (1 << choices.len(), allowed));
}

/// The slip that a careless reading of the call text makes: it must not pass as the rule.
#[test]
fn a_planted_slip_is_told_apart() {
    let modules = areas_of_2020();
    let words = Vocabulary {
        modules: &modules,
        questions: &[],
    };
    let right: ModuleRule = "RA3 and (RA1 or RA2)".parse().unwrap();
    let slip: ModuleRule = "(RA3 and RA1) or RA2".parse().unwrap();
    let choices: BTreeSet<String> = words.choices().into_iter().map(str::to_owned).collect();
    let differ = subsets(&choices)
        .filter(|chosen| right.holds(chosen, words) != slip.holds(chosen, words))
        .count();
    assert_eq!(
        differ, 12,
        "2A or 2B, without any of RA3 and with any of RA1 or none"
    );
}

#[rstest]
#[case("RA3 and (RA1 or RA2)", "3A", &["none of 1A, 1B, 2A, 2B chosen"])]
#[case("RA3 and (RA1 or RA2)", "", &["none of 3A, 3B, 3C, 3D chosen", "none of 1A, 1B, 2A, 2B chosen"])]
#[case("1B and 2A and 3B", "1B 3B", &["2A not chosen"])]
#[case("at least 2 of (RA1, RA2, RA3)", "1A 1B",
    &["1 of 3 chosen (RA1), at least 2 needed; still open: RA2, RA3"])]
#[case("not RA1", "1A 1B", &["1A, 1B chosen, which is not allowed"])]
#[case("not (RA1 and trial)", "1A trial", &["'RA1 and trial' holds and must not"])]
#[case("not trial", "trial", &["trial is answered with yes and must not be"])]
#[case("trial", "", &["trial is not answered with yes"])]
#[case("(1A and 2A) or 3A", "1A", &["2A not chosen; or else 3A not chosen"])]
#[case("RA3 and (RA1 or RA2)", "3A 2B", &[])]
fn a_broken_rule_says_what_to_change(
    #[case] text: &str,
    #[case] chosen: &str,
    #[case] reasons: &[&str],
) {
    let modules = areas_of_2020();
    let questions = [Question {
        key: "trial".to_owned(),
        title: "Does it hold a clinical trial?".to_owned(),
    }];
    let words = Vocabulary {
        modules: &modules,
        questions: &questions,
    };
    let rule: ModuleRule = text.parse().unwrap();
    let chosen = chosen.split_whitespace().map(str::to_owned).collect();
    assert_eq!(rule.explain(&chosen, words), reasons);
    let findings = rule.check(&chosen, words, Some("call text, 3"));
    assert_eq!(findings.len(), reasons.len());
    assert!(
        findings
            .iter()
            .all(|f| f.source.as_deref() == Some("call text, 3"))
    );
}

#[rstest]
#[case(
    "",
    "column 1: expected a module, 'not', 'at least' or '(', found the end"
)]
#[case(
    "RA1 and",
    "column 8: expected a module, 'not', 'at least' or '(', found the end"
)]
#[case(
    "RA1 and or RA2",
    "column 9: expected a module, 'not', 'at least' or '(', found 'or'"
)]
#[case("RA1 RA2", "column 5: expected 'and', 'or' or the end, found 'RA2'")]
#[case(
    "RA3 and RA1 or RA2",
    "column 13: expected 'and', or brackets that say whether 'and' or 'or' comes first, found 'or'"
)]
#[case("(RA1 and RA2", "column 13: expected ')', found the end")]
#[case(
    "at least two of (1A)",
    "column 10: expected a number above 0, found 'two'"
)]
#[case("at most 2 of (1A)", "column 4: expected 'least', found 'most'")]
#[case(
    "at least 3 of (1A, 1B)",
    "column 10: expected a number up to 2, as many as follow, found '3'"
)]
#[case("at least 1 of (1A; 1B)", "column 18: expected ',' or ')', found ';'")]
#[case("RÄ1 && RA2", "column 5: expected 'and', 'or' or the end, found '&'")]
fn a_text_that_is_no_rule_is_refused_at_its_column(#[case] text: &str, #[case] message: &str) {
    let error = text.parse::<ModuleRule>().unwrap_err();
    assert_eq!(error.to_string(), message);
    let json = serde_json::to_string(text).unwrap();
    let told = serde_json::from_str::<ModuleRule>(&json)
        .unwrap_err()
        .to_string();
    assert!(told.starts_with(message), "{told}");
}

#[test]
fn no_nest_of_brackets_exhausts_the_stack() {
    for deep in ["(".repeat(100_000), "not ".repeat(100_000)] {
        let error = deep.parse::<ModuleRule>().unwrap_err();
        assert!(error.expected.contains("less deep"), "{error}");
    }
}

#[test]
fn what_the_rule_says_is_kept_and_said_in_words() {
    let modules = areas_of_2020();
    let words = Vocabulary {
        modules: &modules,
        questions: &[],
    };
    let rule: ModuleRule = "  RA3 AND (RA1 or\n RA2)".parse().unwrap();
    assert_eq!(String::from(rule.clone()), "  RA3 AND (RA1 or\n RA2)");
    assert_eq!(rule.to_string(), "RA3 and (RA1 or RA2)");
    assert_eq!(
        rule.in_words(words),
        "RA3 (title of RA3) and [RA1 (title of RA1) or RA2 (title of RA2)]"
    );
    let wrong: ModuleRule = "RA3 and at least 1 of (RA4, 2)".parse().unwrap();
    let found: Vec<String> = wrong.validate(words).into_iter().map(|f| f.found).collect();
    assert_eq!(
        found,
        [
            "column 24: the call has no module or question 'RA4'",
            "column 29: the call has no module or question '2'",
        ]
    );
    let never: ModuleRule = "RA1 and not RA1".parse().unwrap();
    assert_eq!(never.validate(words)[0].code, "never_satisfied");
}

fn expression() -> impl Strategy<Value = Expression> {
    let name = prop_oneof!["[1-3][A-D]", "RA[1-3]", "[a-z_]{1,6}", "[0-9]{1,2}"]
        .prop_filter("keywords are no names", |name| is_name(name))
        .prop_map(Expression::Name);
    name.prop_recursive(4, 24, 4, |inner| {
        let list = |least| prop::collection::vec(inner.clone(), least..4);
        prop_oneof![
            inner.clone().prop_map(|one| Expression::Not(Box::new(one))),
            list(2).prop_map(Expression::And),
            list(2).prop_map(Expression::Or),
            (list(1), 1usize..4)
                .prop_map(|(parts, n)| Expression::AtLeast(n.min(parts.len()), parts)),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(expression in expression()) {
        let rule: ModuleRule = expression.to_string().parse().unwrap();
        prop_assert_eq!(rule.expression(), &expression);
        let json = serde_json::to_string(&rule).unwrap();
        prop_assert_eq!(serde_json::from_str::<ModuleRule>(&json).unwrap(), rule);
    }

    #[test]
    fn a_reason_is_given_exactly_when_the_rule_is_broken(
        expression in expression(),
        chosen in prop::collection::btree_set("[1-3][A-D]|RA[1-3]|[a-z_]{1,2}", 0..6),
    ) {
        let modules = areas_of_2020();
        let words = Vocabulary { modules: &modules, questions: &[] };
        let reasons = why::explain(&expression, &chosen, words);
        prop_assert_eq!(reasons.is_empty(), expression.holds(&chosen, words), "{:?}", reasons);
        prop_assert!(reasons.iter().all(|reason| !reason.is_empty()));
    }

    #[test]
    fn no_text_makes_the_reader_stumble(text in "\\PC{0,40}") {
        if let Err(error) = text.parse::<ModuleRule>() {
            prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
        }
    }
}
