use std::collections::{BTreeMap, BTreeSet};

use kernel::{Amount, MoneyFault};
use serde::{Deserialize, Serialize};

use super::{Basis, CoveredCall, add, divided};

/// What a member did for an agenda in a year: what it reports annually.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MemberReport {
    /// The member's key.
    pub member: String,
    /// The year of the calls.
    pub year: i32,
    /// The calls it joined.
    pub calls: Vec<String>,
    /// What it committed to them.
    pub committed: Amount,
    /// What it pays their projects, for each basis.
    pub awarded: BTreeMap<Basis, Amount>,
    /// The projects it pays, as `call/project`.
    pub projects: Vec<String>,
    /// Its part in each item; the sums are those above, to the cent.
    pub items: Vec<MemberItem>,
}

/// A member's part in one item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MemberItem {
    /// The item's number; nothing for what is not mapped.
    pub item: Option<String>,
    /// Its part of the member's commitments.
    pub committed: Amount,
    /// Its part of the member's awards, for each basis.
    pub awarded: BTreeMap<Basis, Amount>,
}

/// The report of one member on the calls of one year.
///
/// # Errors
///
/// [`MoneyFault::TooLarge`] where a sum exceeds 64 bits.
pub fn member_report(
    member: &str,
    year: i32,
    calls: &[CoveredCall],
) -> Result<MemberReport, MoneyFault> {
    let mut report = MemberReport {
        member: member.to_owned(),
        year,
        calls: Vec::new(),
        committed: Amount::ZERO,
        awarded: BTreeMap::new(),
        projects: Vec::new(),
        items: Vec::new(),
    };
    let mut places: BTreeMap<Option<String>, usize> = BTreeMap::new();
    let mut joined = BTreeSet::new();
    for call in calls.iter().filter(|call| call.year == year) {
        for sum in call.commitments.iter().filter(|sum| sum.funder == member) {
            if joined.insert(&call.code) {
                report.calls.push(call.code.clone());
            }
            add(&mut report.committed, sum.amount)?;
            for (item, part) in divided(sum.amount, &call.items) {
                let line = line(&mut report.items, &mut places, item);
                add(&mut line.committed, part)?;
            }
        }
        for project in &call.projects {
            let mut pays = false;
            for sum in project.awards.iter().filter(|sum| sum.funder == member) {
                pays = true;
                add(report.awarded.entry(project.basis).or_default(), sum.amount)?;
                for (item, part) in divided(sum.amount, &project.items) {
                    let line = line(&mut report.items, &mut places, item);
                    add(line.awarded.entry(project.basis).or_default(), part)?;
                }
            }
            if pays {
                report
                    .projects
                    .push(format!("{}/{}", call.code, project.code));
            }
        }
    }
    Ok(report)
}

/// The line of an item, made when it is the first of its kind.
fn line<'a>(
    lines: &'a mut Vec<MemberItem>,
    places: &mut BTreeMap<Option<String>, usize>,
    item: Option<&str>,
) -> &'a mut MemberItem {
    let item = item.map(str::to_owned);
    let place = *places.entry(item.clone()).or_insert_with(|| {
        lines.push(MemberItem {
            item,
            ..MemberItem::default()
        });
        lines.len() - 1
    });
    &mut lines[place]
}
