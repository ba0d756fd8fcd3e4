//! Where in a file something stands.

use kernel::Finding;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Located;

/// The text with its values by their spans.
pub(super) struct Places<'a> {
    pub(super) text: &'a str,
    pub(super) table: &'a DeTable<'a>,
}

impl Places<'_> {
    /// The finding at the line of what its pointer names, or of the nearest thing around it that the
    /// file holds.
    pub(super) fn locate(&self, finding: Finding) -> Located {
        let at = self.offset(&finding.pointer);
        located(self.text, at, finding)
    }

    fn offset(&self, pointer: &str) -> usize {
        let mut tokens = pointer
            .split('/')
            .skip(1)
            .map(|token| token.replace("~1", "/").replace("~0", "~"));
        let Some((mut at, mut value)) = tokens.next().and_then(|token| entry(self.table, &token))
        else {
            return 0;
        };
        for token in tokens {
            let inner = match value.get_ref() {
                DeValue::Table(table) => entry(table, &token),
                DeValue::Array(array) => token
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| array.get(index))
                    .map(|element| (element.span().start, element)),
                _ => None,
            };
            let Some((inner_at, inner_value)) = inner else {
                break;
            };
            (at, value) = (inner_at, inner_value);
        }
        at
    }
}

fn entry<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<(usize, &'a Spanned<DeValue<'i>>)> {
    let (name, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
    Some((name.span().start, value))
}

/// The finding at the line and column of a byte.
pub(super) fn located(text: &str, at: usize, finding: Finding) -> Located {
    let before = text.get(..at).unwrap_or(text);
    let line_begin = before.rfind('\n').map_or(0, |newline| newline + 1);
    Located {
        line: before.matches('\n').count() + 1,
        column: before[line_begin..].chars().count() + 1,
        finding,
    }
}
