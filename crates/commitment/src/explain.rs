//! The answer in sentences, for the meeting of the steering committee. They name the funders that
//! block, so they are not for applicants.

use kernel::Currency;

use crate::{FunderResult, NotFunded, Reason, Selection};

/// Why a proposal is not funded, and what would change it.
pub fn proposal(one: &NotFunded, currency: Currency) -> String {
    let why = match one.reason {
        Reason::NotRecommended => "is not funded: the panel does not recommend it",
        Reason::Withdrawn => "is not funded: its coordinator withdrew it",
        Reason::Funder => "is not funded: too little was left for it when its turn came",
        Reason::Gap => {
            "is not funded: the gap-filling money does not reach for what its funders lack"
        }
        Reason::EuEarned => {
            "is not funded: the EU would have to pay more than the funded projects earn"
        }
        Reason::Cap => "is not funded: a funder would get more EU money than its cap allows",
        Reason::Tie => {
            "is not funded: it could be paid, but not together with the proposals of equal score that are"
        }
        Reason::BelowLine => {
            "is not funded: the ranking binds, and a better proposal is not funded"
        }
    };
    let mut text = format!("{} {why}.", one.code);
    if !one.blocked_by.is_empty() {
        let lacking: Vec<String> = one
            .blocked_by
            .iter()
            .map(|by| format!("{} lacks {} {currency}", by.funder, by.shortfall))
            .collect();
        text += &format!(" {}.", joined(&lacking));
    }
    if let Some(more) = &one.additional_national {
        let outcome = if more.confirmed {
            "would fund it"
        } else {
            "would be needed, but a proposal ranked no lower would take it first"
        };
        let at = joined(&more.at);
        text += &format!(
            " {} {currency} more national money, at {at}, {outcome}.",
            more.amount
        );
    }
    text
}

/// What a funder pays and keeps.
pub fn funder(one: &FunderResult, currency: Currency) -> String {
    format!(
        "{} pays {} {currency}; {} {currency} are left.",
        one.funder, one.national, one.left
    )
}

/// The whole selection: the funded list, the choices left open, each funder, each unfunded proposal.
pub fn selection(selection: &Selection, currency: Currency) -> Vec<String> {
    let mut lines = vec![match selection.selected.len() {
        0 => "No proposal is funded.".to_owned(),
        1 => format!("1 proposal is funded: {}.", selection.selected[0]),
        n => format!("{n} proposals are funded: {}.", joined(&selection.selected)),
    }];
    for tie in &selection.ties {
        let ways = tie.choices.len();
        let more = if tie.more { "at least " } else { "" };
        let size = tie.choices.first().map_or(0, Vec::len);
        lines.push(format!(
            "Of the proposals with {} points {size} can be paid, in {more}{ways} ways; the committee decides which.",
            tie.score
        ));
    }
    lines.extend(selection.funders.iter().map(|one| funder(one, currency)));
    lines.extend(
        selection
            .not_funded
            .iter()
            .map(|one| proposal(one, currency)),
    );
    lines
}

fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}
