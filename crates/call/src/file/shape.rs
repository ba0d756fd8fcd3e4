//! Whether a text has the shape of a call file. Reading stops at the first fault, so what is faulty is
//! taken out and the rest read again, until all faults of the shape are known.

use std::ops::Range;

use kernel::Finding;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use super::place::located;
use super::{CallFile, Located};

/// What reading a file came to.
pub(super) struct Read<'a> {
    /// The file, when all that it must hold could be read.
    pub(super) file: Option<CallFile>,
    /// Its values by their places.
    pub(super) table: Option<DeTable<'a>>,
    /// The faults of its shape.
    pub(super) faults: Vec<Located>,
}

/// More faults than anybody mends at once.
const FAULTS_MAX: usize = 200;

pub(super) fn read(text: &str) -> Read<'_> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let faults = errors.iter().map(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let finding = Finding::fault(
                "",
                "not_toml",
                error.message(),
                "correct the line; it is no TOML",
            );
            located(text, at, finding)
        });
        return Read {
            file: None,
            table: None,
            faults: faults.collect(),
        };
    }
    let mut rest = root.clone();
    let mut faults = Vec::new();
    // What was taken out of which table, so that its absence is not told as a second fault.
    let mut taken: Vec<(Range<usize>, String)> = Vec::new();
    // Whether something that other pointers count on is gone: then the content is not checked.
    let mut damaged = false;
    while faults.len() < FAULTS_MAX {
        let error = match CallFile::deserialize(Deserializer::from(rest.clone())) {
            Ok(file) => {
                return Read {
                    file: (!damaged).then_some(file),
                    table: Some(root.into_inner()),
                    faults,
                };
            }
            Err(error) => error,
        };
        let span = error.span().unwrap_or(0..0);
        let missing = missing_field(&error);
        let known = missing.is_some_and(|field| {
            taken
                .iter()
                .any(|(place, key)| *place == span && key == field)
        });
        let own = rest.span();
        let found = remove(rest.get_mut(), own, &span);
        if !known {
            let pointer = pointer_to(root.get_ref(), &span).unwrap_or_default();
            let (code, allowed) = if missing.is_some() {
                ("required", "write it")
            } else if error.message().starts_with("unknown field") {
                ("field_unknown", "correct its name or take it out")
            } else {
                ("value", "correct it")
            };
            let finding = Finding::fault(pointer, code, error.message(), allowed);
            faults.push(located(text, span.start, finding));
        }
        let Some(found) = found else { break };
        damaged |= found.element || missing.is_some();
        taken.push((found.parent, found.key));
    }
    Read {
        file: None,
        table: None,
        faults,
    }
}

fn missing_field(error: &Error) -> Option<&str> {
    error
        .message()
        .strip_prefix("missing field `")?
        .split('`')
        .next()
}

/// The JSON pointer of what has this place in a table, key or value. An array of one table has the place
/// of that table, so the innermost counts.
fn pointer_to(table: &DeTable<'_>, span: &Range<usize>) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let itself = key.span() == *span || value.span() == *span;
        let inner = pointer_in(value, span).or(itself.then(String::new))?;
        Some(format!("/{}{inner}", key.get_ref()))
    })
}

fn pointer_in(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<String> {
    match value.get_ref() {
        DeValue::Table(table) => pointer_to(table, span),
        DeValue::Array(array) => array.iter().enumerate().find_map(|(index, element)| {
            let itself = element.span() == *span;
            let inner = pointer_in(element, span).or(itself.then(String::new))?;
            Some(format!("/{index}{inner}"))
        }),
        _ => None,
    }
}

/// What was taken out.
struct Removed {
    /// The place of the table or array it stood in.
    parent: Range<usize>,
    key: String,
    /// Whether it was an element of an array, so that those behind it have other numbers now.
    element: bool,
}

/// Takes out of a table, which has the place `own`, what has the place `span`, key or value.
fn remove(table: &mut DeTable<'_>, own: Range<usize>, span: &Range<usize>) -> Option<Removed> {
    for (_, value) in table.iter_mut() {
        if let Some(removed) = remove_in_value(value, span) {
            return Some(removed);
        }
    }
    let key = table
        .iter()
        .find(|(key, value)| key.span() == *span || value.span() == *span)
        .map(|(key, _)| key.clone())?;
    table.remove(&key);
    Some(Removed {
        parent: own,
        key: key.get_ref().to_string(),
        element: false,
    })
}

fn remove_in_value(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Removed> {
    let own = value.span();
    match value.get_mut() {
        DeValue::Table(table) => remove(table, own, span),
        DeValue::Array(array) => {
            for element in array.iter_mut() {
                if let Some(removed) = remove_in_value(element, span) {
                    return Some(removed);
                }
            }
            let index = array.iter().position(|element| element.span() == *span)?;
            let others = array.iter().enumerate().filter(|(at, _)| *at != index);
            *array = others.map(|(_, element)| element.clone()).collect();
            Some(Removed {
                parent: own,
                key: index.to_string(),
                element: true,
            })
        }
        _ => None,
    }
}
