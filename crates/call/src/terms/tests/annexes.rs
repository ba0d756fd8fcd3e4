use super::*;

#[test]
fn the_annex_is_made_from_the_rules() {
    let modules = [crate::Module {
        key: "RA3".to_owned(),
        title: "Research towards implementation".to_owned(),
        within: None,
        share: None,
        serves: Vec::new(),
    }];
    let words = Vocabulary {
        modules: &modules,
        questions: &[],
    };
    let terms: Terms = toml::from_str(
        r#"
        currency = "CAD"
        rate = "1.4"
        text = "Applicants register on the funder's own site first.\n"
        modules_not_funded = ["RA3"]
        projects = { min = 1, max = 2, max_with_eu_money = 4 }
        overheads = { share_max = "20", without = ["equipment", "subcontracting"] }
        counts = [{ max = 2, when = { coordinates = true } }]
        contacts = [{ name = "A. Person", email = "a.person@example.org" }]
        costs = [{ category = "travel", max = "100.00" }]
        documents = [
            { title = "Pre-eligibility form", due = { near = { stage = 1, days = -10, working = true } } },
            { title = "Own application", note = "By mail." },
        ]
        entities = [
            { entity = "university", only_with = ["hospital"] },
            { entity = "sme", eligible = false, instead = "DE-BMBF" },
        ]
        ceilings = [
            { scope = "partner", max = "150000.00", per = "year", months_max = 36 },
            { scope = "partners_in_proposal", min = "1.00", max = "2.00", when = { partners_min = 2 } },
        ]
        "#,
    )
    .unwrap();
    let annex = terms.annex("Quebec: FRQS", Currency::EUR, words);
    let expected = "\
## Quebec: FRQS

### Contact

- A. Person, a.person@example.org

### Who may apply

- University: eligible, only together with Hospital
- Sme: not here; apply to DE-BMBF instead
- At most 2 partners in one proposal when one of its partners coordinates

### How much

- At most 150000.00 CAD a year for each partner, for at most 36 months
- 1.00 to 2.00 CAD for all its partners in a proposal together when 2 or more of its partners take part
- 1 EUR is 1.4 CAD
- 1 to 2 projects are expected, up to 4 with EU money

### Costs

- Travel: at most 100.00 CAD
- Overheads: at most 20 % of the direct costs without equipment and subcontracting

### What is not funded

- Work in RA3: Research towards implementation

### National documents

- Pre-eligibility form, within 10 working days before the deadline of stage 1
- Own application, with the proposal. By mail.

### Further information

Applicants register on the funder's own site first.
";
    assert_eq!(annex, expected);
    assert_eq!(
        Terms::default().annex("Nobody", Currency::EUR, words),
        "## Nobody\n"
    );
}
