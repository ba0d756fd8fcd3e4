use kernel::Finding;
use proptest::prelude::*;
use rstest::rstest;

use super::ceiling::*;
use super::*;
use crate::Vocabulary;

mod annexes;
mod funders;

const NO_WORDS: Vocabulary<'static> = Vocabulary {
    modules: &[],
    questions: &[],
};

fn euros(text: &str) -> Amount {
    text.parse().unwrap()
}

fn terms(toml: &str) -> Terms {
    let terms: Terms = toml::from_str(toml).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(terms.validate(Currency::EUR, NO_WORDS, 2), [], "{toml}");
    terms
}

/// 4.4373 PLN are a euro: 887,460 PLN are 200,000 EUR exactly, and a grosz less is a cent less.
#[test]
fn own_money_is_the_calls_at_the_fixed_rate_and_never_more() {
    let zloty = terms("currency = \"PLN\"\nrate = \"4.4373\"");
    let in_euros = |own: &str| {
        let found = zloty.in_call_currency(euros(own), Currency::EUR);
        found.map(|(amount, ..)| amount.to_string())
    };
    assert_eq!(in_euros("887460.00").as_deref(), Some("200000.00"));
    assert_eq!(in_euros("887459.99").as_deref(), Some("199999.99"));
    assert_eq!(in_euros("0.01").as_deref(), Some("0.00"));
    let here = terms("currency = \"EUR\"");
    assert_eq!(here.in_call_currency(euros("1.00"), Currency::EUR), None);
}

/// The partners of a funder from a list such as `300000.00 c:75000.01 u:1.00`: `c:` coordinates, `u:`
/// is a university, `h:` a hospital, `s:` a small company.
fn request(text: &str) -> Request {
    let ask = |(at, word): (usize, &str)| {
        let (mark, amount) = word.split_once(':').unwrap_or(("", word));
        Ask {
            at,
            coordinator: mark == "c",
            entity: match mark {
                "u" => Some(EntityType::University),
                "h" => Some(EntityType::Hospital),
                "s" => Some(EntityType::Sme),
                _ => None,
            },
            costs: [(CostCategory::Personnel, euros(amount))].into(),
            requested: euros(amount),
            ..Ask::default()
        }
    };
    let asks: Vec<Ask> = text.split_whitespace().enumerate().map(ask).collect();
    Request {
        project_total: Amount::sum(asks.iter().map(|ask| ask.requested)).unwrap(),
        asks,
        months: Some(36),
        cofunded: None,
    }
}

fn codes(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|finding| finding.code.as_str()).collect()
}

fn check(terms: &Terms, request: &Request) -> Vec<Finding> {
    terms.check(request, Currency::EUR, NO_WORDS).unwrap()
}

#[test]
fn unsaid_terms_set_no_limit() {
    assert_eq!(
        check(&Terms::default(), &request("99999999999.99 c:1.00")),
        []
    );
    assert_eq!(terms(""), Terms::default());
    let json = serde_json::to_string(&Terms::default()).unwrap();
    assert_eq!(
        serde_json::from_str::<Terms>(&json).unwrap(),
        Terms::default()
    );
    assert!(serde_json::from_str::<Terms>(r#"{"colour": 1}"#).is_err());
}

#[test]
fn terms_that_contradict_themselves_are_told_all_at_once() {
    let wrong: Terms = toml::from_str(
        r#"
        currency = "CAD"
        modules_not_funded = ["RA3"]
        projects = { min = 3, max = 2 }
        overheads = { share_max = "201" }
        ceilings = [
            { scope = "partner" },
            { scope = "partner", min = "2.00", max = "1.00" },
            { scope = "project", max = "0.00", months_max = 0 },
        ]
        counts = [{ max = 0 }]
        entities = [{ entity = "sme", rate = "101" }, { entity = "sme" }]
        costs = [{ category = "travel", share_max = "-1" }, { category = "travel" }]
        documents = [
            { title = "", due = { near = { stage = 3, days = 5 } } },
            { title = "Form", due = { at = { at = "2018-07-26T15:00:00Z", zone = "Europe/Berlin", label = "17:00 CET" } } },
        ]
        "#,
    )
    .unwrap();
    let found = wrong.validate(Currency::EUR, NO_WORDS, 2);
    let pointers: Vec<&str> = found
        .iter()
        .map(|finding| finding.pointer.as_str())
        .collect();
    assert_eq!(
        pointers,
        [
            "/rate",
            "/ceilings/0",
            "/ceilings/1",
            "/ceilings/2",
            "/ceilings/2/months_max",
            "/counts/0/max",
            "/projects",
            "/entities/0/rate",
            "/entities/1",
            "/costs/0",
            "/costs/1",
            "/overheads/share_max",
            "/modules_not_funded/0",
            "/documents/0/title",
            "/documents/0/due/near/stage",
            "/documents/1/due/at/label",
        ]
    );
    assert!(!found[15].is_fault(), "a contradictory label is a doubt");
}

proptest! {
    /// The comparison in the funder's currency agrees with one in exact fractions.
    #[test]
    fn no_rate_or_duration_moves_the_limit(
        asked in 0i64..100_000_000_000, max in 1i64..100_000_000_000, millionths in 1i64..100_000_000,
        months in 1u32..120, yearly: bool,
    ) {
        let rate: crate::Rate = kernel::decimal::print(millionths, 6).parse().unwrap();
        let per = if yearly { Period::Year } else { Period::Total };
        let terms = Terms {
            currency: Some("PLN".parse().unwrap()),
            rate: Some(rate),
            ceilings: vec![Ceiling {
                scope: CeilingScope::Partner, max: Some(Amount(max)), min: None, per, months_max: None,
                when: Condition::default(), consequence: Consequence::Ineligible, source: None,
            }],
            ..Terms::default()
        };
        let mut request = request(&Amount(asked).to_string());
        request.months = Some(months);
        let time = if yearly { (i128::from(months), 12) } else { (1, 1) };
        let over = i128::from(asked) * i128::from(millionths) * time.1 > i128::from(max) * 1_000_000 * time.0;
        prop_assert_eq!(check(&terms, &request).len(), usize::from(over));
    }

    /// What is a cent more than the most is always a fault, and the most never.
    #[test]
    fn the_limit_itself_is_allowed(max in 1i64..100_000_000_000) {
        let terms = terms(&format!("ceilings = [{{ scope = 'partners_in_proposal', max = '{}' }}]", Amount(max)));
        prop_assert_eq!(check(&terms, &request(&Amount(max).to_string())), []);
        prop_assert_eq!(check(&terms, &request(&Amount(max + 1).to_string())).len(), 1);
    }
}
