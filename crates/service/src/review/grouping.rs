//! Experts who count together: those of a country, or of an organisation.

use std::collections::BTreeMap;

use store::review::expert::ExpertRow;
use uuid::Uuid;

use super::wishes::GroupBy;

/// The groups of a table's experts. Experts of whom it is not known what they have in common are in none.
pub(super) struct Grouping {
    /// What each group is known by, and what it is called.
    groups: Vec<(String, String)>,
    /// The number of each expert's group.
    pub member: BTreeMap<Uuid, usize>,
}

impl Grouping {
    /// The groups of these experts.
    pub fn of(experts: &[ExpertRow], by: GroupBy) -> Grouping {
        let mut found = Grouping {
            groups: Vec::new(),
            member: BTreeMap::new(),
        };
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        for row in experts {
            let Some((key, name)) = group(row, by) else {
                continue;
            };
            let number = *numbers.entry(key.clone()).or_insert_with(|| {
                found.groups.push((key, name));
                found.groups.len() - 1
            });
            found.member.insert(row.id, number);
        }
        found
    }

    /// What the groups are called, by number.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|(_, name)| name.as_str())
    }

    /// The group that somebody means: by the letters of the country or the ROR, or by the name where only one is called
    /// so.
    pub fn find(&self, meant: &str) -> Option<usize> {
        let meant = plain(meant);
        let by_key = self.groups.iter().position(|(key, _)| plain(key) == meant);
        by_key.or_else(|| {
            let names = self.names().enumerate();
            let mut called = names.filter(|(_, name)| plain(name) == meant);
            let only = called.next();
            only.filter(|_| called.next().is_none())
                .map(|(number, _)| number)
        })
    }
}

/// A key or a name as it is compared.
fn plain(text: &str) -> String {
    let text = text.trim();
    text.strip_prefix("https://ror.org/")
        .unwrap_or(text)
        .to_lowercase()
}

/// What an expert counts together with others by, and what that is called.
fn group(row: &ExpertRow, by: GroupBy) -> Option<(String, String)> {
    match by {
        GroupBy::Country => row.country.clone().map(|code| (code.clone(), code)),
        GroupBy::Organisation => {
            let name = row.organisation.trim();
            let key = plain(row.ror.as_deref().unwrap_or(name));
            (!key.is_empty()).then(|| (key, name.to_owned()))
        }
    }
}
