use std::collections::BTreeSet;

use rstest::rstest;

use super::*;
use crate::StageKind;

/// The seven real calls.
const REAL: [(&str, &str); 7] = [
    (
        "jtc2018",
        include_str!("../../../../config/calls/jtc2018.toml"),
    ),
    (
        "jtc2019",
        include_str!("../../../../config/calls/jtc2019.toml"),
    ),
    (
        "jtc2020",
        include_str!("../../../../config/calls/jtc2020.toml"),
    ),
    (
        "jtc2021",
        include_str!("../../../../config/calls/jtc2021.toml"),
    ),
    (
        "jtc2022",
        include_str!("../../../../config/calls/jtc2022.toml"),
    ),
    (
        "ep-permed-jtc2024",
        include_str!("../../../../config/calls/ep-permed-jtc2024.toml"),
    ),
    (
        "ep-permed-jtc2025",
        include_str!("../../../../config/calls/ep-permed-jtc2025.toml"),
    ),
];

fn real(name: &str) -> CallFile {
    let (_, text) = REAL.iter().find(|(file, _)| *file == name).unwrap();
    check_file(text).0.unwrap()
}

fn places(located: &[Located]) -> Vec<(usize, &str, &str)> {
    let place = |found: &'_ Located| found.line;
    located
        .iter()
        .map(|found| {
            (
                place(found),
                found.finding.pointer.as_str(),
                found.finding.code.as_str(),
            )
        })
        .collect()
}

#[test]
fn a_commitment_of_a_file_is_not_divided_among_topics() {
    let mut files = REAL.iter().map(|(name, _)| real(name));
    let mut file = files.find(|file| !file.funders.is_empty()).unwrap();
    file.funders[0].commitment = Some(kernel::Amount(100));
    let told = |file: &CallFile| {
        let mut found = file.check().into_iter();
        found.any(|one| one.pointer == "/funders/0/commitment" && one.code == "topic_money")
    };
    file.rules.topics.push(crate::Topic {
        key: "care".to_owned(),
        title: "Care".to_owned(),
        share: None,
        serves: Vec::new(),
    });
    assert!(!told(&file));
    file.rules.funding.topic_money = crate::TopicMoney::Own;
    assert!(told(&file));
}

#[test]
fn the_seven_real_calls_have_doubts_and_no_fault() {
    for (name, text) in REAL {
        let (file, located) = check_file(text);
        let file = file.unwrap_or_else(|| panic!("{name}: {located:#?}"));
        let faults: Vec<&Located> = located
            .iter()
            .filter(|found| found.finding.is_fault())
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
        assert!(
            file.doubts.len() <= located.len(),
            "each doubt of the file is told"
        );
        let lines = text.lines().count();
        assert!(
            located
                .iter()
                .all(|found| found.line >= 1 && found.line <= lines)
        );
        println!("{name}: {lines} lines, {} doubts, 0 faults", located.len());
    }
}

#[test]
fn what_is_exported_reads_back() {
    for (name, text) in REAL {
        let file = check_file(text).0.unwrap();
        let exported = file.to_toml().unwrap();
        let (again, located) = check_file(&exported);
        assert_eq!(again, Some(file.clone()), "{name}");
        assert!(located.iter().all(|found| !found.finding.is_fault()));
        let json = serde_json::to_string(&file).unwrap();
        assert_eq!(
            serde_json::from_str::<CallFile>(&json).unwrap(),
            file,
            "JSON and TOML are one type"
        );
    }
}

/// What the facts say of each call, told by themselves.
#[rstest]
#[case("jtc2018", "2018-04-10T15:00:00Z", "2018-07-26T15:00:00Z", None, true)]
#[case(
    "jtc2019",
    "2019-03-07T16:00:00Z",
    "2019-06-17T15:00:00Z",
    Some(30_000_000),
    false
)]
#[case(
    "jtc2020",
    "2020-03-05T16:00:00Z",
    "2020-06-15T15:00:00Z",
    Some(27_000_000),
    false
)]
#[case(
    "jtc2021",
    "2021-03-04T16:00:00Z",
    "2021-06-17T15:00:00Z",
    Some(16_000_000),
    false
)]
#[case(
    "jtc2022",
    "2022-02-17T16:00:00Z",
    "2022-06-14T15:00:00Z",
    Some(29_000_000),
    false
)]
#[case(
    "ep-permed-jtc2024",
    "2024-03-05T16:00:00Z",
    "2024-06-20T15:00:00Z",
    Some(45_000_000),
    true
)]
#[case(
    "ep-permed-jtc2025",
    "2025-02-18T13:00:00Z",
    "2025-06-17T12:00:00Z",
    Some(36_500_000),
    true
)]
fn each_call_says_what_is_known_of_it(
    #[case] name: &str,
    #[case] pre: &str,
    #[case] full: &str,
    #[case] budget: Option<i64>,
    #[case] co_funded: bool,
) {
    let file = real(name);
    let deadlines: Vec<String> = file
        .calendar
        .stages
        .iter()
        .map(|stage| stage.deadline.at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
        .collect();
    assert_eq!(deadlines, [pre, full]);
    assert_eq!(file.budget, budget.map(|euros| Amount(euros * 100)));
    assert_eq!(file.rules.funding.eu.is_some(), co_funded);
    let kinds: Vec<StageKind> = file.rules.stages.iter().map(|stage| stage.kind).collect();
    assert_eq!(kinds, [StageKind::PreProposal, StageKind::FullProposal]);
    let first = &file.rules.stages[0].consortium;
    assert_eq!(
        (first.partners_min, first.partners_max, first.countries_min),
        (3, 6, 3)
    );
    assert_eq!(
        (first.eu_or_associated_min, first.coordinator_asks_money),
        (2, true)
    );
    assert_eq!(file.rules.duration_months_max, 36);
    let last = &file.rules.stages[1].evaluation;
    let keys: Vec<&str> = last
        .criteria
        .iter()
        .map(|criterion| criterion.key.as_str())
        .collect();
    assert_eq!(keys, ["excellence", "impact", "implementation"]);
    assert!(last.reviewers_per_proposal >= 3);
}

#[test]
fn the_labels_of_2018_contradict_their_instants() {
    let (_, located) = check_file(REAL[0].1);
    let labels = located.iter().filter(|found| found.finding.code == "label");
    assert_eq!(labels.count(), 2, "17:00 CET in April and in July");
    let others = REAL[1..].iter().flat_map(|(_, text)| check_file(text).1);
    assert!(
        others
            .into_iter()
            .all(|found| found.finding.code != "label")
    );
}

/// What a call text says of a choice, written without the language of the rules.
type Oracle = fn(&dyn Fn(&str) -> bool) -> bool;

/// The rules over modules as the files have them, over all subsets of their modules.
#[rstest]
#[case("jtc2018", |has: &dyn Fn(&str) -> bool| has("RA1") && has("RA2"))]
#[case("jtc2019", |has: &dyn Fn(&str) -> bool| has("RA3") && (has("RA1") || has("RA2")))]
#[case("jtc2020", |has: &dyn Fn(&str) -> bool| {
    ["3A", "3B", "3C", "3D"].iter().any(|key| has(key)) && ["1A", "1B", "2A", "2B"].iter().any(|key| has(key))
})]
#[case("jtc2021", |has: &dyn Fn(&str) -> bool| has("1B") && has("2") && has("3B"))]
#[case("jtc2022", |_: &dyn Fn(&str) -> bool| true)]
#[case("ep-permed-jtc2024", |_: &dyn Fn(&str) -> bool| true)]
#[case("ep-permed-jtc2025", |has: &dyn Fn(&str) -> bool| {
    has("markers") || has("validation") || has("strategies")
})]
fn each_file_judges_all_choices_rightly(#[case] name: &str, #[case] oracle: Oracle) {
    let file = real(name);
    let choices = file.rules.words().choices();
    for chosen in 0u32..1 << choices.len() {
        let some: BTreeSet<String> = choices
            .iter()
            .enumerate()
            .filter(|(at, _)| chosen >> at & 1 == 1)
            .map(|(_, key)| (*key).to_owned())
            .collect();
        let allowed = file.rules.check_modules(&some).is_empty();
        assert_eq!(
            allowed,
            oracle(&|key| some.contains(key)),
            "{name}: {some:?}"
        );
    }
}

#[test]
fn a_real_calendar_is_shifted_by_whole_weeks() {
    for (name, _) in REAL {
        let file = real(name);
        let later = file
            .shifted_weeks(520)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        for (old, new) in file.calendar.stages.iter().zip(&later.calendar.stages) {
            let local = |stage: &crate::StageDates| {
                stage
                    .deadline
                    .at
                    .with_timezone(&stage.deadline.zone)
                    .naive_local()
            };
            assert_eq!(local(new) - local(old), chrono::Duration::weeks(520));
            assert_eq!(new.deadline.contradiction(), None);
        }
        assert!(
            later.check().iter().all(|finding| !finding.is_fault()),
            "{name}"
        );
    }
}

const SPOILT: &str = r#"code = "X"
title = ""
topic = "Topic"
year = 1999
colour = "red"
budget = "1,000"
funders_total = 1
[[doubts]]
at = "/colour"
standing = "not_known"
note = "Nothing"
[calendar]
[[calendar.stages]]
opens_at = "2024-04-01T00:00:00Z"
deadline = { at = "2024-03-05T16:00:00Z", zone = "Europe/Berlin", label = "5 March 2024, 17:00 CEST" }
[[calendar.milestones]]
kind = "panel"
at = { at = "2024-03-01T16:00:00Z", zone = "Europe/Berlin", label = "1 March 2024" }
[rules]
redress_days = 0
module_rule = "1A and 9Z"
[[rules.modules]]
key = "1A"
title = "One"
shares = "50"
[[rules.modules]]
key = "1A"
title = "Two"
[[rules.stages]]
kind = "full_proposal"
texts = []
[rules.stages.consortium]
partners_min = 9
partners_max = 6
countries_min = 3
eu_or_associated_min = 2
own_funded_max = 0
coordinator_asks_money = true
[rules.stages.evaluation]
scale_max = "5"
step = "0.3"
threshold_total = "999"
reviewers_per_proposal = 0
criteria = [{ key = "a", title = "A", weight = 99 }]
[rules.funding]
ranking = "with_gaps"
eu = { rate = "33", gap_filling = "120", base = "planned", share = "by_request" }
[[funders]]
organisation = "DE-BMBF"
commitment = "-1.00"
[funders.terms]
currency = "PLN"
ceilings = [{ scope = "partner", min = "2.00", max = "1.00" }]
[[funders]]
organisation = "DE-BMBF"
[funders.terms]
modules_not_funded = ["RA3"]
"#;

#[test]
fn every_planted_fault_is_told_with_its_line() {
    let (file, located) = check_file(SPOILT);
    assert!(file.is_some());
    let faults: Vec<Located> = located
        .into_iter()
        .filter(|found| found.finding.is_fault())
        .collect();
    let expected = [
        (2, "/title", "required"),
        (4, "/year", "out_of_range"),
        (5, "/colour", "field_unknown"),
        (6, "/budget", "value"),
        (7, "/funders_total", "funders_total"),
        (9, "/doubts/0/at", "pointer"),
        (15, "/calendar/stages/0/deadline", "deadline_before_opening"),
        (18, "/calendar/milestones/0/at", "milestone_order"),
        (20, "/rules/redress_days", "redress_days"),
        (21, "/rules/module_rule", "name_unknown"),
        (25, "/rules/modules/0/shares", "field_unknown"),
        (27, "/rules/modules/1/key", "name_twice"),
        (31, "/rules/stages/0/texts", "texts"),
        (
            34,
            "/rules/stages/0/consortium/partners_max",
            "partners_max",
        ),
        (41, "/rules/stages/0/evaluation/step", "step"),
        (
            42,
            "/rules/stages/0/evaluation/threshold_total",
            "threshold",
        ),
        (
            43,
            "/rules/stages/0/evaluation/reviewers_per_proposal",
            "reviewers",
        ),
        (44, "/rules/stages/0/evaluation/criteria/0/weight", "weight"),
        (46, "/rules/funding/ranking", "ranking_not_binding"),
        (47, "/rules/funding/eu/gap_filling", "percent"),
        (47, "/rules/funding/eu/share", "convention"),
        (50, "/funders/0/commitment", "amount"),
        (51, "/funders/0/terms/rate", "rate"),
        (53, "/funders/0/terms/ceilings/0", "ceiling_order"),
        (55, "/funders/1/organisation", "organisation"),
        (
            57,
            "/funders/1/terms/modules_not_funded/0",
            "module_unknown",
        ),
    ];
    assert_eq!(places(&faults), expected);
    println!("{} faults planted, {} told", expected.len(), faults.len());
    let rule = faults.iter().find(|found| found.line == 21).unwrap();
    assert!(
        rule.finding.found.starts_with("column 8: "),
        "{}",
        rule.finding.found
    );
}

#[test]
fn what_is_no_toml_is_told_line_by_line() {
    let (file, located) = check_file("code = \"X\"\ntitle = \nyear = 20 24\n");
    assert_eq!(file, None);
    let lines: Vec<usize> = located.iter().map(|found| found.line).collect();
    assert!(lines.contains(&2) && lines.contains(&3), "{located:?}");
    assert!(located.iter().all(|found| found.finding.code == "not_toml"));
}

#[test]
fn a_file_that_lacks_something_tells_all_that_it_lacks() {
    let text = SPOILT
        .replace("kind = \"full_proposal\"\n", "")
        .replace("organisation = \"DE-BMBF\"\ncomm", "comm");
    let (file, located) = check_file(&text);
    assert_eq!(
        file, None,
        "with an entry gone the others would have other numbers"
    );
    let missing: Vec<(usize, &str)> = located
        .iter()
        .filter(|found| found.finding.code == "required")
        .map(|found| (found.line, found.finding.pointer.as_str()))
        .collect();
    assert_eq!(missing, [(29, "/rules/stages/0"), (47, "/funders/0")]);
    assert_eq!(check_file("").1[0].finding.code, "required");
    // A value that is wrong is told once, and not a second time as missing.
    let (_, located) = check_file(&SPOILT.replace("partners_min = 9", "partners_min = \"nine\""));
    let of_the_rules: Vec<_> = located
        .iter()
        .filter(|f| (29..40).contains(&f.line))
        .collect();
    assert_eq!(of_the_rules.len(), 1, "{of_the_rules:#?}");
    assert_eq!(
        (of_the_rules[0].line, of_the_rules[0].finding.code.as_str()),
        (33, "value")
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever is cut out of a file, checking it ends, and every place lies in it.
    #[test]
    fn no_cut_makes_the_check_stumble(from in 0usize..8_000, length in 0usize..400) {
        let text = REAL[0].1;
        let from = from.min(text.len());
        let to = (from + length).min(text.len());
        let cut: String = text.char_indices().filter(|(at, _)| !(from..to).contains(at)).map(|(_, c)| c).collect();
        let (_, located) = check_file(&cut);
        let lines = cut.lines().count() + 1;
        proptest::prop_assert!(located.iter().all(|found| found.line <= lines));
    }
}

#[test]
fn a_finding_from_elsewhere_gets_its_line() {
    let (_, text) = REAL[0];
    let unknown = Finding::fault(
        "/funders/1/organisation",
        "unknown_organisation",
        "none",
        "",
    );
    let title = Finding::fault("/title", "taken", "taken", "");
    let found = locate(text, vec![unknown, title]);
    let line = |start: &str| {
        text.lines()
            .position(|line| line.starts_with(start))
            .unwrap()
            + 1
    };
    assert_eq!(
        places(&found),
        [
            (line("title"), "/title", "taken"),
            (
                line("organisation = \"SI-MIZS\""),
                "/funders/1/organisation",
                "unknown_organisation"
            ),
        ]
    );
}

#[test]
fn an_agenda_has_one_mapping() {
    let mut file = real("ep-permed-jtc2024");
    file.serves.push(file.serves[0].clone());
    let found = kernel::faults(file.check());
    assert_eq!(found.0[0].pointer, "/serves/1/agenda");
    assert_eq!(found.0[0].code, "agenda_twice");
}
