use kernel::{Amount, Currency, Fault};
use rstest::rstest;

use super::*;
use crate::content::{CostCategory, Funding, PartnerRole};
use crate::sample;

fn findings(content: &Content, invited: Option<&Content>) -> Findings {
    let (stage, funders) = (sample::stage(), sample::funders());
    check(
        content,
        &CheckContext {
            stage: &stage,
            max_duration_months: 36,
            currency: Currency::EUR,
            funders: &funders,
            invited,
        },
    )
}

fn after(change: fn(&mut Content)) -> Findings {
    let mut content = sample::content();
    change(&mut content);
    findings(&content, None)
}

fn places(faults: &Faults) -> Vec<(&str, &str)> {
    faults
        .0
        .iter()
        .map(|Fault { pointer, code, .. }| (pointer.as_str(), code.as_str()))
        .collect()
}

#[test]
fn the_sample_breaks_no_rule() {
    assert_eq!(after(|_| ()), Findings::default());
}

#[rstest]
#[case("title of white space", |c: &mut Content| c.title = "  ".into())]
#[case("no acronym", |c: &mut Content| c.acronym.clear())]
fn headings_are_required(#[case] _name: &str, #[case] change: fn(&mut Content)) {
    assert!(places(&after(change).faults)[0].1.ends_with("_missing"));
}

#[rstest]
#[case(None, Some("duration_missing"))]
#[case(Some(0), Some("duration_out_of_range"))]
#[case(Some(1), None)]
#[case(Some(36), None)]
#[case(Some(37), Some("duration_out_of_range"))]
fn duration(#[case] months: Option<u16>, #[case] expected: Option<&str>) {
    let content = Content {
        duration_months: months,
        ..sample::content()
    };
    let found = findings(&content, None).faults;
    assert_eq!(
        places(&found),
        expected
            .map(|code| ("/duration_months", code))
            .into_iter()
            .collect::<Vec<_>>()
    );
}

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

// One spoiled thing, one fault, at the right place.
#[rstest]
#[case("/partners", "coordinator_missing", |c: &mut Content| c.partners[0].role = PartnerRole::Partner)]
#[case("/partners/2/role", "coordinator_repeated", |c: &mut Content| c.partners[2].role = PartnerRole::Coordinator)]
#[case("/partners/1/organisation", "organisation_missing", |c: &mut Content| c.partners[1].organisation = " ".into())]
#[case("/partners/1/principal_investigator/name", "name_missing", |c: &mut Content| c.partners[1].principal_investigator.name.clear())]
#[case("/partners/1/principal_investigator/email", "email_implausible", |c: &mut Content| c.partners[1].principal_investigator.email.clear())]
#[case("/partners/1/ror", "ror_wrong", |c: &mut Content| c.partners[1].ror = Some("03yrm5c27".into()))]
#[case("/partners/1/principal_investigator/orcid", "orcid_wrong", |c: &mut Content| c.partners[1].principal_investigator.orcid = Some("0000-0002-1825-0098".into()))]
#[case("/partners/2/funding", "funder_missing", |c: &mut Content| c.partners[2].funding = Funding::Undecided {})]
#[case("/partners/2/funding/funder", "funder_unknown", |c: &mut Content| c.partners[2].funding = Funding::Funder { funder: "XX".into() })]
#[case("/partners/2/funding/funder", "funder_of_another_country", |c: &mut Content| c.partners[2].funding = Funding::Funder { funder: "DE-BMBF".into() })]
#[case("/partners/2/budget", "budget_empty", |c: &mut Content| c.partners[2].budget.clear())]
#[case("/partners/2/budget", "budget_empty", |c: &mut Content| c.partners[2].budget = [(CostCategory::Travel, Amount(0))].into())]
#[case("/partners/2/budget/travel", "amount_negative", |c: &mut Content| { c.partners[2].budget.insert(CostCategory::Travel, Amount(-1)); })]
#[case("/partners/2/budget", "amount_too_large", |c: &mut Content| { c.partners[2].budget.insert(CostCategory::Travel, Amount(i64::MAX)); })]
#[case("/partners/2/id", "partner_id_repeated", |c: &mut Content| c.partners[2].id = c.partners[1].id)]
#[case("/partners/2/principal_investigator", "principal_investigator_repeated", |c: &mut Content| c.partners[2].principal_investigator.email = "PI1@example.org".into())]
#[case("/partners/2/principal_investigator", "principal_investigator_repeated", |c: &mut Content| {
    c.partners[2].organisation = "university 1".into();
    c.partners[2].principal_investigator.name = "person 1".into();
})]
#[case("/partners/2/principal_investigator", "principal_investigator_repeated", |c: &mut Content| {
    c.partners[1].principal_investigator.orcid = Some("0000-0002-1825-0097".into());
    c.partners[2].principal_investigator.orcid = Some("https://orcid.org/0000-0002-1825-0097".into());
})]
#[case("/partners/3/funding/means", "means_missing", |c: &mut Content| {
    c.partners.push(sample::partner(4, "CA-CIHR"));
    c.partners[3].funding = Funding::Own { means: " ".into() };
})]
#[case("/partners/0/funding", "coordinator_not_funded", |c: &mut Content| {
    c.partners.push(sample::partner(4, "CA-CIHR"));
    c.partners[0].funding = Funding::Own { means: "own staff".into() };
})]
#[case("/partners/4/country", "country_too_often", |c: &mut Content| {
    c.partners.push(sample::partner(4, "DE-BMBF"));
    c.partners.push(sample::partner(5, "DE-BMBF"));
})]
fn one_thing_wrong_is_one_fault(
    #[case] pointer: &str,
    #[case] code: &str,
    #[case] change: fn(&mut Content),
) {
    let found = after(change);
    assert_eq!(places(&found.faults), [(pointer, code)], "{found:?}");
}

#[test]
fn a_country_that_is_not_said_is_one_country_too_few() {
    let found = after(|c| c.partners[1].country = None);
    assert_eq!(
        places(&found.faults),
        [
            ("/partners/1/country", "country_missing"),
            ("/partners", "countries_too_few")
        ]
    );
}

#[test]
fn a_partner_without_a_funder_is_told_which_it_may_choose() {
    let found = after(|c| c.partners[2].funding = Funding::Undecided {});
    assert_eq!(
        found.faults.0[0].detail,
        "this partner has no funder; choose one of ES-ISCIII, ES-CAT, or say that it brings its own means"
    );
}

#[rstest]
#[case("a@b.org", true)]
#[case("a.b+c@mail.example.org", true)]
#[case("a@b", false)]
#[case("@b.org", false)]
#[case("a@b..org", false)]
#[case("a@b.org.", false)]
#[case("a b@c.org", false)]
#[case("a@b@c.org", false)]
#[case("a@b.org\n", false)]
fn e_mail_addresses(#[case] text: &str, #[case] plausible: bool) {
    let mut content = sample::content();
    content.partners[1].principal_investigator.email = text.into();
    assert_eq!(
        findings(&content, None).faults.is_empty(),
        plausible,
        "{text}"
    );
}

#[rstest]
#[case(29_999_999, 0)]
#[case(30_000_000, 0)]
#[case(30_000_001, 1)]
fn what_a_funder_may_cut_is_a_doubt(#[case] personnel: i64, #[case] doubts: usize) {
    let mut content = sample::content();
    content.partners[1].budget = [(CostCategory::Personnel, Amount(personnel))].into();
    let found = findings(&content, None);
    assert!(found.faults.is_empty());
    assert_eq!(
        places(&found.doubts),
        vec![("/partners/1/budget", "above_funders_maximum"); doubts]
    );
}

#[rstest]
#[case(Some("catalonia"), 0)]
#[case(Some("Navarre"), 1)]
#[case(None, 1)]
fn the_region_is_a_doubt_and_only_for_a_regional_funder(
    #[case] region: Option<&str>,
    #[case] doubts: usize,
) {
    let mut content = sample::content();
    content.partners[2].region = region.map(str::to_owned);
    assert_eq!(findings(&content, None), Findings::default());
    content.partners[2].funding = Funding::Funder {
        funder: "ES-CAT".into(),
    };
    let found = findings(&content, None);
    assert!(found.faults.is_empty());
    assert_eq!(
        places(&found.doubts),
        vec![("/partners/2/region", "funder_of_another_region"); doubts]
    );
}

#[test]
fn what_changed_since_the_invitation_is_a_doubt() {
    let invited = sample::content();
    let mut content = invited.clone();
    assert_eq!(findings(&content, Some(&invited)), Findings::default());
    content.title = "Texts may change".into();
    content.partners[0].role = PartnerRole::Partner;
    content.partners[1].role = PartnerRole::Coordinator;
    content.partners[1].funding = Funding::Funder {
        funder: "FR-NEW".into(),
    };
    content.partners[2] = sample::partner(4, "ES-ISCIII");
    assert_eq!(
        places(&findings(&content, Some(&invited)).doubts),
        [
            ("/partners", "partner_dropped"),
            ("/partners/1/role", "coordinator_changed"),
            ("/partners/1/funding", "funder_changed"),
            ("/partners/2", "partner_added"),
        ]
    );
}

#[test]
fn a_nul_is_refused_even_in_a_draft() {
    let mut content = sample::content();
    assert!(draft(&content).is_empty() && draft(&Content::default()).is_empty());
    content.partners[1].organisation = "a\0b".into();
    content.texts.insert("key\0".into(), String::new());
    let found = draft(&content);
    assert_eq!(
        places(&found),
        [
            ("/partners/1/organisation", "character_forbidden"),
            ("/texts", "character_forbidden"),
        ]
    );
}

#[test]
fn an_empty_draft_hears_of_everything_at_once() {
    let found = findings(&Content::default(), None);
    let codes: Vec<&str> = places(&found.faults)
        .into_iter()
        .map(|(_, code)| code)
        .collect();
    assert_eq!(
        codes,
        [
            "acronym_missing",
            "title_missing",
            "duration_missing",
            "text_missing",
            "coordinator_missing",
            "partners_too_few",
            "countries_too_few",
            "member_or_associated_too_few",
        ]
    );
}

proptest::proptest! {
    #[test]
    fn any_content_can_be_checked_and_each_fault_says_where(content in sample::any()) {
        let json = serde_json::to_value(&content).unwrap();
        let found = findings(&content, Some(&content));
        for fault in found.faults.0.iter().chain(&found.doubts.0) {
            let missing = fault.code.ends_with("missing");
            proptest::prop_assert!(missing || json.pointer(&fault.pointer).is_some(), "{fault:?}");
        }
    }
}
