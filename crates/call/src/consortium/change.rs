//! What a consortium may change between the stages.

use kernel::Finding;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use super::{Consortium, ConsortiumRules, Member};

/// Whether a change since the stage before is allowed.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Change {
    /// Yes.
    Allowed,
    /// Where the partner meets a condition of the added partner.
    WithTrigger,
    /// Only with an exception of the steering committee: a doubt that it settles.
    ByException,
    /// No.
    Forbidden,
}

/// What may change since the stage before. The pre-proposal binds but for what is allowed here; the
/// defaults leave every change to the steering committee, which is what sister calls do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChangeRules {
    /// Another partner coordinates.
    pub coordinator: Change,
    /// A partner is new and takes the place of none that was found ineligible.
    pub add: Change,
    /// A partner is left out although it was not found ineligible.
    pub drop: Change,
    /// A partner that its funder found ineligible is left out.
    pub drop_ineligible: Change,
    /// A partner that its funder found ineligible is replaced by a new one.
    pub replace_ineligible: Change,
    /// A partner asks another funder, or brings its own means instead.
    pub funder: Change,
    /// A partner works in another country.
    pub country: Change,
}

impl Default for ChangeRules {
    fn default() -> Self {
        Self {
            coordinator: Change::ByException,
            add: Change::ByException,
            drop: Change::ByException,
            drop_ineligible: Change::Allowed,
            replace_ineligible: Change::Allowed,
            funder: Change::ByException,
            country: Change::ByException,
        }
    }
}

struct Changes<'a> {
    rules: &'a ConsortiumRules,
    consortium: &'a Consortium<'a>,
    found: &'a mut Vec<Finding>,
}

pub(super) fn check(
    rules: &ConsortiumRules,
    before: &[Member],
    consortium: &Consortium<'_>,
    found: &mut Vec<Finding>,
) {
    let allowed = &rules.changes;
    let mut changes = Changes {
        rules,
        consortium,
        found,
    };
    let after = consortium.members;
    let gone = |member: &&Member| after.iter().all(|other| other.key != member.key);
    let mut vacant = 0;
    for member in before.iter().filter(gone) {
        if member.found_ineligible {
            vacant += 1;
            changes.note(allowed.drop_ineligible, "partner_dropped", None, || {
                format!("{} was found ineligible and is left out", name(member))
            });
        } else {
            changes.note(allowed.drop, "partner_dropped", None, || {
                format!("{} is left out", name(member))
            });
        }
    }
    for (at, member) in after.iter().enumerate() {
        let Some(old) = before.iter().find(|other| other.key == member.key) else {
            if vacant > 0 && allowed.replace_ineligible != Change::Forbidden {
                vacant -= 1;
                changes.note(
                    allowed.replace_ineligible,
                    "partner_replaced",
                    Some((at, "")),
                    || {
                        format!(
                            "{} replaces a partner that was found ineligible",
                            name(member)
                        )
                    },
                );
            } else {
                changes.note(allowed.add, "partner_added", Some((at, "")), || {
                    format!("{} is new", name(member))
                });
            }
            continue;
        };
        if member.coordinator && !old.coordinator {
            changes.note(
                allowed.coordinator,
                "coordinator_changed",
                Some((at, "/role")),
                || format!("{} coordinates now", name(member)),
            );
        }
        if (&member.funder, member.own_funded) != (&old.funder, old.own_funded) {
            changes.note(
                allowed.funder,
                "funder_changed",
                Some((at, "/funding")),
                || format!("{} has another source of money", name(member)),
            );
        }
        if member.country != old.country {
            changes.note(
                allowed.country,
                "country_changed",
                Some((at, "/country")),
                || format!("{} works in another country", name(member)),
            );
        }
    }
}

fn name(member: &Member) -> &str {
    match member.name.as_str() {
        "" => "a partner",
        name => name,
    }
}

impl Changes<'_> {
    fn note(
        &mut self,
        change: Change,
        code: &str,
        at: Option<(usize, &str)>,
        what: impl FnOnce() -> String,
    ) {
        let pointer = at.map_or("/partners".to_owned(), |(at, field)| {
            format!("/partners/{at}{field}")
        });
        let source = self.rules.source("changes");
        let meets = || {
            at.and_then(|(at, _)| self.consortium.members.get(at))
                .is_some_and(|member| self.rules.triggers(member, self.consortium))
        };
        let finding = match change {
            Change::Allowed => return,
            Change::WithTrigger if meets() => return,
            Change::WithTrigger => Finding::fault(
                pointer,
                code,
                what(),
                "this is allowed only where the partner meets a condition of the added partner",
            ),
            Change::ByException => Finding::doubt(
                pointer,
                code,
                what(),
                "the proposal of the stage before binds; this needs an exception of the steering committee",
            ),
            Change::Forbidden => Finding::fault(
                pointer,
                code,
                what(),
                "the proposal of the stage before binds; undo the change",
            ),
        };
        self.found.push(finding.said_in(source));
    }
}
