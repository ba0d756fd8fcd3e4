#![doc = include_str!("../README.md")]

mod agenda;
mod calendar;
mod consortium;
mod evaluation;
mod lifecycle;
mod mapping;
mod organisation;
mod rules;
mod score;
mod table;

pub use agenda::{
    ActionItem, AgendaExpectation, Part, Scope, TimeFrame, check_agenda, parse_action_items,
};
pub use calendar::{CalendarCheck, check_calendar, check_extension, check_shortening};
pub use consortium::ConsortiumRules;
pub use evaluation::{Criterion, EvaluationRules};
pub use lifecycle::{CALL, CallEvent, CallState, STAGE, StageEvent, StageState};
pub use mapping::{WHOLE, check_mapping, equal_shares};
pub use organisation::{
    ListedOrganisation, Membership, MembershipExpectation, Organisation, parse_organisations,
};
pub use rules::{FundingRules, RankingRule, Rules, StageKind, StageRules, TextSection};
pub use score::{NotAScore, Score};
