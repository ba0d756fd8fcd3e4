//! Whether two entries are one organisation, one department of it, or parts of one another.

use super::identity::identifier;
use super::{ConflictKind, Organisation};
use crate::fold::{fold, words};

/// What tells an organisation, made ready for comparing.
#[derive(Debug, Clone)]
pub(super) struct Place {
    name: String,
    ror: Option<String>,
    words: Vec<String>,
    department: String,
    folded_department: String,
}

impl Place {
    pub(super) fn of(organisation: &Organisation) -> Self {
        Self {
            name: organisation.name.clone(),
            ror: identifier(organisation.ror.as_deref(), "ror.org/"),
            words: words(&organisation.name),
            department: organisation.department.trim().to_owned(),
            folded_department: fold(&organisation.department),
        }
    }

    /// The organisation's stable name in the memory of verdicts.
    pub(super) fn key(&self) -> String {
        let organisation = match &self.ror {
            Some(ror) => format!("ror {ror}"),
            None => format!("name {}", self.words.join(" ")),
        };
        match self.folded_department.as_str() {
            "" => organisation,
            department => format!("{organisation} department {department}"),
        }
    }

    /// What working at `self` has to do with working at `other`, and the evidence.
    ///
    /// One organisation is the same institution unless both departments are known and differ: then the
    /// two have a parent in common, and a person decides.
    pub(super) fn meets(&self, other: &Self) -> Option<(ConflictKind, String)> {
        if let Some(same) = self.same_organisation(other) {
            let (mine, theirs) = (&self.folded_department, &other.folded_department);
            if !mine.is_empty() && !theirs.is_empty() && mine != theirs {
                let evidence = format!(
                    "{same}; the departments differ: {} and {}",
                    self.department, other.department
                );
                return Some((ConflictKind::ParentOrganisation, evidence));
            }
            return Some((ConflictKind::SameInstitution, same));
        }
        let (short, long) = if self.words.len() < other.words.len() {
            (&self.words, &other.words)
        } else {
            (&other.words, &self.words)
        };
        // One word alone, such as a city, says too little.
        let contained = short.len() >= 2
            && short != long
            && long
                .windows(short.len())
                .any(|part| part == short.as_slice());
        contained.then(|| {
            let evidence = format!(
                "the names of {} and {} contain one another",
                self.name, other.name
            );
            (ConflictKind::ParentOrganisation, evidence)
        })
    }

    fn same_organisation(&self, other: &Self) -> Option<String> {
        match (&self.ror, &other.ror) {
            (Some(a), Some(id)) if a == id => {
                Some(format!("{} has the same ROR id, {id}", other.name))
            }
            // Two ROR ids are two organisations, however alike their names are.
            (Some(_), Some(_)) => None,
            _ => (!self.words.is_empty() && self.words == other.words)
                .then(|| format!("{} has the same name", other.name)),
        }
    }
}
