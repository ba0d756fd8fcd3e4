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
    /// Presents proposals at the panel and writes their consensus.
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

impl ExpertRole {
    /// Whether the expert meets the panel and reads what the others wrote there; all others read
    /// their own reviews alone.
    pub fn sits_on_panel(self) -> bool {
        matches!(
            self,
            ExpertRole::Chair | ExpertRole::Rapporteur | ExpertRole::PanelMember
        )
    }
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
}
