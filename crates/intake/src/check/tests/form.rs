use call::{KeywordCount, Question, TextSection};
use kernel::token;
use rstest::rstest;

use super::*;

#[rstest]
#[case("work", 0, Some("text_missing"))]
#[case("work", 1, None)]
#[case("work", 250, None)]
#[case("work", 251, Some("text_too_long"))]
#[case("remarks", 0, None)]
#[case("remarks", 10, None)]
#[case("remarks", 11, Some("text_too_long"))]
#[case("a/b", 1, Some("text_unknown"))]
fn texts_are_measured_in_characters(
    #[case] key: &str,
    #[case] length: usize,
    #[case] expected: Option<&str>,
) {
    let mut content = sample::content();
    content.texts.insert(key.into(), "é".repeat(length));
    let found = findings(&content, None).faults;
    let pointer = format!("/texts/{}", token(key));
    assert_eq!(
        places(&found),
        expected
            .map(|code| (pointer.as_str(), code))
            .into_iter()
            .collect::<Vec<_>>()
    );
}

#[rstest]
#[case(true, "  mice,\nonly\tmice ", &[], &[])]
#[case(true, "three blind mice run", &["text_too_long"], &[])]
#[case(true, " ", &["text_missing"], &[])]
#[case(false, "", &[], &[])]
#[case(false, "mice", &[], &["text_not_asked"])]
fn a_limit_in_words_counts_words_and_a_text_may_depend_on_an_answer(
    #[case] answer: bool,
    #[case] text: &str,
    #[case] faults: &[&'static str],
    #[case] doubts: &[&'static str],
) {
    let mut content = sample::content();
    content.answers.insert("animals".into(), answer);
    content.texts.insert("animals".into(), text.into());
    let asking = |(rules, _): &mut (Rules, Vec<FunderTerms>)| {
        rules.questions = vec![Question {
            key: "animals".into(),
            title: "Are animals used?".into(),
        }];
        rules.stages[0].texts.push(TextSection {
            max_words: Some(3),
            asked_if: Some("animals".parse().unwrap()),
            ..TextSection::required("animals", "Use of animals")
        });
    };
    let found = under(&content, asking, None);
    let of = |codes: &[&'static str]| codes.iter().map(|code| ("/texts/animals", *code)).collect();
    let (faults, doubts): (Vec<_>, Vec<_>) = (of(faults), of(doubts));
    assert_eq!(
        (places(&found.faults), places(&found.doubts)),
        (faults, doubts)
    );
}

#[rstest]
#[case(0, true)]
#[case(1, false)]
#[case(2, false)]
#[case(3, true)]
fn keywords_are_counted_where_the_stage_says_how_many(#[case] number: usize, #[case] faulty: bool) {
    let mut content = sample::content();
    content.keywords = vec!["genomics".into(); number];
    let limited = |(rules, _): &mut (Rules, Vec<FunderTerms>)| {
        rules.stages[0].keywords = Some(KeywordCount { min: 1, max: 2 });
    };
    let found = under(&content, limited, None);
    let expected = vec![("/keywords", "keywords_number"); usize::from(faulty)];
    assert_eq!(places(&found.faults), expected);
}
