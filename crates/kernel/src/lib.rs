#![doc = include_str!("../README.md")]

mod country;
mod deadline;
pub mod decimal;
mod fault;
mod finding;
pub mod id;
pub mod identifiers;
mod lifecycle;
mod money;
mod problem;
mod sheet;

pub use country::{Country, CountryGroup, NotACountry};
pub use deadline::{Deadline, DeadlineFault};
pub use fault::{Fault, Faults, no_text, token};
pub use finding::{Finding, Severity, faults};
pub use lifecycle::{LifeCycle, Refused};
pub use money::{Amount, Currency, Money, MoneyFault};
pub use problem::Code;
pub use sheet::{Cell, Sheet};
