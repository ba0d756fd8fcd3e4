//! What a change of a published call would break. Before a deadline the secretariat sees counts alone,
//! so that is all that is said here.

use call::{Rules, Terms};
use intake::{CheckContext, Content, FunderTerms};
use kernel::{Code, Fault};
use store::call::{self as rows, CallRow, StageRow};
use store::intake::{funder_terms, submitted_in_stage};
use store::text;

use crate::{Problem, Tx};

/// Refuses a change that breaks something, unless that is accepted.
pub(super) fn refuse(broken: Vec<Fault>, accepted: bool) -> Result<(), Problem> {
    if broken.is_empty() || accepted {
        return Ok(());
    }
    Err(Problem {
        errors: broken,
        ..Problem::new(
            Code::StateConflict,
            "The change breaks what is listed; to make it all the same, send despite_breaking: true.",
        )
    })
}

/// The stage that takes proposals or checks them.
async fn running(tx: &mut Tx, call: &CallRow) -> Result<Option<StageRow>, Problem> {
    let stages = rows::stages(tx.conn(), call.id).await?;
    Ok(stages
        .into_iter()
        .rev()
        .find(|stage| matches!(stage.state.as_str(), "open" | "closed" | "checking")))
}

/// The submitted proposals that keep the rules now and would not keep the new ones.
pub(super) async fn of_rules(
    tx: &mut Tx,
    call: &CallRow,
    new: &Rules,
) -> Result<Vec<Fault>, Problem> {
    let old = call.rules()?;
    let terms = funder_terms(tx.conn(), call.id).await?;
    let mut found = broken(tx, call, (&old, &terms), (new, &terms)).await?;
    for funder in &terms {
        let faults = super::terms::faults(new, &funder.terms);
        let pointer = format!("/funders/{}", kernel::token(&funder.key));
        found.extend(faults.0.into_iter().map(|fault| Fault {
            pointer: format!("{pointer}{}", fault.pointer),
            ..fault
        }));
    }
    Ok(found)
}

/// The submitted proposals that keep a funder's terms now and would not keep the new ones.
pub(super) async fn of_terms(
    tx: &mut Tx,
    call: &CallRow,
    key: &str,
    new: &Terms,
) -> Result<Vec<Fault>, Problem> {
    let rules = call.rules()?;
    let before = funder_terms(tx.conn(), call.id).await?;
    let mut after = before.clone();
    if let Some(funder) = after.iter_mut().find(|funder| funder.key == key) {
        funder.terms = new.clone();
    }
    broken(tx, call, (&rules, &before), (&rules, &after)).await
}

/// What breaks when a funder leaves: the proposals that ask it for money.
pub(super) async fn of_leaving(
    tx: &mut Tx,
    call: &CallRow,
    key: &str,
) -> Result<Vec<Fault>, Problem> {
    let rules = call.rules()?;
    let terms = funder_terms(tx.conn(), call.id).await?;
    let others: Vec<FunderTerms> = terms
        .iter()
        .filter(|funder| funder.key != key)
        .cloned()
        .collect();
    let mut found = broken(tx, call, (&rules, &terms), (&rules, &others)).await?;
    let countries = |terms: &[FunderTerms]| {
        let countries: std::collections::BTreeSet<_> =
            terms.iter().map(|funder| funder.country).collect();
        countries.len()
    };
    let needed = rules
        .stages
        .iter()
        .map(|stage| stage.consortium.countries_min as usize)
        .max()
        .unwrap_or(0);
    if countries(&others) < needed {
        found.push(Fault::new(
            "/funders",
            "funders_missing",
            format!(
                "funders of {} countries are left, and the consortium rules ask for {needed}",
                countries(&others)
            ),
        ));
    }
    Ok(found)
}

async fn broken(
    tx: &mut Tx,
    call: &CallRow,
    before: (&Rules, &[FunderTerms]),
    after: (&Rules, &[FunderTerms]),
) -> Result<Vec<Fault>, Problem> {
    let Some(stage) = running(tx, call).await? else {
        return Ok(Vec::new());
    };
    let place = usize::try_from(stage.number - 1).map_err(Problem::internal)?;
    let submitted = submitted_in_stage(tx.conn(), stage.id).await?;
    let mut count = 0;
    for content in &submitted {
        let content: Content = text::document(content.clone())?;
        let keeps = |(rules, funders): (&Rules, &[FunderTerms])| {
            rules.stages.get(place).is_some_and(|of_stage| {
                let context = CheckContext {
                    under_represented: &stage.under_represented,
                    ..CheckContext::new(rules, of_stage, funders)
                };
                intake::check(&content, &context).faults.is_empty()
            })
        };
        count += usize::from(keeps(before) && !keeps(after));
    }
    Ok(match count {
        0 => Vec::new(),
        _ => vec![Fault::new(
            format!("/stages/{}", stage.number),
            "proposals_break",
            format!(
                "{count} of {} submitted proposals would no longer keep the rules",
                submitted.len()
            ),
        )],
    })
}
