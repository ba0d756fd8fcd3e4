//! The answer in sentences, for the meeting of the steering committee. They name the funders that
//! block, so they are not for applicants.

use std::borrow::Borrow;
use std::cmp::Ordering;

use call::{EuBase, EuShare};
use kernel::{Amount, Currency};

use crate::walk::Tie;
use crate::{FunderResult, NotFunded, Outlook, Point, Reason, Selection, WhatIf};

/// Why a proposal is not funded, and what would change it.
pub fn proposal(one: &NotFunded, currency: Currency) -> String {
    let why = match one.reason {
        Reason::NotRecommended => "is not funded: it is not recommended for funding",
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
            "would be needed at least, and may not be enough: the selection run again with it does not fund it (an equal or a better one takes the money first, or the others' parts of the EU's money shrink), or was not run again"
        };
        let at = joined(&more.at);
        text += &format!(
            " {} {currency} more national money, at {at}, {outcome}.",
            more.amount
        );
    }
    text
}

/// What a funder pays, receives and keeps.
pub fn funder(one: &FunderResult, currency: Currency) -> String {
    let mut text = format!("{} pays {} {currency}", one.funder, one.national);
    if one.eu != Amount::ZERO {
        text += &format!(" and has {} {currency} of the EU's", one.eu);
    }
    let size = Amount(one.transfer.0.saturating_abs());
    match one.transfer.cmp(&Amount::ZERO) {
        Ordering::Greater => {
            text += &format!(", of which {size} {currency} come from other funders")
        }
        Ordering::Less => {
            text += &format!(", and passes on {size} {currency} of its reimbursement")
        }
        Ordering::Equal => {}
    }
    format!("{text}; {} {currency} are left.", one.left)
}

/// The whole selection: the funded list, the EU's money, the choices left open, each funder, each unfunded
/// proposal, what would change the whole.
pub fn selection(selection: &Selection, currency: Currency) -> Vec<String> {
    let mut lines = vec![match selection.selected.len() {
        0 => "No proposal is funded.".to_owned(),
        1 => format!("1 proposal is funded: {}.", selection.selected[0]),
        n => format!("{n} proposals are funded: {}.", joined(&selection.selected)),
    }];
    if !selection.topics.is_empty() {
        for one in &selection.topics {
            let told = self::selection(&one.result, currency).into_iter();
            lines.extend(told.map(|line| format!("Topic {}: {line}", one.topic)));
        }
        lines.extend(more_equally_good(selection));
        lines.extend(selection.funders.iter().map(|one| funder(one, currency)));
        return lines;
    }
    lines.extend(eu(selection, currency));
    for tie in &selection.ties {
        let ways = tie.choices.len();
        let more = if tie.more { "at least " } else { "" };
        let size = tie.choices.first().map_or(0, Vec::len);
        lines.push(format!(
            "Of the proposals with {} points {size} can be paid, in {more}{ways} ways; the committee decides which.",
            tie.score
        ));
        if tie.bound as usize > size {
            lines.push(format!(
                "That more cannot be paid is not proven: the search was ended, and {} are the most there could be.",
                tie.bound
            ));
        }
    }
    lines.extend(more_equally_good(selection));
    // The search of a group below may have been ended, and then the choices above say nothing of it.
    let told = |tie: &Tie| tie.bound as usize > tie.choices.first().map_or(0, Vec::len);
    if !selection.is_proven() && !selection.ties.iter().any(told) {
        lines.push(format!(
            "That no more than {} can be paid is not proven: the search was ended, and {} are the most there could be.",
            selection.selected.len(),
            selection.bound
        ));
    }
    lines.extend(selection.funders.iter().map(|one| funder(one, currency)));
    lines.extend(
        selection
            .not_funded
            .iter()
            .map(|one| proposal(one, currency)),
    );
    lines.extend(outlook(&crate::outlook(selection), currency));
    lines
}

/// That not all equally good selections are listed.
fn more_equally_good(selection: &Selection) -> Option<String> {
    selection.more_equally_good.then(|| {
        format!(
            "There may be more equally good selections than the {} that are listed.",
            selection.equally_good.len()
        )
    })
}

/// By which convention the EU's money was shared, and what it pays.
fn eu(selection: &Selection, currency: Currency) -> Option<String> {
    let convention = selection.convention?;
    let base = match convention.base {
        EuBase::Planned => "what the EU plans to pay",
        EuBase::Earned => "what the projects earn",
    };
    let share = match convention.share {
        EuShare::ByCommitment => "commitments",
        EuShare::ByRequest => "what their applicants get",
    };
    Some(format!(
        "The EU pays {} {currency}. A part of {} of {base} fills gaps, of which the funders need {} {currency}; the rest is shared in proportion to the funders' {share}.",
        selection.eu_contribution,
        selection.gap_share.unwrap_or_default(),
        selection.gap_need
    ))
}

/// What one more project costs, and which funder is the bottleneck.
pub fn outlook(outlook: &Outlook, currency: Currency) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(next) = &outlook.one_more {
        let more = &next.additional;
        let but = if more.confirmed {
            ""
        } else {
            ", which may not be enough: the selection run again with that money does not fund it, or was not run again"
        };
        lines.push(format!(
            "One more project costs {} {currency} of additional national money, at {}: {}{but}.",
            more.amount,
            joined(&more.at),
            next.code
        ));
    }
    if let Some(one) = &outlook.bottleneck {
        lines.push(format!(
            "The bottleneck is {}: it lacks money for {} of the proposals that are not funded, for {} of them alone.",
            one.funder, one.blocks, one.alone
        ));
    }
    lines
}

/// What the gaps of a list cost, where they cost anything.
pub fn eu_lost(lost: Amount, currency: Currency) -> Option<String> {
    (lost > Amount::ZERO).then(|| {
        format!(
            "Of what the EU pays {lost} {currency} would be lost: a proposal of the list is left out, and EU money is earned only above the gap."
        )
    })
}

/// What the ranking rule costs. It says first that this is no selection.
pub fn what_if(what_if: &WhatIf, currency: Currency) -> String {
    let bound = if what_if.proven {
        "and no more can".to_owned()
    } else {
        format!(
            "and {} at most could: more was not proven in time",
            what_if.bound
        )
    };
    let mut text = format!(
        "Only what if, and never a selection: without the ranking rule {} projects could be paid ({} more), {bound}.",
        what_if.would_fund.len(),
        what_if.more_projects
    );
    if what_if.eu_lost_to_gaps > Amount::ZERO {
        text += &format!(
            " Of the {} {currency} that the EU would pay for them {} {currency} would be lost, since EU money is earned only above the first gap.",
            what_if.eu_contribution, what_if.eu_lost_to_gaps
        );
    }
    text
}

/// What a point of a grid changes.
pub fn point(point: &Point) -> String {
    let who = point.raise.funder.as_deref().unwrap_or("everybody");
    let share = point.gap_share.map_or(String::new(), |share| {
        format!("a gap share of {share} and ")
    });
    let mut text = format!(
        "With {share}{} more of {who}: {} projects",
        point.raise.by, point.projects
    );
    for (word, codes) in [("gained", &point.gained), ("lost", &point.lost)] {
        if !codes.is_empty() {
            text += &format!("; {word}: {}", joined(codes));
        }
    }
    text + "."
}

/// The money of all funders as a table, one line each below a heading.
pub fn table(selection: &Selection) -> Vec<String> {
    let heading = ["Funder", "requested", "EU", "national", "transfer", "left"].map(str::to_owned);
    let row = |one: &FunderResult| {
        let money = [one.requested, one.eu, one.national, one.transfer, one.left];
        let [a, b, c, d, e] = money.map(|amount| amount.to_string());
        [one.funder.clone(), a, b, c, d, e]
    };
    let rows: Vec<[String; 6]> = std::iter::once(heading)
        .chain(selection.funders.iter().map(row))
        .collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    rows.iter()
        .map(|row| {
            let first = format!("{:<width$}", row[0], width = width(0));
            let rest = (1..row.len())
                .map(|column| format!("  {:>width$}", row[column], width = width(column)));
            first + &rest.collect::<String>()
        })
        .collect()
}

pub(crate) fn joined(words: &[impl Borrow<str>]) -> String {
    match words {
        [] => String::new(),
        [one] => one.borrow().to_owned(),
        [some @ .., last] => format!("{} and {}", some.join(", "), last.borrow()),
    }
}
