use call::terms::{CeilingScope, Consequence, EntityTerms, EntityType};
use call::{AddedPartner, Module, Question, Sector, SectorRule, Trigger};
use kernel::{Amount, Fault};
use rstest::rstest;

use super::*;
use crate::content::{CostCategory, Funding, PartnerRole};
use crate::sample;

mod form;

fn findings(content: &Content, invited: Option<&Content>) -> Findings {
    let invited = invited.map(|content| Invited {
        content,
        ineligible: &[],
    });
    under(content, |_| (), invited)
}

/// The findings under rules and terms that differ from the usual ones.
fn under(
    content: &Content,
    change: impl FnOnce(&mut (Rules, Vec<FunderTerms>)),
    invited: Option<Invited<'_>>,
) -> Findings {
    let mut world = (sample::rules(), sample::funders());
    change(&mut world);
    let (rules, funders) = &world;
    check(
        content,
        &CheckContext {
            invited,
            ..CheckContext::new(rules, &rules.stages[0], funders)
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
#[case("/partners/2/budget", "budget_empty", |c: &mut Content| c.partners[2].budget = [(CostCategory::Travel, vec![Amount(0)])].into())]
#[case("/partners/2/budget/travel/1", "amount_negative", |c: &mut Content| { c.partners[2].budget.insert(CostCategory::Travel, vec![Amount(2), Amount(-1)]); })]
#[case("/partners/2/budget/travel", "year_beyond_the_project", |c: &mut Content| { c.partners[2].budget.insert(CostCategory::Travel, vec![Amount(2); 4]); })]
#[case("/partners/2/own_contribution", "amount_negative", |c: &mut Content| c.partners[2].own_contribution = Amount(-1))]
#[case("/partners/2/own_contribution", "own_contribution_too_large", |c: &mut Content| c.partners[2].own_contribution = Amount(99_999_999_999))]
#[case("/partners/2/budget", "amount_too_large", |c: &mut Content| { c.partners[2].budget.insert(CostCategory::Travel, vec![Amount(i64::MAX)]); })]
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
    content.partners[1].budget = [(CostCategory::Personnel, vec![Amount(personnel)])].into();
    let found = findings(&content, None);
    assert!(found.faults.is_empty());
    assert_eq!(
        places(&found.doubts),
        vec![("/partners/1/budget", "ceiling_exceeded"); doubts]
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

/// A call with two modules in an area, one beside it, and a question.
fn with_modules(world: &mut (Rules, Vec<FunderTerms>)) {
    let module = |key: &str, within: Option<&str>| Module {
        key: key.to_owned(),
        title: key.to_owned(),
        within: within.map(str::to_owned),
        share: None,
        serves: Vec::new(),
    };
    world.0.modules = vec![
        module("RA1", None),
        module("1A", Some("RA1")),
        module("1B", Some("RA1")),
        module("RA3", None),
    ];
    world.0.questions = vec![Question {
        key: "trial".to_owned(),
        title: "Is there a clinical trial?".to_owned(),
    }];
    world.0.module_rule = Some("RA3 and (1A or trial)".parse().unwrap());
}

#[rstest]
#[case(&["RA3", "1A"], false, &[])]
#[case(&["RA3", "1B"], true, &[])]
#[case(&["RA3", "1B"], false, &["module_rule"])]
#[case(&["RA3", "RA1"], true, &["module_unknown"])]
#[case(&[], true, &["module_rule"])]
fn modules_and_answers_meet_the_rule(
    #[case] modules: &[&str],
    #[case] trial: bool,
    #[case] expected: &[&str],
) {
    let mut content = sample::content();
    content.modules = modules.iter().map(|key| (*key).to_owned()).collect();
    content.answers = [("trial".to_owned(), trial)].into();
    let found = under(&content, with_modules, None);
    let codes: Vec<&str> = places(&found.faults).into_iter().map(|at| at.1).collect();
    assert_eq!(codes, expected);
}

#[test]
fn questions_are_answered_and_partners_work_in_what_is_chosen() {
    let mut content = sample::content();
    content.modules = ["RA3".to_owned(), "1A".to_owned()].into();
    content.answers = [("coffee".to_owned(), true)].into();
    content.partners[2].modules = ["1B".to_owned()].into();
    let found = under(&content, with_modules, None);
    assert_eq!(
        places(&found.faults),
        [
            ("/answers/trial", "answer_missing"),
            ("/answers/coffee", "question_unknown"),
            ("/partners/2/modules", "module_not_chosen")
        ]
    );
}

#[test]
fn a_module_that_a_funder_does_not_pay_is_named_with_the_funder() {
    let mut content = sample::content();
    content.modules = ["RA3".to_owned(), "1A".to_owned()].into();
    content.answers = [("trial".to_owned(), false)].into();
    content.partners[1].modules = content.modules.clone();
    let refusing = |world: &mut (Rules, Vec<FunderTerms>)| {
        with_modules(world);
        for funder in &mut world.1[..2] {
            funder.terms.modules_not_funded = vec!["RA3".to_owned()];
        }
    };
    let found = under(&content, refusing, None);
    assert_eq!(
        places(&found.faults),
        [("/partners/1/modules", "module_not_funded")]
    );
    assert!(found.faults.0[0].detail.starts_with("FR-ANR: "));
    // The other funder cannot tell, since its partner does not say.
    assert_eq!(
        places(&found.doubts),
        [("/partners/0/modules", "modules_missing")]
    );
}

#[test]
fn a_funder_looks_at_all_its_partners_together() {
    let mut content = sample::content();
    content.partners.push(sample::partner(4, "DE-BMBF"));
    let together = |most| {
        move |world: &mut (Rules, Vec<FunderTerms>)| {
            let mut ceiling = sample::ceiling(CeilingScope::PartnersInProposal, most);
            ceiling.consequence = Consequence::Ineligible;
            ceiling.when.partners_min = Some(2);
            world.1[0].terms.ceilings.push(ceiling);
        }
    };
    let sum = 2 * 20_500_000;
    assert!(under(&content, together(sum), None).faults.is_empty());
    let found = under(&content, together(sum - 1), None);
    assert_eq!(
        places(&found.faults),
        [("/partners/0/budget", "ceiling_exceeded")]
    );
}

#[test]
fn types_of_institution_are_asked_where_a_funder_tells_them_apart() {
    let companies = |world: &mut (Rules, Vec<FunderTerms>)| {
        world.1[0].terms.entities = vec![EntityTerms {
            entity: EntityType::LargeCompany,
            eligible: false,
            instead: Some("DE-BMWK".to_owned()),
            rate: None,
            rate_consequence: Consequence::Cut,
            only_with: Vec::new(),
            source: None,
        }];
    };
    let mut content = sample::content();
    let found = under(&content, companies, None);
    assert_eq!(places(&found.doubts), [("/partners/0", "entity_missing")]);
    content.partners[0].entity = Some(EntityType::LargeCompany);
    let found = under(&content, companies, None);
    assert_eq!(
        places(&found.faults),
        [("/partners/0/entity", "entity_not_eligible")]
    );
}

#[test]
fn a_seventh_partner_takes_a_trigger() {
    let mut content = sample::content();
    for (number, funder) in [(4, "CA-CIHR"), (5, "EG-ASRT"), (6, "FR-ANR"), (7, "ES-CAT")] {
        let mut partner = sample::partner(number, funder);
        partner.region = Some("Catalonia".to_owned());
        content.partners.push(partner);
    }
    let added = |world: &mut (Rules, Vec<FunderTerms>)| {
        world.0.stages[0].consortium.added_partner = Some(AddedPartner {
            places: 1,
            triggers: vec![Trigger::EarlyCareer, Trigger::Sme],
            under_represented_countries: Vec::new(),
        });
    };
    let codes = |content: &Content| -> Vec<String> {
        let found = under(content, added, None);
        found.faults.0.into_iter().map(|fault| fault.code).collect()
    };
    assert_eq!(codes(&content), ["partners_too_many"]);
    content.partners[4].principal_investigator.early_career = true;
    assert!(codes(&content).is_empty());
    content.partners[4].principal_investigator.early_career = false;
    content.partners[6].entity = Some(EntityType::Sme);
    assert!(codes(&content).is_empty());
}

#[test]
fn sectors_are_those_the_partners_say() {
    let mixed = |world: &mut (Rules, Vec<FunderTerms>)| {
        world.0.stages[0].consortium.sectors = vec![SectorRule {
            min: 2,
            of: vec![Sector::Academia, Sector::Private],
        }];
    };
    let mut content = sample::content();
    assert_eq!(
        places(&under(&content, mixed, None).doubts),
        [("/partners", "sector_missing")]
    );
    for partner in &mut content.partners {
        partner.sector = Some(Sector::Academia);
    }
    let found = under(&content, mixed, None);
    assert_eq!(places(&found.faults), [("/partners", "sectors_too_few")]);
}

#[test]
fn a_partner_found_ineligible_may_be_replaced_and_no_other() {
    let before = sample::content();
    let mut content = before.clone();
    content.partners[2] = sample::partner(9, "ES-CAT");
    content.partners[2].region = Some("Catalonia".to_owned());
    let doubts = |ineligible: &[Uuid]| {
        let invited = Invited {
            content: &before,
            ineligible,
        };
        let found = under(&content, |_| (), Some(invited));
        assert!(found.faults.is_empty());
        found.doubts.0.len()
    };
    assert_eq!(doubts(&[before.partners[2].id]), 0);
    // The one left out, and the new one.
    assert_eq!(doubts(&[]), 2);
}

#[test]
fn where_the_stage_asks_for_it_every_other_partner_confirms_its_part() {
    let (mut rules, funders, content) = (sample::rules(), sample::funders(), sample::content());
    rules.stages[0].partners_confirm = true;
    let pointers = |rules: &Rules, confirmed: &[Uuid]| {
        let context = CheckContext {
            confirmed: Some(confirmed),
            ..CheckContext::new(rules, &rules.stages[0], &funders)
        };
        let found = check(&content, &context).faults.0;
        let found = found
            .into_iter()
            .filter(|fault| fault.code == "partner_unconfirmed");
        found.map(|fault| fault.pointer).collect::<Vec<_>>()
    };
    assert_eq!(pointers(&rules, &[]), ["/partners/1", "/partners/2"]);
    assert_eq!(pointers(&rules, &[content.partners[1].id]), ["/partners/2"]);
    rules.stages[0].partners_confirm = false;
    assert_eq!(pointers(&rules, &[]), Vec::<String>::new());
}
