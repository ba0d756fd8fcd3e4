//! Looks over a round and answers what is wrong, by the times the server gives and by the clock of whoever sent.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::round::{Decided, Round};

/// Two clocks were read one after the other.
const APART: Duration = Duration::from_millis(10);

/// When the server says a submission arrived.
fn arrived(one: &Decided) -> Option<DateTime<Utc>> {
    if one.reply.status == 200 {
        let receipt = &one.reply.json["receipt"]["receipt"];
        return receipt["submitted_at"].as_str()?.parse().ok();
    }
    let detail = one.reply.json["detail"].as_str()?;
    let (_, rest) = detail.split_once("complete at ")?;
    rest.split(',').next()?.parse().ok()
}

/// How many arrived within so many milliseconds of the deadline that counted in the end.
pub fn near(round: &Round, milliseconds: i64) -> usize {
    let close =
        |at: DateTime<Utc>| (at - round.last().0).abs() <= TimeDelta::milliseconds(milliseconds);
    let times = round.decided.iter().filter_map(arrived);
    times.filter(|at| close(*at)).count()
}

/// What is wrong.
pub fn findings(round: &Round) -> Vec<String> {
    let mut findings: Vec<String> = round
        .decided
        .iter()
        .filter_map(|one| wrong(round, one))
        .collect();
    let accepted = round.accepted();
    let all = round.decided.len();
    if round.closed != [accepted, all - accepted, all] {
        findings.push(format!(
            "closed otherwise than answered: {:?} of {accepted} accepted and {all} in all",
            round.closed
        ));
    }
    findings
}

fn wrong(round: &Round, one: &Decided) -> Option<String> {
    let (first, last) = (round.first, round.last());
    let status = (one.reply.status, one.reply.code());
    let Some(at) = arrived(one) else {
        return Some(format!("undecided: {status:?} {}", one.reply.json));
    };
    match status {
        (200, _) if at >= last.0 => Some(format!("accepted late: {at} of {}", last.0)),
        (200, _) if one.sent >= last.1 + APART => {
            Some(format!("accepted late: sent {:?} after", one.sent - last.1))
        }
        (200, _) => None,
        (409, "deadline_passed") if at < first.0 => {
            Some(format!("refused in time: {at} of {}", first.0))
        }
        (409, "deadline_passed") if one.answered + APART <= first.1 => Some(format!(
            "refused in time: answered {:?} before",
            first.1 - one.answered
        )),
        (409, "deadline_passed")
            if round.moved && one.sent > round.extended_at && one.answered < round.second.1 =>
        {
            Some(format!(
                "refused in time: the deadline had been moved, arrived {at}"
            ))
        }
        (409, "deadline_passed") => None,
        _ => Some(format!("undecided: {status:?} {}", one.reply.json)),
    }
}
