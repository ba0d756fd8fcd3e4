use super::*;

#[test]
fn reads_the_short_form_and_refuses_what_it_does_not_know() {
    let json = r#"{"currency":"EUR","ranking_rule":"with_gaps",
        "funders":[{"code":"AA","commitment":"2680000.00"}],
        "proposals":[{"code":"P01","score":"14.5","requests":{"AA":"400000.00"}}]}"#;
    let input: SelectionInput = serde_json::from_str(json).unwrap();
    assert_eq!(input.check(), Faults::default());
    assert_eq!(input.proposals[0].rating, Rating::Recommended);
    let twice = json.replace("\"AA\":\"400000.00\"", "\"AA\":\"1\",\"AA\":\"2\"");
    for bad in [
        json.replace("\"code\":\"P01\"", "\"code\":\"P01\",\"colour\":1"),
        twice,
    ] {
        assert!(
            serde_json::from_str::<SelectionInput>(&bad).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn names_every_fault() {
    let funder = |code: &str, cents| FunderInput {
        code: code.into(),
        commitment: Amount(cents),
        eu_eligible: true,
        topics: Default::default(),
    };
    let proposal = |code: &str, requests: &[(&str, i64)]| ProposalInput {
        code: code.into(),
        score: Score(1000),
        topic: None,
        rating: Rating::Recommended,
        withdrawn: false,
        requests: requests
            .iter()
            .map(|(f, cents)| ((*f).into(), Amount(*cents)))
            .collect(),
    };
    let input = SelectionInput {
        currency: Currency::EUR,
        ranking_rule: RankingRule::Binding,
        eu: None,
        convention: None,
        gap_share: None,
        cap: None,
        kept: Vec::new(),
        no_more: Default::default(),
        chosen: Vec::new(),
        funders: vec![funder("AA", -1), funder("BB", i64::MAX), funder("AA", 5)],
        proposals: vec![
            proposal("P1", &[("A/C", 5), ("BB", 1)]),
            proposal("P1", &[("AA", -5)]),
        ],
    };
    let places: Vec<String> = input.check().0.into_iter().map(|f| f.pointer).collect();
    assert_eq!(
        places,
        [
            "/funders/0/commitment",
            "/funders/2/code",
            "/proposals/0/requests/A~1C",
            "/proposals/1/code",
            "/proposals/1/requests/AA",
            "",
        ]
    );
}
