use std::collections::{BTreeSet, HashSet};

use kernel::{Faults, Finding};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::{
    AnnexSlot, ConsortiumRules, DecisionRules, EvaluationRules, FundingRules, KeywordCount,
    Mapping, Module, ModuleRule, Percent, Question, RedressRules, Terms, TextSection, Topic,
    Vocabulary, form,
};

/// The rules of a call: one document, written at drafting, read by every later check.
///
/// The same type is the JSON of the API and of the database and the TOML of a call file. What stands in
/// lists keeps its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// One stage (full proposals), or two (pre-proposals first).
    pub stages: Vec<StageRules>,
    /// How the money is given.
    #[serde(default)]
    pub funding: FundingRules,
    /// How the steering committee decides.
    #[serde(default)]
    pub decision: DecisionRules,
    /// The longest project, in months.
    #[serde(default = "three_years")]
    pub duration_months_max: u32,
    /// The framework programme whose co-fund action the call belongs to.
    #[serde(default)]
    pub framework: Framework,
    /// Days within which an applicant may ask for redress, counted from the letter.
    #[serde(default = "two_weeks")]
    pub redress_days: u32,
    /// The topics, where the call has several.
    #[serde(default)]
    pub topics: Vec<Topic>,
    /// The modules of which proposals choose, and the areas they stand in.
    #[serde(default)]
    pub modules: Vec<Module>,
    /// Questions that applicants answer with yes or no.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// Which modules a proposal must choose together.
    #[serde(default)]
    pub module_rule: Option<ModuleRule>,
    /// Where the call text has that rule.
    #[serde(default)]
    pub module_rule_source: Option<String>,
}

/// A framework programme of the Commission, which decides on what a co-funded call reports.
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
pub enum Framework {
    /// Horizon 2020: the funded projects are reported.
    Horizon2020,
    /// Horizon Europe: all proposals are.
    #[default]
    HorizonEurope,
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
    /// The fewest and most keywords, where the stage limits them.
    #[serde(default)]
    pub keywords: Option<KeywordCount>,
    /// How proposals are scored.
    #[serde(default)]
    pub evaluation: EvaluationRules,
    /// How redress is asked for after the letters of the stage.
    #[serde(default)]
    pub redress: RedressRules,
    /// The files of a proposal: annexes and figures.
    #[serde(default)]
    pub annexes: Vec<AnnexSlot>,
    /// Whether each partner but the coordinator has to confirm its part before the submission.
    #[serde(default)]
    pub partners_confirm: bool,
    /// Whether a full proposal has to meet the conditions of its invitation before it can be submitted; else each that
    /// it does not meet is a doubt.
    #[serde(default)]
    pub conditions_bind: bool,
}

fn three_years() -> u32 {
    36
}

fn two_weeks() -> u32 {
    14
}

impl Rules {
    /// The usual shape of a call of ERA PerMed and EP PerMed: two stages, 3 to 6 partners at the
    /// first and a seventh at the second, a virtual common pot with gaps.
    pub fn default_two_stage() -> Self {
        let text = |key: &str, title: &str, max_characters| TextSection {
            max_characters: Some(max_characters),
            ..TextSection::required(key, title)
        };
        let stage = |kind, partners_max, texts| StageRules {
            kind,
            consortium: ConsortiumRules {
                partners_max,
                ..ConsortiumRules::default()
            },
            texts,
            keywords: None,
            evaluation: EvaluationRules::default(),
            redress: RedressRules::default(),
            annexes: Vec::new(),
            partners_confirm: false,
            conditions_bind: false,
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
            decision: DecisionRules::default(),
            duration_months_max: three_years(),
            framework: Framework::default(),
            redress_days: two_weeks(),
            topics: Vec::new(),
            modules: Vec::new(),
            questions: Vec::new(),
            module_rule: None,
            module_rule_source: None,
        }
    }

    /// Days within which redress may be asked for after the letters of a stage.
    pub fn redress_days(&self, stage: &StageRules) -> u32 {
        stage.redress.days.unwrap_or(self.redress_days)
    }

    /// The names that the rule over modules and the funders' terms may use.
    pub fn words(&self) -> Vocabulary<'_> {
        Vocabulary {
            modules: &self.modules,
            questions: &self.questions,
        }
    }

    /// Checks a proposal's choice of modules, with the questions it answers with yes, and that it stands in one
    /// topic where topics are ranked.
    pub fn check_modules(&self, chosen: &BTreeSet<String>) -> Vec<Finding> {
        let source = self.module_rule_source.as_deref();
        let mut found = match &self.module_rule {
            Some(rule) => rule.check(chosen, self.words(), source),
            None => self.words().unknown(chosen),
        };
        found.extend(self.check_topic(chosen));
        found
    }

    /// All that is wrong or doubtful with a funder's terms in this call, with pointers from their root.
    pub fn check_terms(&self, terms: &Terms) -> Vec<Finding> {
        let mut found = terms.validate(self.funding.currency, self.words(), self.stages.len());
        if terms.eu_money && self.funding.eu.is_none() {
            found.push(Finding::fault(
                "/eu_money",
                "eu_money",
                "the funder receives EU money, and the call has none",
                "give rules.funding.eu, or take the mark away",
            ));
        }
        found
    }

    /// All faults of the rules, found at drafting so that no proposal meets them later.
    pub fn check(&self) -> Faults {
        kernel::faults(self.validate())
    }

    /// All faults and doubts of the rules, with pointers from their root.
    pub fn validate(&self) -> Vec<Finding> {
        let mut found = self.validate_stages();
        let mut require = |holds: bool, pointer: &str, code: &str, what: String, allowed: &str| {
            if !holds {
                found.push(Finding::fault(pointer, code, what, allowed));
            }
        };
        require(
            (1..=120).contains(&self.duration_months_max),
            "/duration_months_max",
            "duration",
            format!("{} months", self.duration_months_max),
            "a project lasts 1 to 120 months",
        );
        require(
            (1..=90).contains(&self.redress_days),
            "/redress_days",
            "redress_days",
            format!("{} days", self.redress_days),
            "the window for redress lasts 1 to 90 days; 5 to 30 are usual",
        );
        let funding = self.funding.validate().into_iter();
        found.extend(funding.map(|finding| finding.below("/funding")));
        let decision = self.decision.validate().into_iter();
        found.extend(decision.map(|finding| finding.below("/decision")));
        found.extend(self.words().validate());
        if let Some(rule) = &self.module_rule {
            found.extend(rule.validate(self.words()));
        }
        self.validate_parts(&mut found);
        self.validate_topics(&mut found);
        found
    }

    fn validate_stages(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let kinds: Vec<StageKind> = self.stages.iter().map(|stage| stage.kind).collect();
        if !matches!(
            kinds[..],
            [StageKind::FullProposal] | [StageKind::PreProposal, StageKind::FullProposal]
        ) {
            found.push(Finding::fault(
                "/stages",
                "stages",
                format!("{} stages", kinds.len()),
                "a call has one stage (full_proposal) or two (pre_proposal, then full_proposal)",
            ));
        }
        for (index, stage) in self.stages.iter().enumerate() {
            let pointer = format!("/stages/{index}");
            let consortium = stage.consortium.validate().into_iter();
            found.extend(consortium.map(|f| f.below(&format!("{pointer}/consortium"))));
            let form = form::validate(stage, self.words()).into_iter();
            found.extend(form.map(|f| f.below(&pointer)));
            let evaluation = stage.evaluation.validate().into_iter();
            found.extend(evaluation.map(|f| f.below(&format!("{pointer}/evaluation"))));
            let redress = stage.redress.validate().into_iter();
            found.extend(redress.map(|f| f.below(&format!("{pointer}/redress"))));
            let ethics = stage.evaluation.validate_ethics(self.words()).into_iter();
            found.extend(ethics.map(|f| f.below(&format!("{pointer}/evaluation"))));
            let annexes = crate::annex::validate(&stage.annexes).into_iter();
            found.extend(annexes.map(|f| f.below(&format!("{pointer}/annexes"))));
        }
        found
    }

    /// What is wrong with topics and modules as parts of the call: keys, and shares of its money.
    fn validate_parts(&self, found: &mut Vec<Finding>) {
        let mut keys = HashSet::new();
        for (at, topic) in self.topics.iter().enumerate() {
            if topic.key.is_empty() || !keys.insert(&topic.key) {
                found.push(Finding::fault(
                    format!("/topics/{at}/key"),
                    "key",
                    format!("'{}' is empty or stands in an earlier topic", topic.key),
                    "each topic has a key of its own",
                ));
            }
        }
        let topics = self.topics.iter().map(|topic| (topic.share, &topic.serves));
        let modules = self
            .modules
            .iter()
            .map(|module| (module.share, &module.serves));
        for (name, parts) in [
            ("topics", topics.collect::<Vec<_>>()),
            ("modules", modules.collect()),
        ] {
            for (at, (_, serves)) in parts.iter().enumerate() {
                for (mapping, finding) in mappings(serves) {
                    found.push(finding.below(&format!("/{name}/{at}/serves/{mapping}")));
                }
            }
            let given: Vec<Percent> = parts.iter().filter_map(|(share, _)| *share).collect();
            let sum: i64 = given.iter().map(|share| i64::from(share.0)).sum();
            let whole =
                sum == i64::from(Percent::WHOLE.0) && given.iter().all(|share| share.is_part());
            if !given.is_empty() && !whole {
                found.push(Finding::fault(
                    format!("/{name}"),
                    "shares_sum",
                    format!("the shares of {} {name} are given", given.len()),
                    "give none for equal ones, or shares that add up to exactly 100",
                ));
            }
        }
    }
}

fn mappings(serves: &[Mapping]) -> impl Iterator<Item = (usize, Finding)> {
    let each = serves.iter().enumerate();
    each.flat_map(|(at, mapping)| {
        mapping
            .validate()
            .into_iter()
            .map(move |finding| (at, finding))
    })
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
        stage.evaluation.criteria[2].parts = vec![crate::SubCriterion {
            key: String::new(),
            title: "Team".to_owned(),
        }];
        stage.evaluation.rebuttal = Some(crate::RebuttalRules {
            days: 0,
            max_characters: Some(6_000),
            max_words: None,
            limit_of: crate::LimitOf::WholeReply,
        });
        stage.evaluation.recommended_from = Some(Score(1501));
        stage.evaluation.criteria[0].max_words = Some(0);
        stage.evaluation.ethics_questions = vec!["animals".to_owned()];
        stage.evaluation.conflicts.years = 51;
        stage.evaluation.conflicts.named_max = 21;
        stage.evaluation.affinity = crate::AffinityWeights {
            keywords: 0,
            modules: 0,
            text: 0,
        };
        stage.evaluation.disagreement.apart = Percent(0);
        stage.evaluation.disagreement.leaning = Percent(10_001);
        rules.decision.written_days = 0;
        rules.module_rule = Some("RA1 and RA2".parse().unwrap());
        rules.topics = vec![Topic {
            key: "t".to_owned(),
            title: "Topic".to_owned(),
            share: Some(Percent(9_999)),
            serves: vec![Mapping {
                agenda: String::new(),
                items: Vec::new(),
            }],
        }];
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
                "/stages/0/evaluation/criteria/0/max_words",
                "/stages/0/evaluation/criteria/2/threshold",
                "/stages/0/evaluation/criteria/2/parts/0",
                "/stages/0/evaluation/threshold_total",
                "/stages/0/evaluation/recommended_from",
                "/stages/0/evaluation/rebuttal/days",
                "/stages/0/evaluation/conflicts/years",
                "/stages/0/evaluation/conflicts/named_max",
                "/stages/0/evaluation/affinity",
                "/stages/0/evaluation/disagreement/apart",
                "/stages/0/evaluation/disagreement/leaning",
                "/stages/0/evaluation/ethics_questions/0",
                "/stages/0/evaluation/ethics_questions",
                "/redress_days",
                "/decision/written_days",
                "/module_rule",
                "/module_rule",
                "/topics/0/serves/0/agenda",
                "/topics/0/serves/0/items",
                "/topics",
            ]
        );
    }
}
