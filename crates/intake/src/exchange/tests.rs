use kernel::Faults;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::content::CostCategory;
use crate::eligibility::PartnerVerdict;
use crate::sample;

fn judged(number: &str, content: Content) -> Exported {
    let partners = content.partners.iter();
    let verdicts = partners.map(|partner| {
        let ruling = Ruling {
            verdict: PartnerVerdict::Eligible,
            fundable: partner.funder().and_then(|_| partner.requested().ok()),
            rule: String::new(),
            reason: String::new(),
        };
        (partner.id, ruling)
    });
    Exported {
        number: number.to_owned(),
        stage: 1,
        state: ProposalState::Locked,
        submitted_version: 1,
        verdicts: verdicts.collect(),
        formal: (FormalVerdict::Eligible, "In order".into()),
        content,
    }
}

fn content() -> Content {
    let mut content = sample::content();
    content.partners[1].principal_investigator.orcid = Some("0000-0002-1825-0097".into());
    content.partners[1].department = Some("Oncology".into());
    content.partners[2].funding = Funding::Own {
        means: "own staff".into(),
    };
    content.partners[2].own_contribution = Amount::ZERO;
    content.keywords = vec!["one".into(), "two".into()];
    content
}

fn out(proposals: &[Exported]) -> Vec<Sheet> {
    let (rules, stage) = (sample::rules(), sample::stage());
    let mut sheets = sheets(&rules, &stage);
    for one in proposals {
        add(&mut sheets, one, &rules, &stage);
    }
    sheets
}

fn again(sheets: &[Sheet]) -> Result<Vec<ImportedProposal>, Faults> {
    let (rules, stage, funders) = (sample::rules(), sample::stage(), sample::funders());
    let context = ImportContext {
        rules: &rules,
        stage: &stage,
        funders: &funders,
        taken: &["JTC-0".to_owned()].into(),
        at_most: 10,
    };
    let mut next = 0;
    read(sheets, &context, || {
        next += 1;
        Uuid::from_u128(next)
    })
}

#[test]
fn what_goes_out_comes_in_as_it_was() {
    let two = [judged("JTC-1", content()), judged("JTC-2", content())];
    let back = again(&out(&two)).unwrap();
    assert_eq!(back.len(), 2);
    assert_eq!(
        (back[1].code.as_str(), &back[0].content),
        ("JTC-2", &content())
    );
    assert_eq!(
        back[0].coordinator(),
        Some(&content().partners[0].principal_investigator)
    );
    assert_eq!(back[0].verdicts.len(), 4);
    assert_eq!(
        back[0].verdicts[0],
        ImportedVerdict::Formal(FormalVerdict::Eligible, "In order".into())
    );
}

proptest! {
    #[test]
    fn budgets_come_back_to_the_cent(years in prop::collection::vec(0i64..10_000_000_000, 1..6), own in 0i64..1000) {
        let mut content = content();
        let years: Vec<Amount> = years.into_iter().map(Amount).collect();
        content.partners[0].budget = [(CostCategory::Overheads, years), (CostCategory::Travel, vec![Amount(1000)])].into();
        content.partners[0].own_contribution = Amount(own);
        let back = again(&out(&[judged("JTC-1", content.clone())])).unwrap();
        prop_assert_eq!(&back[0].content, &content);
    }

    /// Whatever stands in one cell is taken, or told with its place.
    #[test]
    fn a_spoilt_cell_is_told_where_it_stands(sheet in 0usize..4, row in 1usize..4, column in 0usize..20, text in "\\PC{0,12}") {
        let mut sheets = out(&[judged("JTC-1", content())]);
        let (rows, name) = (sheets[sheet].rows.len(), sheets[sheet].name.clone());
        let row = row % rows;
        let columns = sheets[sheet].rows[row].len();
        sheets[sheet].rows[row][column % columns] = Cell::from(text.as_str());
        if let Err(faults) = again(&sheets) {
            prop_assert!(!faults.is_empty());
            for fault in faults.0 {
                prop_assert!(fault.detail.contains("; "), "no remedy: {}", fault.detail);
                prop_assert!(fault.pointer.starts_with('/'));
                prop_assert!(SHEETS.iter().any(|name| fault.detail.starts_with(name)), "{} {name}", fault.detail);
            }
        }
    }
}

#[rstest]
#[case(0, 1, "title", "", "/proposals/2/title cell_empty")]
#[case(0, 1, "proposal", "JTC-0", "/proposals/2/proposal proposal_taken")]
#[case(
    0,
    1,
    "duration_months",
    "three",
    "/proposals/2/duration_months cell_unreadable"
)]
#[case(0, 1, "modules", "9Z", "/proposals/2/modules module_unknown")]
#[case(1, 2, "country", "Mars", "/partners/3/country cell_unreadable")]
#[case(1, 2, "funder", "XX-NONE", "/partners/3/funder funder_unknown")]
#[case(1, 2, "funder", "", "/partners/3/funder funder_missing")]
#[case(1, 2, "own_means", "staff", "/partners/3/own_means funding_twice")]
#[case(1, 2, "email", "nobody", "/partners/3/email email_implausible")]
#[case(1, 2, "orcid", "0000-0002-1825-0098", "/partners/3/orcid orcid_wrong")]
#[case(1, 2, "partner", "1", "/partners/3/partner partner_repeated")]
#[case(
    1,
    2,
    "role",
    "coordinator",
    "/proposals/2/proposal coordinator_missing"
)]
#[case(2, 1, "amount", "1,000", "/budgets/2/amount cell_unreadable")]
#[case(2, 1, "amount", "-5", "/budgets/2/amount amount_negative")]
#[case(2, 1, "year", "0", "/budgets/2/year cell_unreadable")]
#[case(2, 1, "partner", "9", "/budgets/2/partner partner_unknown")]
#[case(2, 1, "category", "coffee", "/budgets/2/category cell_unreadable")]
#[case(
    3,
    2,
    "fundable",
    "999999999",
    "/verdicts/3/fundable fundable_out_of_range"
)]
#[case(3, 2, "fundable", "", "/verdicts/3/fundable fundable_missing")]
#[case(3, 2, "verdict", "perhaps", "/verdicts/3/verdict cell_unreadable")]
#[case(3, 1, "verdict", "open", "/verdicts/2/verdict verdict_missing")]
#[case(3, 1, "proposal", "JTC-9", "/verdicts/2/proposal proposal_unknown")]
fn each_fault_has_its_place(
    #[case] sheet: usize,
    #[case] row: usize,
    #[case] column: &str,
    #[case] text: &str,
    #[case] expected: &str,
) {
    let mut sheets = out(&[judged("JTC-1", content())]);
    let at = sheets[sheet].rows[0]
        .iter()
        .position(|cell| cell.as_str() == column);
    sheets[sheet].rows[row][at.unwrap()] = Cell::from(text);
    let faults = again(&sheets).unwrap_err().0;
    let told: Vec<String> = faults
        .iter()
        .map(|one| format!("{} {}", one.pointer, one.code))
        .collect();
    assert!(told.iter().any(|told| told == expected), "{told:?}");
}

#[test]
fn headings_are_asked_for_before_rows_and_faults_come_all_at_once() {
    let mut sheets = out(&[judged("JTC-1", content())]);
    sheets[0].rows[0][1] = "akronym".into();
    sheets.remove(3);
    let told: Vec<String> = again(&sheets)
        .unwrap_err()
        .0
        .into_iter()
        .map(|one| one.code)
        .collect();
    assert_eq!(told, ["column_unknown", "column_missing", "sheet_missing"]);
    let mut sheets = out(&[judged("JTC-1", content())]);
    for row in &mut sheets[1].rows[1..] {
        row[12] = "".into();
        row[13] = "".into();
    }
    assert_eq!(again(&sheets).unwrap_err().0.len(), 6);
}

#[test]
fn the_template_is_read_and_only_lacks_proposals() {
    let sheets = template(&sample::rules(), &sample::stage(), &sample::funders());
    let faults = again(&sheets).unwrap_err().0;
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].code, "number");
}
