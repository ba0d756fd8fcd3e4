use kernel::Finding;
use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// Members from a list such as `DE* own:FR IT/IT-MOH#private~sme`: the coordinator has a star, then the
/// funder, the sector and further marks.
fn members(text: &str) -> Vec<Member> {
    text.split_whitespace()
        .enumerate()
        .map(|(at, word)| {
            let coordinator = word.contains('*');
            let word = word.replace('*', "");
            let mut marks = word.split('~');
            let who = marks.next().unwrap();
            let marks: Vec<&str> = marks.collect();
            let (who, sector) = who.split_once('#').unwrap_or((who, ""));
            let (who, funder) = who.split_once('/').unwrap_or((who, ""));
            let own_funded = who.starts_with("own:");
            let code = who.trim_start_matches("own:");
            let key = marks.iter().find_map(|mark| mark.strip_prefix("key="));
            Member {
                name: String::new(),
                key: key.map_or(at.to_string(), str::to_owned),
                coordinator,
                country: code.parse().ok(),
                funder: (!funder.is_empty()).then(|| funder.to_owned()),
                own_funded,
                sector: sector.parse().ok(),
                early_career: marks.contains(&"young"),
                sme: marks.contains(&"sme"),
                found_ineligible: marks.contains(&"out"),
            }
        })
        .collect()
}

fn findings(rules: &ConsortiumRules, text: &str) -> Vec<Finding> {
    let members = members(text);
    rules.check(&Consortium {
        members: &members,
        ..Consortium::default()
    })
}

fn codes(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|finding| finding.code.as_str()).collect()
}

// The rules of the programme: 3 to 6 partners, 3 countries, 2 of them of the EU or associated, 2 for
// each country, 1 own-funded.
#[rstest]
#[case("DE* FR IT", &[])]
#[case("DE* FR", &["partners_too_few", "countries_too_few"])]
#[case("DE* FR own:IT", &["partners_too_few", "countries_too_few"])]
#[case("DE* FR IT ES PL SE", &[])]
#[case("DE* FR IT ES PL SE AT", &["partners_too_many"])]
#[case("DE* FR IT ES PL SE own:AT", &["partners_too_many"])]
#[case("DE* DE FR FR", &["countries_too_few"])]
#[case("DE* EG CN", &["member_or_associated_too_few"])]
#[case("DE* CH EG", &[])]
#[case("DE* FR IT own:ES", &[])]
#[case("DE* FR IT own:ES own:PL", &["own_funded_too_many"])]
#[case("DE* DE FR IT", &[])]
#[case("DE* DE FR IT own:DE", &["country_too_often"])]
#[case("own:DE* FR IT ES", &["coordinator_not_funded"])]
fn the_programmes_rules_at_below_and_above_each_limit(
    #[case] consortium: &str,
    #[case] expected: &[&str],
) {
    let found = findings(&ConsortiumRules::default(), consortium);
    assert_eq!(codes(&found), expected, "{found:?}");
}

type Vary = fn(&mut ConsortiumRules);

#[rstest]
#[case::own_funded_not_counted((|r| r.partners_max_counts = Counted::Funded) as Vary, "DE* FR IT ES PL SE own:AT", &[])]
#[case::summary_of_2024((|r| r.eu_or_associated_min = 3) as Vary, "DE* CH EG", &["member_or_associated_too_few"])]
#[case::groups_of_the_year((|r| r.eu_or_associated = Some(vec!["DE".parse().unwrap()])) as Vary, "DE* CA EG",
    &["member_or_associated_too_few"])]
#[case::no_limit_per_country((|r| r.partners_per_country_max = None) as Vary, "DE* DE DE FR IT", &[])]
#[case::own_not_counted_per_country((|r| r.partners_per_country_counts = Counted::Funded) as Vary,
    "DE* DE FR IT own:DE", &[])]
#[case::per_funder_at((|r| r.partners_per_funder_max = Some(1)) as Vary, "DE/DE-BMBF* DE/DE-SMWK FR IT", &[])]
#[case::per_funder_above((|r| r.partners_per_funder_max = Some(1)) as Vary, "DE/DE-BMBF* DE/DE-BMBF FR IT",
    &["funder_too_often"])]
#[case::own_funded_condition_at((|r| r.own_funded_needs_funded = 4) as Vary, "DE* FR IT ES own:PL", &[])]
#[case::own_funded_condition_below((|r| r.own_funded_needs_funded = 4) as Vary, "DE* FR IT own:PL",
    &["own_funded_needs_funded"])]
#[case::two_of_three_sectors(two_sectors as Vary, "DE#academia* FR#private IT#academia", &[])]
#[case::one_of_three_sectors(two_sectors as Vary, "DE#academia* FR#academia IT#academia", &["sectors_too_few"])]
#[case::another_sector(two_sectors as Vary, "DE#academia* FR#payer IT#academia", &["sectors_too_few"])]
#[case::sector_not_said(two_sectors as Vary, "DE#academia* FR IT#academia", &["sector_missing"])]
#[case::coordinator_within((|r| r.coordinator_in_eu_or_associated = true) as Vary, "CA* FR IT", &[])]
#[case::coordinator_without((|r| r.coordinator_in_eu_or_associated = true) as Vary, "EG* FR IT", &["coordinator_country"])]
#[case::coordinator_sector((|r| r.coordinator_sectors = vec![Sector::Academia]) as Vary, "DE#private* FR IT",
    &["coordinator_sector"])]
#[case::seventh_is_an_sme(seventh as Vary, "DE* FR IT ES PL SE AT~sme", &[])]
#[case::seventh_is_young(seventh as Vary, "DE*~young FR IT ES PL SE AT", &[])]
#[case::seventh_from_a_rare_country(seventh as Vary, "DE* FR IT ES PL SE LV", &[])]
#[case::seventh_is_ordinary(seventh as Vary, "DE* FR IT ES PL SE AT", &["partners_too_many"])]
#[case::eighth(seventh as Vary, "DE* FR IT ES PL SE~sme AT~sme NO~sme", &["partners_too_many"])]
fn the_variants_of_sister_calls(
    #[case] vary: Vary,
    #[case] consortium: &str,
    #[case] expected: &[&str],
) {
    let mut rules = ConsortiumRules::default();
    vary(&mut rules);
    assert_eq!(rules.validate(), []);
    let found = findings(&rules, consortium);
    assert_eq!(codes(&found), expected, "{found:?}");
}

fn two_sectors(rules: &mut ConsortiumRules) {
    rules.sectors = vec![SectorRule {
        min: 2,
        of: vec![
            Sector::Academia,
            Sector::ClinicalPublicHealth,
            Sector::Private,
        ],
    }];
}

fn seventh(rules: &mut ConsortiumRules) {
    rules.added_partner = Some(AddedPartner {
        places: 1,
        triggers: vec![
            Trigger::UnderRepresentedFunder,
            Trigger::UnderRepresentedCountry,
            Trigger::EarlyCareer,
            Trigger::Sme,
        ],
        under_represented_countries: vec!["LV".parse().unwrap()],
    });
}

#[test]
fn the_list_of_under_represented_funders_opens_the_place() {
    let mut rules = ConsortiumRules::default();
    seventh(&mut rules);
    let members = members("DE* FR IT ES PL SE AT/AT-FWF");
    let mut consortium = Consortium {
        members: &members,
        ..Consortium::default()
    };
    assert_eq!(codes(&rules.check(&consortium)), ["partners_too_many"]);
    let named = ["AT-FWF".to_owned()];
    consortium.under_represented_funders = &named;
    assert_eq!(rules.check(&consortium), []);
}

const BEFORE: &str = "DE/DE-BMBF*~key=a FR~key=b IT~key=c~out";

#[rstest]
#[case("DE/DE-BMBF*~key=a FR~key=b IT~key=c", &[])]
#[case("DE/DE-BMBF*~key=a FR~key=b ES~key=d", &[])] // in the place of the ineligible one
#[case("DE/DE-BMBF*~key=a FR~key=b IT~key=c ES~key=d", &["partner_added"])]
#[case("DE/DE-BMBF*~key=a ES~key=d PL~key=e", &["partner_dropped", "partner_added"])]
#[case("DE/DE-BMBF~key=a FR*~key=b IT~key=c", &["coordinator_changed"])]
#[case("DE/DE-SMWK*~key=a FR~key=b IT~key=c", &["funder_changed"])]
#[case("DE/DE-BMBF*~key=a ES~key=b IT~key=c", &["country_changed"])]
fn other_changes_are_left_to_the_steering_committee(
    #[case] after: &str,
    #[case] expected: &[&str],
) {
    let rules = ConsortiumRules::default();
    let (before, after) = (members(BEFORE), members(after));
    let found = rules.check(&Consortium {
        members: &after,
        before: Some(&before),
        ..Consortium::default()
    });
    assert_eq!(codes(&found), expected);
    assert!(found.iter().all(|finding| !finding.is_fault()));
}

#[test]
fn widening_adds_who_meets_a_condition_and_nobody_else() {
    let mut rules = ConsortiumRules::default();
    seventh(&mut rules);
    rules.changes.add = Change::WithTrigger;
    rules.changes.replace_ineligible = Change::Forbidden;
    let before = members(BEFORE);
    let found = |after: &str| {
        let after = members(after);
        let found = rules.check(&Consortium {
            members: &after,
            before: Some(&before),
            ..Consortium::default()
        });
        found
            .into_iter()
            .map(|f| (f.pointer, f.code))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found("DE/DE-BMBF*~key=a FR~key=b IT~key=c ES~key=d~sme"),
        []
    );
    let added = ("/partners/3".to_owned(), "partner_added".to_owned());
    assert_eq!(
        found("DE/DE-BMBF*~key=a FR~key=b IT~key=c ES~key=d"),
        [added]
    );
}

#[test]
fn a_finding_names_rule_partner_and_place_of_the_call_text() {
    let mut rules = ConsortiumRules::default();
    let source = "Guidelines for applicants, 4.1".to_owned();
    rules
        .sources
        .insert("partners_per_country_max".to_owned(), source.clone());
    let found = findings(&rules, "DE* FR DE IT DE DE");
    assert_eq!(found[0].pointer, "/partners/4/country");
    assert_eq!(found[0].found, "4 partners work in Germany");
    assert_eq!(
        found[0].allowed,
        "at most 2 may, own-funded ones counted; leave some out"
    );
    assert_eq!(found[0].source, Some(source));
}

#[test]
fn one_person_coordinates_one_proposal() {
    let mut rules = ConsortiumRules::default();
    assert_eq!(rules.check_coordinations(9), None);
    rules.proposals_per_coordinator_max = Some(1);
    assert_eq!(rules.check_coordinations(1), None);
    assert_eq!(
        rules.check_coordinations(2).unwrap().code,
        "coordinates_too_many"
    );
}

#[test]
fn rules_that_nobody_can_meet_are_faults_all_at_once() {
    let mut rules = ConsortiumRules {
        partners_min: 9,
        countries_min: 7,
        eu_or_associated_min: 8,
        partners_per_country_max: Some(0),
        partners_per_funder_max: Some(0),
        ..ConsortiumRules::default()
    };
    two_sectors(&mut rules);
    rules.sectors[0].min = 4;
    seventh(&mut rules);
    rules
        .added_partner
        .as_mut()
        .unwrap()
        .under_represented_countries
        .clear();
    rules
        .sources
        .insert("colour".to_owned(), "call text".to_owned());
    let pointers: Vec<String> = rules.validate().into_iter().map(|f| f.pointer).collect();
    assert_eq!(
        pointers,
        [
            "/partners_max",
            "/countries_min",
            "/eu_or_associated_min",
            "/partners_per_country_max",
            "/partners_per_funder_max",
            "/own_funded_max",
            "/sectors/0",
            "/added_partner/under_represented_countries",
            "/sources/colour",
        ]
    );
}

/// Every rule that may name its place in the call text is a field, and every field may.
#[test]
fn the_names_of_the_rules_are_the_fields() {
    let value = serde_json::to_value(ConsortiumRules::default()).unwrap();
    let mut rules = ConsortiumRules::default();
    for field in value
        .as_object()
        .unwrap()
        .keys()
        .filter(|field| *field != "sources")
    {
        rules.sources.insert(field.clone(), "call text".to_owned());
    }
    assert_eq!(rules.sources.len(), 18);
    assert_eq!(rules.validate(), []);
}

fn any_member() -> impl Strategy<Value = Member> {
    let country = prop::sample::select(vec!["DE", "FR", "EG", "CH", "IT", "ES"]);
    (country, any::<bool>(), any::<bool>()).prop_map(|(code, own_funded, sme)| Member {
        country: code.parse().ok(),
        own_funded,
        sme,
        ..Member::default()
    })
}

proptest! {
    /// The order of the partners decides where a fault points, and never whether there is one.
    #[test]
    fn no_verdict_hangs_on_the_order(mut members in prop::collection::vec(any_member(), 0..9)) {
        let mut rules = ConsortiumRules::default();
        seventh(&mut rules);
        let verdict = |members: &[Member]| {
            let found = rules.check(&Consortium { members, ..Consortium::default() });
            let mut codes: Vec<String> = found.into_iter().map(|finding| finding.code).collect();
            codes.sort();
            codes
        };
        let forwards = verdict(&members);
        members.reverse();
        prop_assert_eq!(forwards, verdict(&members));
    }
}
