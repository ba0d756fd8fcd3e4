//! What a rule says, and why a choice breaks it, in words.

use std::collections::BTreeSet;

use super::Expression;
use crate::Vocabulary;

/// Why an expression does not hold; empty when it does.
pub(super) fn explain(
    expression: &Expression,
    chosen: &BTreeSet<String>,
    words: Vocabulary<'_>,
) -> Vec<String> {
    if expression.holds(chosen, words) {
        return Vec::new();
    }
    match expression {
        Expression::And(parts) => parts
            .iter()
            .flat_map(|part| explain(part, chosen, words))
            .collect(),
        Expression::Name(_) => vec![absent(std::slice::from_ref(expression), words)],
        Expression::Or(parts) if plain(parts) => vec![absent(parts, words)],
        Expression::Or(parts) => {
            let ways: Vec<String> = parts
                .iter()
                .map(|part| explain(part, chosen, words).join(", and "))
                .collect();
            vec![ways.join("; or else ")]
        }
        Expression::AtLeast(1, parts) if plain(parts) => vec![absent(parts, words)],
        Expression::AtLeast(least, parts) => {
            let (yes, no): (Vec<_>, Vec<_>) =
                parts.iter().partition(|part| part.holds(chosen, words));
            let list = |parts: Vec<&Expression>| {
                let parts: Vec<String> = parts.into_iter().map(ToString::to_string).collect();
                if parts.is_empty() {
                    "none".to_owned()
                } else {
                    parts.join(", ")
                }
            };
            vec![format!(
                "{} of {} chosen ({}), at least {least} needed; still open: {}",
                yes.len(),
                parts.len(),
                list(yes),
                list(no)
            )]
        }
        Expression::Not(inner) => present(inner, chosen, words),
    }
}

/// Why an expression holds that must not.
fn present(
    expression: &Expression,
    chosen: &BTreeSet<String>,
    words: Vocabulary<'_>,
) -> Vec<String> {
    match expression {
        Expression::Name(name) if words.is_question(name) => {
            vec![format!("{name} is answered with yes and must not be")]
        }
        Expression::Name(name) => {
            let there: Vec<&str> = words
                .leaves(name)
                .into_iter()
                .filter(|leaf| chosen.contains(*leaf))
                .collect();
            vec![format!("{} chosen, which is not allowed", there.join(", "))]
        }
        Expression::Or(parts) => parts
            .iter()
            .filter(|part| part.holds(chosen, words))
            .flat_map(|part| present(part, chosen, words))
            .collect(),
        Expression::Not(inner) => explain(inner, chosen, words),
        Expression::And(_) | Expression::AtLeast(..) => {
            vec![format!("'{expression}' holds and must not")]
        }
    }
}

/// Whether all parts are names.
fn plain(parts: &[Expression]) -> bool {
    parts.iter().all(|part| matches!(part, Expression::Name(_)))
}

/// That nothing of some names is chosen: `1A not chosen`, `none of 1A, 1B, 2A, 2B chosen`.
fn absent(names: &[Expression], words: Vocabulary<'_>) -> String {
    let mut leaves: Vec<&str> = Vec::new();
    for name in names {
        if let Expression::Name(name) = name {
            leaves.extend(words.leaves(name));
        }
    }
    match leaves[..] {
        [one] if words.is_question(one) => format!("{one} is not answered with yes"),
        [one] => format!("{one} not chosen"),
        _ => format!("none of {} chosen", leaves.join(", ")),
    }
}

/// The expression with the titles of its names.
pub(super) fn in_words(expression: &Expression, words: Vocabulary<'_>) -> String {
    let list = |parts: &[Expression], between: &str| {
        let parts: Vec<String> = parts.iter().map(|part| bracketed(part, words)).collect();
        parts.join(between)
    };
    match expression {
        Expression::Name(name) => match words.title(name) {
            title if title == name => name.clone(),
            title => format!("{name} ({title})"),
        },
        Expression::Not(inner) => format!("not {}", bracketed(inner, words)),
        Expression::And(parts) => list(parts, " and "),
        Expression::Or(parts) => list(parts, " or "),
        Expression::AtLeast(least, parts) => {
            format!("at least {least} of: {}", list(parts, ", "))
        }
    }
}

fn bracketed(expression: &Expression, words: Vocabulary<'_>) -> String {
    let inner = in_words(expression, words);
    match expression {
        Expression::Name(_) | Expression::Not(_) => inner,
        _ => format!("[{inner}]"),
    }
}
