use rstest::rstest;

use super::*;
use crate::sample;

/// Partners from a list such as `DE FR!out ES?asked`, the first of them the coordinator.
fn partners(text: &str) -> Vec<PartnerState> {
    text.split_whitespace()
        .zip(1u128..)
        .map(|(word, number)| PartnerState {
            partner: Uuid::from_u128(number),
            role: if number == 1 {
                PartnerRole::Coordinator
            } else {
                PartnerRole::Partner
            },
            country: word[..2].parse().ok(),
            own_funded: word.contains("+own"),
            sector: word.contains("@private").then_some(Sector::Private),
            verdict: match &word[2..] {
                word if word.contains("!out") => PartnerVerdict::Ineligible,
                word if word.contains("?asked") => PartnerVerdict::Asked,
                word if word.contains("?open") => PartnerVerdict::Open,
                word if word.contains("*if") => PartnerVerdict::EligibleWithConditions,
                _ => PartnerVerdict::Eligible,
            },
        })
        .collect()
}

fn kind(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        None => "none",
        Some(Outcome::Eligible) => "eligible",
        Some(Outcome::Conditional { .. }) => "conditional",
        Some(Outcome::Ineligible { .. }) => "ineligible",
    }
}

#[rstest]
#[case(FormalVerdict::Eligible, "DE FR ES", "eligible")]
#[case(FormalVerdict::Eligible, "DE FR*if ES", "eligible")]
#[case(FormalVerdict::Open, "DE FR ES", "none")]
#[case(FormalVerdict::Eligible, "DE FR?open ES", "none")]
#[case(FormalVerdict::Eligible, "DE!out FR?asked ES", "none")]
#[case(FormalVerdict::Ineligible, "DE FR?open ES", "none")]
#[case(FormalVerdict::Ineligible, "DE FR ES", "ineligible")]
#[case(FormalVerdict::Eligible, "DE!out FR ES IT PL", "ineligible")]
#[case(FormalVerdict::Eligible, "DE FR!out ES", "ineligible")]
#[case(FormalVerdict::Eligible, "DE FR!out ES IT", "conditional")]
#[case(FormalVerdict::Eligible, "DE FR!out FR ES", "conditional")]
#[case(FormalVerdict::Eligible, "DE FR!out DE ES", "ineligible")]
#[case(FormalVerdict::Eligible, "DE FR!out ES IT+own", "ineligible")]
#[case(FormalVerdict::Eligible, "DE FR ES IT+own!out", "conditional")]
#[case(FormalVerdict::Eligible, "DE FR!out ES IT!out PL", "conditional")]
#[case(FormalVerdict::Eligible, "DE FR!out EG CN", "ineligible")]
fn outcomes(#[case] formal: FormalVerdict, #[case] states: &str, #[case] expected: &str) {
    let rules = sample::consortium_rules();
    let outcome = merge(formal, &partners(states), &rules, None, &[]);
    assert_eq!(kind(outcome.clone()), expected, "{outcome:?}");
}

#[test]
fn the_outcome_names_who_must_be_replaced_or_what_broke() {
    let rules = sample::consortium_rules();
    assert_eq!(
        merge(
            FormalVerdict::Eligible,
            &partners("DE FR!out ES IT"),
            &rules,
            None,
            &[]
        ),
        Some(Outcome::Conditional {
            replace: vec![Uuid::from_u128(2)]
        })
    );
    let Some(Outcome::Ineligible { reason }) = merge(
        FormalVerdict::Eligible,
        &partners("DE FR!out ES"),
        &rules,
        None,
        &[],
    ) else {
        panic!("the rest is too small");
    };
    assert!(
        reason.contains("2 partners ask money of a funder; at least 3 must"),
        "{reason}"
    );
}

#[rstest]
#[case("eligible", Some(-1), &["/fundable"])]
#[case("eligible", Some(0), &[])]
#[case("eligible", Some(100), &[])]
#[case("eligible", Some(101), &["/fundable"])]
#[case("eligible", None, &["/fundable"])]
#[case("eligible_with_conditions", Some(100), &["/reason"])]
#[case("ineligible", None, &["/rule", "/reason"])]
#[case("ineligible", Some(0), &["/fundable", "/rule", "/reason"])]
#[case("open", None, &["/verdict"])]
#[case("asked", Some(1), &["/verdict"])]
fn a_bare_verdict_on_a_funded_partner(
    #[case] verdict: &str,
    #[case] fundable: Option<i64>,
    #[case] expected: &[&str],
) {
    let ruling = Ruling {
        verdict: verdict.parse().unwrap(),
        fundable: fundable.map(Amount),
        rule: String::new(),
        reason: String::new(),
    };
    let faults = check_verdict(&ruling, false, Amount(100));
    let pointers: Vec<&str> = faults
        .0
        .iter()
        .map(|fault| fault.pointer.as_str())
        .collect();
    assert_eq!(pointers, expected);
}

#[test]
fn a_rule_and_a_reason_make_an_ineligible_verdict_and_own_means_have_no_amount() {
    let mut ruling: Ruling = serde_json::from_str(
        r#"{"verdict":"ineligible","rule":"one applicant per institute","reason":"two applied"}"#,
    )
    .unwrap();
    assert!(check_verdict(&ruling, false, Amount(100)).is_empty());
    ruling.verdict = PartnerVerdict::Eligible;
    assert!(check_verdict(&ruling, true, Amount::ZERO).is_empty());
    ruling.fundable = Some(Amount::ZERO);
    assert_eq!(
        check_verdict(&ruling, true, Amount::ZERO).0[0].code,
        "fundable_not_expected"
    );
}

/// Eight partners under two further places: one goes, and seven remain of whom nothing is known here.
#[test]
fn nobody_is_one_too_many_because_another_goes() {
    let mut rules = sample::consortium_rules();
    rules.partners_per_country_max = None;
    let eight = partners("DE FR ES!out IT PL SE AT NL");
    let outcome = merge(FormalVerdict::Eligible, &eight, &rules, None, &[]);
    assert_eq!(kind(outcome), "conditional");
}

#[test]
fn sectors_must_still_be_there_when_a_partner_goes() {
    let mut rules = sample::consortium_rules();
    rules.sectors = vec![call::SectorRule {
        min: 1,
        of: vec![Sector::Private],
    }];
    let outcome = |text: &str| {
        kind(merge(
            FormalVerdict::Eligible,
            &partners(text),
            &rules,
            None,
            &[],
        ))
    };
    assert_eq!(outcome("DE@private FR ES IT!out"), "conditional");
}

#[test]
fn a_changed_consortium_is_looked_at_whole() {
    let rules = sample::consortium_rules();
    let mut all = sample::content().partners;
    let states = |all: &[Partner]| -> Vec<PartnerState> {
        all.iter()
            .map(|one| PartnerState {
                partner: one.id,
                role: one.role,
                country: one.country,
                own_funded: one.own_funded(),
                sector: one.sector,
                verdict: PartnerVerdict::Eligible,
            })
            .collect()
    };
    let outcome = |all: &[Partner], waived: &[String]| {
        merge(
            FormalVerdict::Eligible,
            &states(all),
            &rules,
            Some(all),
            waived,
        )
    };
    assert_eq!(outcome(&all, &[]), Some(Outcome::Eligible));
    all.pop();
    let waived = ["partners_too_few", "countries_too_few"].map(str::to_owned);
    assert_eq!(outcome(&all, &waived), Some(Outcome::Eligible));
    let Some(Outcome::Ineligible { reason }) = outcome(&all, &[]) else {
        panic!("two are too few");
    };
    assert!(reason.starts_with("as it was changed: "), "{reason}");
}

#[test]
fn a_waived_rule_breaks_no_proposal() {
    let rules = sample::consortium_rules();
    let outcome = |waived: &[&str]| {
        let waived: Vec<String> = waived.iter().map(|rule| (*rule).to_owned()).collect();
        let rest = partners("DE FR!out ES");
        kind(merge(FormalVerdict::Eligible, &rest, &rules, None, &waived))
    };
    assert_eq!(outcome(&["partners_too_few"]), "ineligible");
    let both = ["partners_too_few", "countries_too_few"];
    assert_eq!(outcome(&both), "conditional");
}
