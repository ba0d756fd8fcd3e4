//! Other and former places of work, as one cell of the table has them.

use call::table::Line;
use chrono::NaiveDate;
use kernel::Faults;

use crate::{Affiliation, check_affiliations};

const COLUMN: &str = "affiliations";

/// The places of a line: `institution [ROR] first..last`, with a semicolon between two. Days and ROR id may be left
/// out; a year alone stands for its first day where the work begins and for its last where it ends, and without a last
/// day it goes on.
pub(super) fn places(line: &Line, faults: &mut Faults) -> Vec<Affiliation> {
    let at = line.pointer(COLUMN);
    let entries = line.cell(COLUMN).split(';').map(str::trim);
    let entries = entries.filter(|entry| !entry.is_empty()).enumerate();
    let found: Vec<Affiliation> = entries
        .map(|(index, entry)| place(entry, &format!("{at}/{index}"), faults))
        .collect();
    check_affiliations(&at, &found, faults);
    found
}

fn place(entry: &str, at: &str, faults: &mut Faults) -> Affiliation {
    let days = entry.split_whitespace().next_back();
    let days = days.filter(|last| last.contains(".."));
    let rest = days.and_then(|days| entry.strip_suffix(days));
    let rest = rest.unwrap_or(entry).trim_end();
    let ror = rest
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once('['));
    let (name, ror) = match ror {
        Some((name, ror)) => (name.trim_end(), Some(ror.trim().to_owned())),
        None => (rest, None),
    };
    faults.require(
        !name.contains(['[', ']']) && !ends_in_days(name),
        at,
        "affiliation",
        format!(
            "'{entry}' is not understood; write it as University of Example [03yrm5c26] 2019-01-01..2022-12-31"
        ),
    );
    let (first, last) = days
        .and_then(|days| days.split_once(".."))
        .unwrap_or_default();
    Affiliation {
        organisation: name.to_owned(),
        ror,
        from: day(first, "01-01", &format!("{at}/from"), faults),
        to: day(last, "12-31", &format!("{at}/to"), faults),
        ..Affiliation::default()
    }
}

/// Whether the last word is made of days, which nobody's name is: they are written in another way than they should be.
fn ends_in_days(name: &str) -> bool {
    let last = name.split_whitespace().next_back().unwrap_or_default();
    let digits = last.chars().filter(char::is_ascii_digit).count();
    let mut others = last.chars().filter(|one| !one.is_ascii_digit());
    digits >= 4 && others.all(|one| "-–—./".contains(one))
}

/// A day, or the one that a year stands for; none where nothing is said.
fn day(text: &str, of_year: &str, at: &str, faults: &mut Faults) -> Option<NaiveDate> {
    if text.is_empty() {
        return None;
    }
    let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = match is_year {
        true => format!("{text}-{of_year}"),
        false => text.to_owned(),
    };
    let day = NaiveDate::parse_from_str(&whole, "%Y-%m-%d").ok();
    faults.require(
        day.is_some(),
        at,
        "date",
        format!("'{text}' is no day; write it as 2019-01-31, or the year alone"),
    );
    day
}
