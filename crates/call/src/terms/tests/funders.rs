//! The funders' rules that are known, at, below and above their limits, to the cent.

use super::*;

const BMBF: &str = r#"ceilings = [
    { scope = "partner", max = "300000.00" },
    { scope = "partners_in_proposal", max = "400000.00", when = { partners_min = 2 } },
]"#;

#[rstest]
#[case("299999.99", &[])]
#[case("300000.00", &[])]
#[case("300000.01", &["ceiling_exceeded"])]
#[case("c:300000.01", &["ceiling_exceeded"])] // no limit of its own: the coordinator has the partners'
#[case("200000.00 200000.00", &[])]
#[case("200000.00 199999.99", &[])]
#[case("200000.00 200000.01", &["ceiling_exceeded"])]
#[case("300000.00 100000.00", &[])]
#[case("300000.01 100000.00", &["ceiling_exceeded", "ceiling_exceeded"])]
fn bmbf_2018(#[case] asked: &str, #[case] expected: &[&str]) {
    assert_eq!(codes(&check(&terms(BMBF), &request(asked))), expected);
}

const MIZS: &str = r#"
modules_not_funded = ["RA3"]
projects = { min = 1, max = 2, max_with_eu_money = 4 }
counts = [{ max = 2 }]
ceilings = [
    { scope = "partners_in_proposal", min = "70000.00", max = "70000.00", per = "year", months_max = 36 },
]"#;

#[rstest]
#[case("210000.00", 36, &[])]
#[case("209999.99", 36, &["minimum_missed"])]
#[case("210000.01", 36, &["ceiling_exceeded"])]
#[case("100000.00 110000.00", 36, &[])]
#[case("70000.00 70000.00 70000.00", 36, &["applicants_too_many"])]
#[case("140000.00", 24, &[])]
#[case("210000.00", 24, &["ceiling_exceeded"])]
#[case("210000.00", 48, &[])] // no longer than 36 months are paid
fn mizs_2018(#[case] asked: &str, #[case] months: u32, #[case] expected: &[&str]) {
    let terms: Terms = toml::from_str(MIZS).unwrap();
    let mut request = request(asked);
    request.months = Some(months);
    assert_eq!(codes(&check(&terms, &request)), expected);
}

fn module(key: &str, within: Option<&str>) -> crate::Module {
    crate::Module {
        key: key.to_owned(),
        title: key.to_owned(),
        within: within.map(str::to_owned),
        share: None,
        serves: Vec::new(),
    }
}

/// MIZS paid RA1 and RA2 only in 2018, NCBR no RA3 work in 2021: per partner and module.
#[test]
fn a_module_that_the_funder_does_not_pay_is_the_partners_fault() {
    let modules = [
        module("RA1", None),
        module("RA3", None),
        module("1B", Some("RA1")),
        module("3A", Some("RA3")),
        module("3B", Some("RA3")),
    ];
    let words = Vocabulary {
        modules: &modules,
        questions: &[],
    };
    let terms: Terms = toml::from_str("modules_not_funded = ['RA3']").unwrap();
    assert_eq!(terms.validate(Currency::EUR, words, 2), []);
    let mut request = request("1000.00 1000.00");
    request.asks[0].modules = ["1B".to_owned()].into();
    request.asks[1].modules = ["1B".to_owned(), "3B".to_owned()].into();
    let found = terms.check(&request, Currency::EUR, words).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].pointer, "/partners/1/modules");
    assert_eq!(
        found[0].detail(),
        "the partner works in 3B; this funder pays no work in RA3"
    );
}

#[rstest]
#[case("99999999.00", &[])] // no ceiling for a project
#[case("u:99999999.00", &[])]
#[case("s:1.00", &["entity_not_eligible"])]
fn smwk_2018(#[case] asked: &str, #[case] expected: &[&str]) {
    let terms = terms(r#"entities = [{ entity = "sme", eligible = false, instead = "DE-BMBF" }]"#);
    let found = check(&terms, &request(asked));
    let faults: Vec<&Finding> = found.iter().filter(|finding| finding.is_fault()).collect();
    let found: Vec<&str> = faults.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(found, expected);
    assert!(
        faults
            .iter()
            .all(|fault| fault.allowed.contains("apply to DE-BMBF instead"))
    );
}

/// At most 20 % of direct costs without capital costs and subcontracting: 100,000.03 count here.
#[rstest]
#[case("20000.00", true)]
#[case("20000.01", false)]
fn uefiscdi_2018(#[case] overheads: &str, #[case] within: bool) {
    let terms =
        terms(r#"overheads = { share_max = "20", without = ["equipment", "subcontracting"] }"#);
    let mut request = request("0.00");
    request.asks[0].costs = [
        (CostCategory::Personnel, euros("90000.03")),
        (CostCategory::Travel, euros("10000.00")),
        (CostCategory::Equipment, euros("50000.00")),
        (CostCategory::Subcontracting, euros("40000.00")),
        (CostCategory::Overheads, euros(overheads)),
    ]
    .into();
    let found = check(&terms, &request);
    assert_eq!(found.is_empty(), within, "{found:?}");
    if !within {
        assert_eq!(found[0].pointer, "/partners/0/budget/overheads");
    }
}

/// 150,000 CAD a year for at most 3 years, with the fixed rate of the call (here 1.4).
#[rstest]
#[case("321428.57", 36, &[])] // 449,999.998 CAD
#[case("321428.58", 36, &["ceiling_exceeded"])] // 450,000.012 CAD
#[case("321428.57", 48, &[])]
#[case("321428.58", 48, &["ceiling_exceeded"])]
#[case("214285.71", 24, &[])]
#[case("214285.72", 24, &["ceiling_exceeded"])]
fn frqs_2022(#[case] asked: &str, #[case] months: u32, #[case] expected: &[&str]) {
    let terms = terms(
        r#"
        currency = "CAD"
        rate = "1.4"
        ceilings = [{ scope = "partner", max = "150000.00", per = "year", months_max = 36 }]
        "#,
    );
    let mut request = request(asked);
    request.months = Some(months);
    let found = check(&terms, &request);
    assert_eq!(codes(&found), expected);
    if let Some(finding) = found.first() {
        assert!(finding.found.ends_with("CAD asked"), "{}", finding.found);
        assert_eq!(
            finding.allowed,
            "at most 150000.00 CAD a year for each partner, for at most 36 months"
        );
    }
}

/// The zloty of 2021: 4.4373 for a euro.
#[rstest]
#[case("225362.26", &[])] // 999,999.956 PLN
#[case("225362.27", &["ceiling_exceeded"])] // 1,000,000.0007 PLN
fn a_ceiling_in_zloty(#[case] asked: &str, #[case] expected: &[&str]) {
    let terms = terms(
        r#"
        currency = "PLN"
        rate = "4.4373"
        ceilings = [{ scope = "partner", max = "1000000.00" }]
        "#,
    );
    let found = check(&terms, &request(asked));
    assert_eq!(codes(&found), expected);
    let printed: Vec<&str> = found.iter().map(|finding| finding.found.as_str()).collect();
    let over = ["1000000.01 PLN asked"];
    assert_eq!(
        printed,
        over[..found.len()],
        "rounded up, so that the breach is seen"
    );
}

/// Converting to whole cents before comparing is the slip that lets 1,000,000.0007 PLN pass as 1,000,000.00.
#[test]
fn a_planted_conversion_to_cents_is_told_apart() {
    let (asked, millionths) = (22_536_227_i128, 4_437_300);
    let rounded = (asked * millionths + 500_000) / 1_000_000;
    assert_eq!(rounded, 100_000_000, "to the cent it is the most");
    assert!(
        asked * millionths > 100_000_000 * 1_000_000,
        "and yet above it"
    );
}

#[rstest]
#[case("200000.00", &[])]
#[case("100000.00 100000.00", &[])]
#[case("100000.00 100000.01", &["ceiling_exceeded"])]
fn navarre_2024(#[case] asked: &str, #[case] expected: &[&str]) {
    let terms = terms(r#"ceilings = [{ scope = "partners_in_proposal", max = "200000.00" }]"#);
    assert_eq!(codes(&check(&terms, &request(asked))), expected);
}

#[rstest]
#[case("h:500000.00", &[])]
#[case("h:250000.00 u:250000.00", &[])]
#[case("h:250000.00 u:250000.01", &["ceiling_exceeded"])]
#[case("u:100000.00", &["entity_needs_companion"])]
#[case("u:100000.00 u:100000.00", &["entity_needs_companion", "entity_needs_companion"])]
#[case("h:1.00 u:1.00 h:1.00", &["applicants_too_many"])]
fn frrb(#[case] asked: &str, #[case] expected: &[&str]) {
    let terms = terms(
        r#"
        counts = [{ max = 2 }]
        entities = [{ entity = "university", only_with = ["hospital"] }]
        ceilings = [{ scope = "partners_in_proposal", max = "500000.00" }]
        "#,
    );
    assert_eq!(codes(&check(&terms, &request(asked))), expected);
}

#[rstest]
#[case("175000.00", &[])]
#[case("175000.01", &["ceiling_exceeded"])]
#[case("c:275000.00", &[])]
#[case("c:275000.01", &["ceiling_exceeded"])]
#[case("c:200000.00 125000.00", &[])]
#[case("c:200000.00 125000.01", &["ceiling_exceeded"])]
#[case("1.00 1.00", &["applicants_too_many"])]
#[case("c:1.00 1.00 1.00", &["applicants_too_many"])]
fn aei(#[case] asked: &str, #[case] expected: &[&str]) {
    let terms = terms(
        r#"
        counts = [{ max = 1, when = { coordinates = false } }, { max = 2, when = { coordinates = true } }]
        ceilings = [
            { scope = "partner", max = "175000.00" },
            { scope = "coordinator", max = "275000.00" },
            { scope = "partners_in_proposal", max = "325000.00", when = { partners_min = 2, coordinates = true } },
        ]
        "#,
    );
    let found = check(&terms, &request(asked));
    assert_eq!(codes(&found), expected);
    assert!(
        found.iter().all(Finding::is_fault),
        "exceeding makes ineligible"
    );
}

#[rstest]
#[case("200000.00", Some(false), &[], true)]
#[case("200000.01", Some(false), &["ceiling_exceeded"], true)]
#[case("300000.00", Some(true), &[], true)]
#[case("300000.01", Some(true), &["ceiling_exceeded"], true)]
#[case("200000.00", None, &[], false)]
#[case("200000.01", None, &["ceiling_exceeded"], false)] // a doubt while the proposal leaves it open
fn fnrs(
    #[case] asked: &str,
    #[case] cofunded: Option<bool>,
    #[case] expected: &[&str],
    #[case] sure: bool,
) {
    let terms = terms(
        r#"
        ceilings = [
            { scope = "partner", max = "200000.00", when = { cofunded = false } },
            { scope = "partner", max = "300000.00", when = { cofunded = true } },
        ]
        documents = [{ title = "Own form", due = { near = { stage = 1, days = 5, working = true } } }]
        "#,
    );
    let request = Request {
        cofunded,
        ..request(asked)
    };
    let found = check(&terms, &request);
    assert_eq!(codes(&found), expected);
    assert!(found.iter().all(|finding| finding.is_fault() == sure));
}

#[rstest]
#[case("1000.00", "600.00", &[])]
#[case("1000.00", "600.01", &["rate_exceeded"])]
fn a_rate_by_type_of_entity_cuts(
    #[case] costs: &str,
    #[case] asked: &str,
    #[case] expected: &[&str],
) {
    let terms = terms(r#"entities = [{ entity = "sme", rate = "60" }]"#);
    let mut request = request("s:0.00");
    request.asks[0].costs = [(CostCategory::Personnel, euros(costs))].into();
    request.asks[0].requested = euros(asked);
    let found = check(&terms, &request);
    assert_eq!(codes(&found), expected);
    assert!(found.iter().all(|finding| !finding.is_fault()));
}

#[test]
fn costs_have_limits_of_their_own() {
    let terms = terms(
        r#"
        costs = [
            { category = "equipment", eligible = false },
            { category = "travel", max = "100.00" },
            { category = "subcontracting", share_max = "10", consequence = "cut" },
        ]
        "#,
    );
    let mut request = request("0.00");
    let mut found = |costs: &[(CostCategory, &str)]| {
        let costs = costs
            .iter()
            .map(|(category, cost)| (*category, euros(cost)));
        request.asks[0].costs = costs.collect();
        let found = check(&terms, &request);
        found
            .into_iter()
            .map(|f| (f.code.clone(), f.is_fault()))
            .collect::<Vec<_>>()
    };
    use CostCategory::{Equipment, Personnel, Subcontracting, Travel};
    assert_eq!(
        found(&[
            (Personnel, "800.00"),
            (Travel, "100.00"),
            (Subcontracting, "100.00")
        ]),
        []
    );
    let too_much = found(&[
        (Equipment, "0.01"),
        (Travel, "100.01"),
        (Subcontracting, "100.00"),
    ]);
    let expected = [
        ("category_not_eligible", true),
        ("category_too_much", true),
        ("category_too_much", false),
    ];
    assert_eq!(
        too_much,
        expected.map(|(code, fault)| (code.to_owned(), fault))
    );
}
