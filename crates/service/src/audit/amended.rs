//! Whether the amended selections of an export keep what was decided before them.

use commitment::{Rating, Selection, SelectionInput, SelectionState};
use kernel::Amount;

use super::export::{Export, ExportedSelection};
use super::verify::vouched;

/// A sentence for each thing that is wrong.
pub(super) fn faults(export: &Export) -> Vec<String> {
    let mut faults = Vec::new();
    let in_force = export
        .selections
        .iter()
        .filter(|one| one.state == SelectionState::Final);
    if in_force.count() > 1 {
        faults.push("more than one selection is final".to_owned());
    }
    for one in &export.selections {
        let place = format!("selection {}", one.number);
        let Some(id) = one.amends else {
            if one.cause.is_some() || one.reason.is_some() || !kept(one).is_empty() {
                faults.push(format!(
                    "{place} says that it amends another, and not which"
                ));
            }
            continue;
        };
        let known = |former: &&ExportedSelection| former.id == id && former.number < one.number;
        match export.selections.iter().find(known) {
            Some(former) => {
                let found = against(export, one, former).into_iter();
                faults.extend(found.map(|fault| format!("{place} {fault}")));
            }
            None => faults.push(format!("{place} amends none of those before it")),
        }
        if !vouched(export, one, "amends", &id.to_string()) {
            faults.push(format!("{place} amends another than the audit says"));
        }
        if one.cause.is_none() || one.reason.as_deref().is_none_or(str::is_empty) {
            faults.push(format!("{place} does not say why it amends another"));
        }
    }
    faults
}

/// What is wrong between a selection and the one it amends. What cannot be read is told elsewhere.
fn against(export: &Export, one: &ExportedSelection, former: &ExportedSelection) -> Vec<String> {
    let kept_now = kept(one);
    let input: Option<SelectionInput> = serde_json::from_value(one.input.clone()).ok();
    let gone = |code: &String| {
        input.as_ref().is_some_and(|input| {
            let found = input.proposals.iter().find(|one| one.code == *code);
            // Who defaulted commits nothing.
            let none = input.funders.iter();
            let none = none.filter(|one| one.commitment == Amount::ZERO);
            let none: Vec<String> = none.map(|one| one.code.clone()).collect();
            found.is_none_or(|one| one.withdrawn || one.rating == Rating::NotRecommended)
                || input.asks(code, &none)
        })
    };
    // Of one that never became final only what it had kept itself was decided.
    let decided = match vouched(export, former, "state", "final") {
        true => result(former).map_or_else(Vec::new, |result| result.selected),
        false => kept(former),
    };
    let mut faults = Vec::new();
    for code in &decided {
        if !kept_now.contains(code) && !gone(code) {
            faults.push(format!("drops {code}, which was decided and not withdrawn"));
        }
    }
    for code in kept_now.iter().filter(|code| !decided.contains(code)) {
        faults.push(format!("keeps {code}, which was not decided"));
    }
    faults
}

fn kept(one: &ExportedSelection) -> Vec<String> {
    let input = serde_json::from_value::<SelectionInput>(one.input.clone());
    input.map_or_else(|_| Vec::new(), |input| input.kept)
}

fn result(one: &ExportedSelection) -> Option<Selection> {
    serde_json::from_value(one.result.clone()).ok()
}
