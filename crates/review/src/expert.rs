use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What an expert does in the evaluation of a call.
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
pub enum ExpertRole {
    /// Leads the panel and signs the ranking list.
    Chair,
    /// Presents proposals at the panel and drafts their reports.
    Rapporteur,
    /// Reviews, and sits on the panel.
    PanelMember,
    /// Reviews from afar and does not meet the panel.
    RemoteReviewer,
    /// Reviews as a patient or for patients, from afar.
    PatientReviewer,
    /// Takes a place that another expert leaves.
    Substitute,
}

/// What a role may do, as far as the role alone says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duties {
    /// Gets reviews when they are assigned; a substitute only takes a place that somebody leaves.
    pub assigned: bool,
    /// Meets the panel, and reads there what the others wrote.
    pub meets: bool,
    /// Presents proposals and drafts their consensus.
    pub drafts_consensus: bool,
    /// Adopts the ranking list for the panel and signs it.
    pub signs: bool,
}

impl ExpertRole {
    /// What the role may do. The chair may draft a consensus as rapporteurs do, for the panel is the
    /// chair's; and everybody on the panel may review.
    pub fn duties(self) -> Duties {
        let afar = Duties {
            assigned: true,
            meets: false,
            drafts_consensus: false,
            signs: false,
        };
        match self {
            ExpertRole::Chair => Duties {
                meets: true,
                drafts_consensus: true,
                signs: true,
                ..afar
            },
            ExpertRole::Rapporteur => Duties {
                meets: true,
                drafts_consensus: true,
                ..afar
            },
            ExpertRole::PanelMember => Duties {
                meets: true,
                ..afar
            },
            ExpertRole::RemoteReviewer | ExpertRole::PatientReviewer => afar,
            ExpertRole::Substitute => Duties {
                assigned: false,
                ..afar
            },
        }
    }

    /// Whether the expert meets the panel and reads what the others wrote there; all others read
    /// their own reviews alone.
    pub fn sits_on_panel(self) -> bool {
        self.duties().meets
    }
}

/// An expert's gender as the expert gives it, for the balance of the panel and for nothing else.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
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
pub enum Gender {
    /// Woman.
    Woman,
    /// Man.
    Man,
    /// Neither, or both.
    NonBinary,
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn stored_and_shown_names_are_the_same() {
        for role in ExpertRole::iter() {
            let json = serde_json::to_value(role).unwrap();
            assert_eq!(json, role.to_string());
            assert_eq!(role.to_string().parse(), Ok(role));
        }
    }

    #[test]
    fn a_substitute_and_those_from_afar_stay_out_of_the_panel() {
        let panel: Vec<_> = ExpertRole::iter()
            .filter(|role| role.sits_on_panel())
            .collect();
        assert_eq!(
            panel,
            [
                ExpertRole::Chair,
                ExpertRole::Rapporteur,
                ExpertRole::PanelMember
            ]
        );
    }

    #[test]
    fn one_role_signs_and_who_drafts_or_signs_meets() {
        let signing: Vec<_> = ExpertRole::iter()
            .filter(|role| role.duties().signs)
            .collect();
        assert_eq!(signing, [ExpertRole::Chair]);
        for role in ExpertRole::iter() {
            let duties = role.duties();
            assert!(duties.meets || !duties.drafts_consensus && !duties.signs);
            assert_eq!(duties.assigned, role != ExpertRole::Substitute);
        }
    }
}
