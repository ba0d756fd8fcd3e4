//! What those invited have to meet: that their ineligible partners go, and what the committee adds.

use chrono::{DateTime, Utc};
use intake::{Demand, Partner, PartnerVerdict};
use kernel::Faults;
use store::call::StageRow;
use store::intake::{ConditionRow, JudgedPartner};
use store::outcome::Standing;

use super::InvitedInput;
use crate::Problem;

/// What is wrong with the conditions given for one invited.
pub(super) fn check(
    given: &InvitedInput,
    partners: &[Partner],
    funders: &[&str],
    now: DateTime<Utc>,
    next: &StageRow,
) -> Faults {
    let mut faults = Faults::default();
    for (at, one) in given.conditions.iter().enumerate() {
        let pointer = format!("/conditions/{at}");
        for fault in one.demand.check(partners, funders).0 {
            let place = format!("{pointer}/demand{}", fault.pointer);
            faults.add(place, &fault.code, fault.detail);
        }
        faults.require(
            one.until > now,
            format!("{pointer}/until"),
            "in_the_past",
            "that instant has passed; give one in the future",
        );
        faults.require(
            one.until <= next.deadline_at,
            format!("{pointer}/until"),
            "deadline_order",
            format!(
                "full proposals are due before, {}; choose an earlier instant",
                next.label
            ),
        );
    }
    faults
}

/// The conditions of one invited: first those that its verdicts make, until the deadline of full proposals.
pub(super) fn of(
    given: &InvitedInput,
    standing: &Standing,
    partners: &[Partner],
    judged: &[JudgedPartner],
    next: &StageRow,
) -> Result<Vec<ConditionRow>, Problem> {
    let mut demands = Vec::new();
    let own = |row: &&JudgedPartner| row.proposal_stage_id == standing.proposal_stage;
    for row in judged.iter().filter(own) {
        if row.verdict()? == PartnerVerdict::Ineligible {
            let partner = row.partner_id;
            demands.push((Demand::ReplacePartner { partner }, next.deadline_at));
        }
    }
    let more = given.conditions.iter();
    let more = more.map(|one| (one.demand.clone(), one.until));
    for (demand, until) in more {
        // What the verdicts ask for anyway may be asked for earlier.
        match demands.iter_mut().find(|(known, _)| *known == demand) {
            Some(known) => known.1 = until,
            None => demands.push((demand, until)),
        }
    }
    let mut rows = Vec::new();
    for ((demand, until), number) in demands.into_iter().zip(1..) {
        rows.push(ConditionRow {
            id: kernel::id::new(),
            call_id: next.call_id,
            proposal_stage_id: standing.proposal_stage,
            number,
            text: demand.text(partners),
            demand: store::text::json(&demand)?,
            until,
            met_because: None,
            met_by: None,
            met_at: None,
        });
    }
    Ok(rows)
}

/// All conditions of one invited as its letter says them; a date where it comes before the deadline.
pub(super) fn words(rows: &[ConditionRow], next: &StageRow) -> Result<Option<String>, Problem> {
    let zone = next.deadline()?.zone;
    let parts: Vec<String> = rows
        .iter()
        .map(|row| match row.until < next.deadline_at {
            true => {
                let until = row.until.with_timezone(&zone).format("%-d %B %Y, %H:%M %Z");
                format!("{} (until {until})", row.text)
            }
            false => row.text.clone(),
        })
        .collect();
    Ok((!parts.is_empty()).then(|| parts.join("; ")))
}
