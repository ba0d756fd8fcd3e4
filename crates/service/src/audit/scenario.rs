//! Whether the shared scenarios of an export compute to what was stored, and are those that the audit knows.

use commitment::{Selection, SelectionInput};

use super::export::{Export, ExportedScenario};
use crate::commitment::fingerprint;

/// A sentence for each thing that is wrong.
pub(super) fn faults(export: &Export) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, one) in export.scenarios.iter().enumerate() {
        let place = format!("scenario {} ({})", index + 1, one.id);
        let parsed =
            serde_json::from_value::<SelectionInput>(one.input.clone()).and_then(|input| {
                Ok((
                    input,
                    serde_json::from_value::<Selection>(one.result.clone())?,
                ))
            });
        match parsed {
            Ok((input, result)) => {
                let found = against(export, one, &input, &result).into_iter();
                faults.extend(found.map(|fault| format!("{place} {fault}")));
            }
            Err(error) => faults.push(format!("{place} cannot be read: {error}")),
        }
    }
    faults
}

fn against(
    export: &Export,
    one: &ExportedScenario,
    input: &SelectionInput,
    result: &Selection,
) -> Vec<String> {
    let mut faults = Vec::new();
    if commitment::select(input).as_ref() != Ok(result) {
        let engine = &one.engine;
        faults.push(format!(
            "computes to another result ({engine} had computed it)"
        ));
    }
    let (id, print) = (one.id.to_string(), fingerprint(input, result));
    let print = print.unwrap_or_default();
    // A selection that was proposed of it names it too, and is no scenario: only what was made has a name.
    let known = export.rows.iter().map(|row| &row.detail).any(|detail| {
        detail["scenario"] == id.as_str()
            && detail["name"] == one.name.as_str()
            && detail["sha256"] == print.as_str()
    });
    if !known {
        faults.push("is not the one that the audit knows".to_owned());
    }
    faults
}
