use super::*;

fn keys(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

fn votes(all: &[(&str, Vote)]) -> Vec<MemberVote> {
    all.iter()
        .map(|(member, vote)| MemberVote {
            member: (*member).to_owned(),
            vote: *vote,
        })
        .collect()
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2031, 7, day).unwrap()
}

fn adoption() -> Adoption {
    Adoption {
        procedure: Procedure::Meeting,
        attendance: keys(&["AA", "BB", "CC"]),
        votes: votes(&[("AA", Vote::For), ("BB", Vote::For), ("CC", Vote::Abstain)]),
        opened_on: None,
        closed_on: None,
        minutes: "Minutes of 3 July".into(),
        tie_reason: String::new(),
    }
}

fn codes(adoption: &Adoption, ties: bool) -> Vec<String> {
    let faults = adoption.check(Measure {
        rules: &DecisionRules::default(),
        members: &keys(&["AA", "BB", "CC", "DD"]),
        ties,
        today: day(20),
        proposed: day(1),
    });
    faults
        .0
        .iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.code))
        .collect()
}

#[test]
fn a_vote_carries_or_says_why_not() {
    assert_eq!(codes(&adoption(), false), Vec::<String>::new());
    assert_eq!(codes(&adoption(), true), ["/tie_reason tie_undecided"]);
    let broken = Adoption {
        attendance: keys(&["AA", "AA", "ZZ"]),
        votes: votes(&[("AA", Vote::For), ("AA", Vote::Against), ("BB", Vote::For)]),
        minutes: " ".into(),
        ..adoption()
    };
    assert_eq!(
        codes(&broken, false),
        [
            "/attendance/1 twice",
            "/attendance/2 not_a_member",
            "/attendance no_quorum",
            "/votes/1/member twice",
            "/votes/2/member not_present",
            "/votes vote_missing",
            "/minutes minutes_missing",
        ]
    );
    let lost = Adoption {
        votes: votes(&[
            ("AA", Vote::For),
            ("BB", Vote::Against),
            ("CC", Vote::Abstain),
        ]),
        ..adoption()
    };
    assert_eq!(codes(&lost, false), ["/votes not_carried"]);
}

#[test]
fn a_written_procedure_lasts_its_days_unless_all_have_answered() {
    let written = Adoption {
        procedure: Procedure::Written,
        ..adoption()
    };
    assert_eq!(
        codes(&written, false),
        ["/opened_on required", "/closed_on required"]
    );
    let dated = |opened, closed| Adoption {
        opened_on: Some(day(opened)),
        closed_on: Some(day(closed)),
        ..written.clone()
    };
    assert_eq!(codes(&dated(1, 11), false), Vec::<String>::new());
    assert_eq!(codes(&dated(2, 11), false), ["/closed_on too_short"]);
    assert_eq!(codes(&dated(2, 21), false), ["/closed_on not_yet"]);
    let early = Adoption {
        opened_on: day(1).pred_opt(),
        ..dated(1, 11)
    };
    assert_eq!(codes(&early, false), ["/opened_on before_proposed"]);
    let mut all = dated(2, 11);
    all.attendance.push("DD".into());
    all.votes.extend(votes(&[("DD", Vote::For)]));
    assert_eq!(codes(&all, false), Vec::<String>::new());
    all.closed_on = Some(day(1));
    assert_eq!(codes(&all, false), ["/closed_on too_short"]);
}
