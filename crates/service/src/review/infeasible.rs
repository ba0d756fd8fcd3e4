//! Why there is no assignment, and what would mend it.

use std::collections::BTreeSet;

use ::review::assign::Infeasible;
use kernel::{Code, Fault};
use store::view::review::Sight;
use uuid::Uuid;

use super::desk::Table;
use crate::Problem;

/// Why there is no assignment, one entry for each reason: the sets that are short, the smallest changes that would mend
/// it, and for each proposal in need who is kept from it, and by what.
pub(super) fn problem(why: &Infeasible, table: &Table, sight: &Sight) -> Problem {
    let names = table.names(sight);
    let named = |id: Uuid| names.get(&id).cloned().unwrap_or_else(|| id.to_string());
    let mut errors: Vec<Fault> = why
        .sentences(named)
        .into_iter()
        .map(|sentence| Fault::new("", "infeasible", sentence))
        .collect();
    let mut short = why.short_proposals();
    short.extend(why.changes.iter().filter_map(|change| change.proposal));
    let short = short.into_iter().filter(|proposal| sight.open(*proposal));
    errors.extend(
        short
            .take(MOST_TOLD)
            .map(|proposal| Fault::new("", "kept_away", kept_away(table, proposal, &named))),
    );
    Problem {
        errors,
        ..Problem::new(
            Code::StateConflict,
            "There is no assignment: some proposals cannot get their reviewers, or some experts or groups of them their \
             least number. Each entry of errors names who is short of whom, what would mend it, or who is kept from a \
             proposal. Invite more experts, raise their loads, ask for fewer reviewers, a lower least number or a looser \
             balance, or judge the possible conflicts that wait.",
        )
    }
}

/// There is an assignment, but none that keeps the balances was found, and why was not found out either.
pub(super) fn unbalanced() -> Problem {
    Problem {
        errors: vec![Fault::new(
            "/balance",
            "infeasible",
            "no assignment was found that keeps all balances, and the search for the reason was given up; ask for less, or \
             forbid less",
        )],
        ..Problem::new(
            Code::StateConflict,
            "There is an assignment, but none was found that keeps the balances as well.",
        )
    }
}

/// At most so many proposals are told of one by one, and so many experts of each.
const MOST_TOLD: usize = 20;

/// Who may not review a proposal, and why.
fn kept_away(table: &Table, proposal: Uuid, named: &impl Fn(Uuid) -> String) -> String {
    let standing: BTreeSet<Uuid> = table
        .conflicts
        .iter()
        .filter(|row| row.standing && row.proposal_id == proposal)
        .map(|row| row.expert_id)
        .collect();
    let mut kinds: [(&str, Vec<Uuid>); 4] = [
        ("a conflict of interest", Vec::new()),
        ("a possible conflict that waits for a verdict", Vec::new()),
        ("having had it before", Vec::new()),
        ("having as many proposals as agreed on", Vec::new()),
    ];
    for row in &table.experts {
        let pair = (proposal, row.id);
        let load = table.held.iter().filter(|held| held.1 == row.id).count();
        let kind = if table.held.contains(&pair) {
            continue;
        } else if standing.contains(&row.id) {
            0
        } else if table.against.contains(&pair) {
            1
        } else if table.had.contains(&pair) {
            2
        } else if load >= usize::from(table.load(row.id)) {
            3
        } else {
            continue;
        };
        kinds[kind].1.push(row.id);
    }
    let mut parts = Vec::new();
    for (why, who) in kinds.iter().filter(|(_, who)| !who.is_empty()) {
        let shown: Vec<String> = who.iter().take(MOST_TOLD).map(|id| named(*id)).collect();
        let more = match who.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        parts.push(format!("{}{more} by {why}", shown.join(", ")));
    }
    let number = named(proposal);
    if parts.is_empty() {
        format!(
            "{number}: nobody of {} experts is kept away; there are too few.",
            table.experts.len()
        )
    } else {
        format!("{number}: kept away are {}.", parts.join("; "))
    }
}
