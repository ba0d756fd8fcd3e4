//! Reviewers who count together: those of one group of the table of experts.

use std::collections::BTreeSet;

use super::Tables;
use crate::assign::{Grid, Nest, greatest};

/// The groups of the reviewers, as the table of experts names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// Their names, sorted.
    pub names: Vec<String>,
    /// The number of the group of each reviewer, by column; none where the reviewer is in no group.
    pub member: Vec<Option<usize>>,
}

/// How many reviewers of one group each proposal may and must have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupLimits {
    /// At most so many of each group, from 1 on; `None`: any number.
    pub most: Option<u16>,
    /// At least so many of the groups called so, each named once and none with more than the most.
    pub least: Vec<(String, u16)>,
}

impl Groups {
    /// Of the cells of the reviewers; an empty one names no group.
    pub(super) fn of(cells: &[String]) -> Self {
        let names: BTreeSet<&String> = cells.iter().filter(|cell| !cell.is_empty()).collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        let number = |cell: &String| names.binary_search(cell).ok();
        Self {
            member: cells.iter().map(number).collect(),
            names,
        }
    }
}

impl GroupLimits {
    fn binds(&self) -> bool {
        self.most.is_some() || !self.least.is_empty()
    }

    /// What of the limits a table of experts knows nothing of, whatever else is wrong with it and with the other tables.
    pub fn unknown_in(&self, experts: &str) -> Vec<String> {
        let (cells, is_whole) = super::read::groups(experts);
        match cells {
            Some(cells) => self.unknown(Some(&Groups::of(&cells))),
            None if is_whole => self.unknown(None),
            // Which columns the table has is told, as its first line is at fault.
            None => Vec::new(),
        }
    }

    /// What of the limits is unknown where these are the groups.
    fn unknown(&self, groups: Option<&Groups>) -> Vec<String> {
        if !self.binds() {
            return Vec::new();
        }
        let Some(groups) = groups else {
            let text =
                "experts, line 1: there is no column group, by which reviewers are limited; add it";
            return vec![text.to_owned()];
        };
        let known = |name: &String| groups.names.binary_search(name).is_ok();
        let unknown = self.least.iter().filter(|(name, _)| !known(name));
        let text = |(name, number): &(String, u16)| {
            format!(
                "experts: nobody is of the group {name}, of which each proposal must have at least {number}; \
                 correct the name or the table"
            )
        };
        unknown.map(text).collect()
    }

    /// The limits in words.
    fn words(&self) -> String {
        let most = self.most.map(|most| format!("at most {most} of any group"));
        let least = self.least.iter();
        let least = least.map(|(name, least)| format!("at least {least} of {name}"));
        most.into_iter().chain(least).collect::<Vec<_>>().join(", ")
    }
}

impl Tables {
    /// Limits how many reviewers of one group each proposal gets; whoever is in no group is not limited. Answers what of
    /// the limits the tables know nothing of.
    pub fn limit(&mut self, limits: GroupLimits) -> Result<(), Vec<String>> {
        let unknown = limits.unknown(self.groups.as_ref());
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let Some(groups) = self.groups.as_ref().filter(|_| limits.binds()) else {
            return Ok(());
        };
        let none = groups.names.len();
        let mut least = vec![0_u32; none];
        for (name, number) in &limits.least {
            if let Ok(group) = groups.names.binary_search(name) {
                least[group] = u32::from(*number);
            }
        }
        // The same nests as those that a partition of a `Problem` comes to.
        let most = limits.most.map_or(u32::MAX >> 1, u32::from);
        let mut nests = Vec::new();
        for (row, need) in self.grid.need.iter().enumerate() {
            for (group, least) in least.iter().enumerate() {
                if *least > 0 || most < *need {
                    nests.push(Nest {
                        row: row as u32,
                        group: group as u32,
                        least: *least,
                        most: most.min(*need.max(least)),
                    });
                }
            }
        }
        let number = |group: &Option<usize>| group.unwrap_or(none) as u32;
        self.grid.group = groups.member.iter().map(number).collect();
        self.grid.nests = nests;
        self.limits = limits;
        Ok(())
    }

    /// What the groups are called, by number.
    pub(super) fn group_names(&self) -> &[String] {
        match &self.groups {
            Some(groups) => &groups.names,
            None => &[],
        }
    }

    /// Where there is no assignment: that there would be one but for the limits of groups. The fewest changes may be
    /// found elsewhere, such as in a load, and name no group.
    pub(super) fn limited(&self) -> Option<String> {
        if self.grid.nests.is_empty() {
            return None;
        }
        let free = Grid {
            nests: Vec::new(),
            ..self.grid.clone()
        };
        let limits = self.limits.words();
        greatest(&free).map(|_| {
            format!(
                "Without the limits of groups there would be an assignment; they are, for each proposal: {limits}."
            )
        })
    }
}
