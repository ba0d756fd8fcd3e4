#![doc = include_str!("../README.md")]

mod agenda;
mod annex;
mod calendar;
mod consortium;
mod coverage;
mod decision;
mod document;
mod evaluation;
mod file;
mod form;
mod funding;
mod lifecycle;
mod mapping;
mod module_rule;
mod modules;
mod organisation;
mod percent;
mod redress;
mod rules;
mod scope;
mod score;
pub mod table;
pub mod terms;
mod topics;

pub use agenda::{
    ActionItem, AgendaExpectation, Part, Scope, TimeFrame, check_agenda, parse_action_items,
};
pub use annex::{AnnexKind, AnnexSlot};
pub use calendar::{
    Calendar, Milestone, MilestoneKind, StageDates, check_extension, check_shortening,
};
pub use consortium::{
    AddedPartner, Change, ChangeRules, Consortium, ConsortiumRules, Counted, Member, Sector,
    SectorRule, Trigger,
};
pub use coverage::{
    Basis, Coverage, CoveredCall, CoveredProject, FunderSum, ItemCoverage, MemberItem,
    MemberReport, TakenUp, coverage, member_report,
};
pub use decision::DecisionRules;
pub use document::{DocumentFormat, DocumentKind, LARGEST_DOCUMENT, check_document};
pub use evaluation::{
    AffinityWeights, ConflictRules, Criterion, DisagreementRules, EthicsStep, EvaluationRules,
    LimitOf, NameRules, RankingLists, RebuttalRules, SubCriterion,
};
pub use file::{CallFile, KnownDoubt, Located, Standing, check_file, locate};
pub use form::{KeywordCount, TextSection};
pub use funding::{
    BalancingPolicy, CommitmentRules, EuBase, EuMoney, EuShare, FirstStageLimit, FreezeRule,
    FundingRules, RankingRule, TieBreak, TopicMoney,
};
pub use lifecycle::{CALL, CallEvent, CallState, STAGE, StageEvent, StageState};
pub use mapping::{ItemShare, Mapping, WHOLE, Weights, apportion, check_mapping, equal_shares};
pub use module_rule::{Expression, ModuleRule, NotARule};
pub use modules::{Module, Question, Topic, Vocabulary};
pub use organisation::{
    ListedOrganisation, Membership, MembershipExpectation, Organisation, kept_ror,
    parse_organisations,
};
pub use percent::{NotAPercent, NotARate, Percent, Rate};
pub use redress::{
    ProcedurePart, RedressGround, RedressRules, redress_closes_at, redress_last_day,
};
pub use rules::{Framework, Rules, StageKind, StageRules};
pub use scope::{in_europe, scope_doubts};
pub use score::{NotAScore, Score};
pub use terms::{Participation, Terms};
