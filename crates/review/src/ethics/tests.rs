use super::*;
use rstest::rstest;
use strum::IntoEnumIterator;

fn rules(ethics: EthicsStep, questions: &[&str]) -> EvaluationRules {
    EvaluationRules {
        ethics,
        ethics_questions: questions.iter().map(|key| (*key).to_owned()).collect(),
        ..EvaluationRules::default()
    }
}

fn answers(given: &[(&str, bool)]) -> BTreeMap<String, bool> {
    given
        .iter()
        .map(|(key, answer)| ((*key).to_owned(), *answer))
        .collect()
}

fn assessment(raised: &[&str], unanswered: &[&str]) -> Need {
    let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    Need::Assessment {
        raised: owned(raised),
        unanswered: owned(unanswered),
    }
}

#[test]
fn only_what_was_ruled_out_needs_nothing() {
    let asked = ["humans", "animals"];
    let after = rules(EthicsStep::AfterPanel, &asked);
    let both_no = answers(&[
        ("humans", false),
        ("animals", false),
        ("clinical_trial", true),
    ]);
    assert_eq!(need(&after, &both_no), Need::NothingRaised {});
    let one_yes = answers(&[("humans", true), ("animals", false)]);
    assert_eq!(need(&after, &one_yes), assessment(&["humans"], &[]));
    assert_eq!(
        need(&after, &answers(&[("humans", false)])),
        assessment(&[], &["animals"])
    );
    assert_eq!(
        need(&rules(EthicsStep::AfterPanel, &[]), &both_no),
        assessment(&[], &[])
    );
    assert_eq!(
        need(&rules(EthicsStep::None, &[]), &one_yes),
        Need::NoStep {}
    );
}

fn case(need: Need, state: Option<EthicsState>) -> Case {
    Case {
        number: "P-001".to_owned(),
        need,
        state,
    }
}

#[rstest]
#[case(EthicsStep::None, Before::Grants, false)]
#[case(EthicsStep::WithReview, Before::Ranking, true)]
#[case(EthicsStep::WithReview, Before::Grants, true)]
#[case(EthicsStep::AfterPanel, Before::Ranking, false)]
#[case(EthicsStep::AfterPanel, Before::Results, true)]
#[case(EthicsStep::AfterSelection, Before::Results, false)]
#[case(EthicsStep::AfterSelection, Before::Grants, true)]
fn what_waits(#[case] step: EthicsStep, #[case] now: Before, #[case] waits: bool) {
    for state in [
        None,
        Some(EthicsState::Due),
        Some(EthicsState::UnderReview),
        Some(EthicsState::Asked),
    ] {
        let open = [
            case(assessment(&[], &[]), state),
            case(Need::NothingRaised {}, None),
        ];
        assert_eq!(
            check_done(step, now, &open).0.len(),
            usize::from(waits),
            "{state:?}"
        );
    }
}

#[test]
fn conditions_wait_until_the_grants_and_a_refusal_is_an_outcome() {
    let cases = |state| [case(assessment(&["humans"], &[]), Some(state))];
    let step = EthicsStep::AfterPanel;
    assert!(check_done(step, Before::Results, &cases(EthicsState::Conditional)).is_empty());
    let faults = check_done(step, Before::Grants, &cases(EthicsState::Conditional));
    assert_eq!(faults.0[0].code, "ethics_conditions_open");
    for state in [EthicsState::Clear, EthicsState::Refused] {
        assert!(check_done(step, Before::Grants, &cases(state)).is_empty());
    }
}

#[rstest]
#[case(EthicsOutcome::Clear, &[], "", &[])]
#[case(EthicsOutcome::Clear, &["Ask the board."], "", &["/conditions"])]
#[case(EthicsOutcome::Conditions, &["Ask the board."], "", &[])]
#[case(EthicsOutcome::Conditions, &["Ask the board.", " "], "", &["/conditions/1"])]
#[case(EthicsOutcome::Conditions, &[], "", &["/conditions"])]
#[case(EthicsOutcome::Refused, &[], "No consent is asked.", &[])]
#[case(EthicsOutcome::Refused, &["Stop."], " ", &["/conditions", "/comment"])]
fn outcomes(
    #[case] outcome: EthicsOutcome,
    #[case] conditions: &[&str],
    #[case] comment: &str,
    #[case] expected: &[&str],
) {
    let assessment = Assessment {
        outcome,
        conditions: conditions.iter().map(|one| (*one).to_owned()).collect(),
        comment: comment.to_owned(),
    };
    let pointers: Vec<String> = assessment
        .check()
        .0
        .into_iter()
        .map(|f| f.pointer)
        .collect();
    assert_eq!(pointers, expected);
}

#[test]
fn each_outcome_is_reached_from_the_experts_and_is_decided() {
    for outcome in EthicsOutcome::iter() {
        let state = ETHICS
            .apply(EthicsState::UnderReview, outcome.event())
            .unwrap();
        assert!(state.is_decided());
        assert_eq!(state.lets_fund(), outcome != EthicsOutcome::Refused);
        let again = ETHICS.apply(state, EthicsEvent::Revise);
        assert_eq!(again, Ok(EthicsState::UnderReview));
    }
    let met = ETHICS.apply(EthicsState::Conditional, EthicsEvent::Meet);
    assert_eq!(met, Ok(EthicsState::Clear));
    for state in EthicsState::iter().filter(|state| *state != EthicsState::UnderReview) {
        for outcome in EthicsOutcome::iter() {
            assert!(
                ETHICS.apply(state, outcome.event()).is_err(),
                "{state} {outcome}"
            );
        }
    }
}
