use std::collections::HashSet;

use kernel::{Currency, Faults};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::{ConsortiumRules, EvaluationRules};

/// The rules of a call: one document, written at drafting, read by every later check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// One stage (full proposals), or two (pre-proposals first).
    pub stages: Vec<StageRules>,
    /// How the money is given.
    #[serde(default)]
    pub funding: FundingRules,
    /// The longest project, in months.
    #[serde(default = "three_years")]
    pub duration_months_max: u32,
    /// Days within which an applicant may ask for redress, counted from the letter.
    #[serde(default = "two_weeks")]
    pub redress_days: u32,
}

/// What a stage asks for.
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
pub enum StageKind {
    /// A short proposal, open to all.
    PreProposal,
    /// The whole proposal; in a two-stage call from those invited.
    FullProposal,
}

/// The rules of one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StageRules {
    /// What the stage asks for.
    pub kind: StageKind,
    /// Who may propose together.
    pub consortium: ConsortiumRules,
    /// The texts of a proposal.
    pub texts: Vec<TextSection>,
    /// How proposals are scored.
    #[serde(default)]
    pub evaluation: EvaluationRules,
}

/// One text of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextSection {
    /// Stable name, such as `summary`.
    pub key: String,
    /// Shown to applicants and reviewers.
    pub title: String,
    /// The most characters (Unicode scalar values).
    pub max_characters: u32,
    /// Whether a proposal without it cannot be submitted.
    #[serde(default = "yes")]
    pub required: bool,
}

/// How the money is given: a virtual common pot, in which each funder pays its own applicants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FundingRules {
    /// Whether the ranking binds the selection.
    pub ranking: RankingRule,
    /// Currency of budgets and commitments.
    pub currency: Currency,
}

/// Whether a project may be funded although a better one is not.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
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
pub enum RankingRule {
    /// No: groups of equal score are funded whole from the top, but for the last one.
    Binding,
    /// Yes: where a funder has run out, the walk goes on below. The usual way of a virtual common pot.
    #[default]
    WithGaps,
}

fn three_years() -> u32 {
    36
}

fn two_weeks() -> u32 {
    14
}

fn yes() -> bool {
    true
}

impl Default for FundingRules {
    fn default() -> Self {
        Self {
            ranking: RankingRule::WithGaps,
            currency: Currency::EUR,
        }
    }
}

impl Rules {
    /// The usual shape of a call of ERA PerMed and EP PerMed: two stages, 3 to 6 partners at the
    /// first and a seventh at the second, a virtual common pot with gaps.
    pub fn default_two_stage() -> Self {
        let text = |key: &str, title: &str, max_characters| TextSection {
            key: key.to_owned(),
            title: title.to_owned(),
            max_characters,
            required: true,
        };
        let stage = |kind, partners_max, texts| StageRules {
            kind,
            consortium: ConsortiumRules {
                partners_min: 3,
                partners_max,
                countries_min: 3,
                eu_or_associated_min: 2,
                partners_per_country_max: 2,
                own_funded_max: 1,
                coordinator_asks_money: true,
            },
            texts,
            evaluation: EvaluationRules::default(),
        };
        let pre = vec![
            text("summary", "Summary", 2_000),
            text("description", "Project description", 15_000),
        ];
        let full = vec![
            text("summary", "Summary", 2_000),
            text("description", "Project description", 45_000),
            text("work_plan", "Work plan and responsibilities", 15_000),
            text("impact", "Expected impact and use of the results", 10_000),
            text("ethics", "Ethical and legal questions", 6_000),
        ];
        Self {
            stages: vec![
                stage(StageKind::PreProposal, 6, pre),
                stage(StageKind::FullProposal, 7, full),
            ],
            funding: FundingRules::default(),
            duration_months_max: three_years(),
            redress_days: two_weeks(),
        }
    }

    /// All faults of the rules, found at drafting so that no proposal meets them later.
    pub fn check(&self) -> Faults {
        let mut faults = Faults::default();
        let kinds: Vec<StageKind> = self.stages.iter().map(|stage| stage.kind).collect();
        faults.require(
            matches!(
                kinds[..],
                [StageKind::FullProposal] | [StageKind::PreProposal, StageKind::FullProposal]
            ),
            "/stages",
            "stages",
            "a call has one stage (full_proposal) or two (pre_proposal, then full_proposal)",
        );
        for (index, stage) in self.stages.iter().enumerate() {
            let pointer = format!("/stages/{index}");
            stage
                .consortium
                .check(&format!("{pointer}/consortium"), &mut faults);
            check_texts(&stage.texts, &format!("{pointer}/texts"), &mut faults);
            stage
                .evaluation
                .check(&format!("{pointer}/evaluation"), &mut faults);
        }
        faults.require(
            (1..=120).contains(&self.duration_months_max),
            "/duration_months_max",
            "duration",
            "a project lasts 1 to 120 months",
        );
        faults.require(
            (1..=90).contains(&self.redress_days),
            "/redress_days",
            "redress_days",
            "the window for redress lasts 1 to 90 days; 5 to 30 are usual",
        );
        faults
    }
}

fn check_texts(texts: &[TextSection], pointer: &str, faults: &mut Faults) {
    faults.require(
        !texts.is_empty(),
        pointer,
        "texts",
        "a proposal has at least one text",
    );
    let mut keys = HashSet::new();
    for (index, text) in texts.iter().enumerate() {
        let at = |field: &str| format!("{pointer}/{index}/{field}");
        faults.require(
            !text.key.is_empty() && keys.insert(&text.key),
            at("key"),
            "key",
            "each text has a key of its own",
        );
        faults.require(
            !text.title.is_empty(),
            at("title"),
            "required",
            "give a title",
        );
        faults.require(
            (1..=200_000).contains(&text.max_characters),
            at("max_characters"),
            "max_characters",
            "a text has 1 to 200000 characters",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Score;

    #[test]
    fn the_default_is_sound_and_reads_back() {
        let rules = Rules::default_two_stage();
        assert_eq!(rules.check(), Faults::default());
        let json = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<Rules>(&json).unwrap(), rules);
    }

    #[test]
    fn what_is_usual_need_not_be_written() {
        let json = r#"{"stages":[{"kind":"full_proposal","texts":[{"key":"a","title":"A","max_characters":9}],
            "consortium":{"partners_min":3,"partners_max":7,"countries_min":3,"eu_or_associated_min":2,
            "partners_per_country_max":2,"own_funded_max":1,"coordinator_asks_money":true}}]}"#;
        let rules: Rules = serde_json::from_str(json).unwrap();
        assert_eq!(rules.check(), Faults::default());
        assert_eq!((rules.duration_months_max, rules.redress_days), (36, 14));
        let unknown = json.replacen("{\"stages\"", "{\"colour\":1,\"stages\"", 1);
        assert!(
            serde_json::from_str::<Rules>(&unknown)
                .unwrap_err()
                .to_string()
                .contains("colour")
        );
    }

    #[test]
    fn every_fault_is_named_with_its_place() {
        let mut rules = Rules::default_two_stage();
        rules.redress_days = 0;
        rules.stages.reverse();
        let stage = &mut rules.stages[0];
        stage.consortium.partners_min = 9;
        stage.texts[1].key = "summary".to_owned();
        stage.evaluation.step = Score(30);
        stage.evaluation.threshold_total = Score(1501);
        stage.evaluation.criteria[2].threshold = Score(501);
        let faults = rules.check();
        let pointers: Vec<&str> = faults.0.iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/stages",
                "/stages/0/consortium/partners_max",
                "/stages/0/consortium/own_funded_max",
                "/stages/0/texts/1/key",
                "/stages/0/evaluation/step",
                "/stages/0/evaluation/criteria/2/threshold",
                "/stages/0/evaluation/threshold_total",
                "/redress_days",
            ]
        );
    }
}
