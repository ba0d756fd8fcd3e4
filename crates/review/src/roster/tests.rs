use super::*;
use proptest::prelude::*;
use rstest::rstest;

const MODULES: [&str; 2] = ["1A", "2B"];

#[test]
fn a_table_with_everything() {
    let text = "name,email,organisation,department,ror,orcid,country,affiliations,gender,languages,keywords,modules,statement,role,max_load,max_load_stage_1,max_load_stage_2\n\
        Zoë Müller, zoe@uni-nord.example ,Universität Nord,Oncology,03yrm5c26,0000-0002-1825-0097,EL,Institute 7 [03yrm5c26] 2019-02-01..2022,Woman,EN; de;en,\
        genomics; rare diseases;genomics,2B,\"I study genes, and why.\",Panel member,6,,4\n";
    let found = parse_roster(text, &MODULES).unwrap();
    let owned = |words: &[&str]| -> Vec<String> { words.iter().map(|w| (*w).to_owned()).collect() };
    let expected = RosterLine {
        line: 2,
        person: Person {
            name: "Zoë Müller".to_owned(),
            email: "zoe@uni-nord.example".to_owned(),
            orcid: Some("0000-0002-1825-0097".to_owned()),
        },
        organisation: Organisation {
            name: "Universität Nord".to_owned(),
            ror: Some("03yrm5c26".to_owned()),
            department: "Oncology".to_owned(),
        },
        country: "GR".parse().ok(),
        affiliations: vec![Affiliation {
            organisation: "Institute 7".to_owned(),
            ror: Some("03yrm5c26".to_owned()),
            from: "2019-02-01".parse().ok(),
            to: "2022-12-31".parse().ok(),
            ..Affiliation::default()
        }],
        gender: Some(Gender::Woman),
        languages: owned(&["en", "de"]),
        keywords: owned(&["genomics", "rare diseases"]),
        modules: owned(&["2B"]),
        statement: "I study genes, and why.".to_owned(),
        role: ExpertRole::PanelMember,
        max_load: 6,
        stage_loads: BTreeMap::from([("2".to_owned(), 4)]),
    };
    assert_eq!(found, [expected]);
}

#[test]
fn what_is_usual_need_not_be_given() {
    let text = "email,name,organisation,keywords,max_load\na@b.example,A,B,c,0\n";
    let found = parse_roster(text, &[]).unwrap();
    assert_eq!(found[0].role, ExpertRole::RemoteReviewer);
    assert_eq!((found[0].country, found[0].gender), (None, None));
}

#[test]
fn every_fault_is_told_with_its_line() {
    let text = "email,name,organisation,keywords,max_load,country,gender,languages,modules,role,ror,orcid\n\
        a@b.example,A,B,c,3,DE,,,1A,,,\n\
        A@B.example,,,;,101,Germany,lady,english,9Z,boss,nowhere,0000-0002-1825-0098\n\
        not an address,D,E,f,many,,,,,,,\n\
        short,line\n";
    let faults = parse_roster(text, &MODULES).unwrap_err();
    let mut told: Vec<(&str, &str)> = faults
        .0
        .iter()
        .map(|f| (f.pointer.as_str(), f.code.as_str()))
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("/lines/3/country", "country"),
            ("/lines/3/email", "expert_twice"),
            ("/lines/3/gender", "value_unknown"),
            ("/lines/3/keywords", "required"),
            ("/lines/3/languages", "language"),
            ("/lines/3/max_load", "max_load"),
            ("/lines/3/modules", "module_unknown"),
            ("/lines/3/name", "required"),
            ("/lines/3/orcid", "orcid"),
            ("/lines/3/organisation", "required"),
            ("/lines/3/role", "value_unknown"),
            ("/lines/3/ror", "ror"),
            ("/lines/4/email", "email"),
            ("/lines/4/max_load", "max_load"),
            ("/lines/5", "cells"),
        ]
    );
}

#[test]
fn a_stage_may_have_a_load_of_its_own() {
    let read = |cells: &str| {
        let text = format!(
            "email,name,organisation,keywords,max_load,max_load_stage_2,max_load_stage_1\na@b.example,A,B,c,5,{cells}\n"
        );
        parse_roster(&text, &[])
    };
    let found = read("1,").unwrap().remove(0);
    assert_eq!(found.max_load, 5);
    assert_eq!(found.stage_loads, BTreeMap::from([("2".to_owned(), 1)]));
    assert_eq!(read(" , ").unwrap()[0].stage_loads, BTreeMap::new());
    let faults = read("101,few").unwrap_err();
    let told: Vec<&str> = faults.0.iter().map(|one| one.pointer.as_str()).collect();
    assert_eq!(
        told,
        ["/lines/2/max_load_stage_1", "/lines/2/max_load_stage_2"]
    );
}

/// What a cell with places makes of them, or the faults.
fn places(cell: &str) -> Result<Vec<Affiliation>, Vec<String>> {
    let text = format!(
        "email,name,organisation,keywords,max_load,affiliations\na@b.example,A,B,c,0,\"{cell}\"\n"
    );
    match parse_roster(&text, &[]) {
        Ok(mut found) => Ok(found.remove(0).affiliations),
        Err(faults) => Err(faults
            .0
            .iter()
            .map(|one| format!("{} {}", one.pointer, one.code))
            .collect()),
    }
}

/// A place as the column writes it.
fn written(one: &Affiliation) -> String {
    let mut text = one.organisation.clone();
    if let Some(ror) = &one.ror {
        text += &format!(" [{ror}]");
    }
    let day = |day: Option<chrono::NaiveDate>| day.map_or(String::new(), |day| day.to_string());
    match (one.from, one.to) {
        (None, None) => text,
        (from, to) => format!("{text} {}..{}", day(from), day(to)),
    }
}

#[rstest]
#[case("", &[])]
#[case("CNRS", &["CNRS"])]
#[case("CNRS 2019..;", &["CNRS 2019-01-01.."])]
#[case("Paris 7 ..2019 ; CNRS[03yrm5c26] 2020..2021", &["Paris 7 ..2019-12-31", "CNRS [03yrm5c26] 2020-01-01..2021-12-31"])]
fn places_of_work(#[case] cell: &str, #[case] expected: &[&str]) {
    let found: Vec<String> = places(cell).unwrap().iter().map(written).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_fault_of_the_places_is_told() {
    let cell = "2019..2020; CNRS 2019-2020; Far [nowhere] 2020..2019; Off [03yrm5c26 2019..; Near May..2020-02-30";
    let at = |text: &str| format!("/lines/2/affiliations/{text}");
    let mut told = places(cell).unwrap_err();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            at("0/organisation required"),
            at("1 affiliation"),
            at("2/ror ror"),
            at("2/to before_it_began"),
            at("3 affiliation"),
            at("4/from date"),
            at("4/to date"),
        ]
    );
}

#[rstest]
#[case("", "column_missing")]
#[case("email,name,organisation,keywords,max_load\n", "empty")]
#[case("email,name,organisation,keywords,max_load,shoe\n", "column_unknown")]
fn tables_without_experts(#[case] text: &str, #[case] code: &str) {
    let faults = parse_roster(text, &[]).unwrap_err();
    assert!(
        faults.0.iter().all(|fault| fault.code == code),
        "{faults:?}"
    );
}

#[rstest]
#[case("a@b.example", true)]
#[case("a.b+c@d-e.example", true)]
#[case("a@b", false)]
#[case("@b.example", false)]
#[case("a@b@c.example", false)]
#[case("a@b..example", false)]
#[case("A <a@b.example>", false)]
#[case("a@b.example\r\nBcc: c@d.example", false)]
fn addresses(#[case] text: &str, #[case] good: bool) {
    assert_eq!(is_address(text), good);
}

proptest! {
    #[test]
    fn no_table_breaks_it_and_a_fault_has_a_place(text in "(email|name|,|\n|\"|@|;|max_load|\\PC){0,40}") {
        if let Err(faults) = parse_roster(&text, &MODULES) {
            prop_assert!(!faults.is_empty());
            prop_assert!(faults.0.iter().all(|fault| fault.pointer.starts_with("/lines")));
        }
    }

    #[test]
    fn places_come_back_as_they_are_written(
        all in proptest::collection::vec(("[A-Z][a-zé]{1,8}( [A-Z]?[a-z]{2,5})?", any::<bool>(), proptest::option::of(0i64..20_000), proptest::option::of(0i64..20_000)), 0..5)
    ) {
        let day = |days: i64| chrono::NaiveDate::default() + chrono::TimeDelta::days(days);
        let all: Vec<Affiliation> = all
            .into_iter()
            .map(|(organisation, ror, from, to)| Affiliation {
                organisation,
                ror: ror.then(|| "03yrm5c26".to_owned()),
                from: from.map(day),
                // It ends after it begins.
                to: to.map(|to| day(to + from.unwrap_or_default())),
                ..Affiliation::default()
            })
            .collect();
        let cell: Vec<String> = all.iter().map(written).collect();
        prop_assert_eq!(places(&cell.join("; ")), Ok(all));
    }

    #[test]
    fn as_many_experts_as_lines(names in proptest::collection::vec("[a-zé ,\"]{1,8}x", 1..6)) {
        let mut text = "email,name,organisation,keywords,max_load\n".to_owned();
        for (at, name) in names.iter().enumerate() {
            text.push_str(&format!("{at}@b.example,\"{}\",B,c,1\n", name.replace('"', "\"\"")));
        }
        let found = parse_roster(&text, &[]).unwrap();
        let read: Vec<&str> = found.iter().map(|one| one.person.name.as_str()).collect();
        let expected: Vec<&str> = names.iter().map(|name| name.trim()).collect();
        prop_assert_eq!(read, expected);
    }
}
