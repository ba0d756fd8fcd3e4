#![doc = include_str!("../README.md")]

mod action;
mod actor;
mod decide;
mod notice;
mod policy;

pub use action::{Action, Scope};
pub use actor::{Actor, Grant, Job, Person, Role, Worn, at_desk};
pub use decide::{Denied, Object, Permit, decide, sees, worn};
pub use notice::Notice;
pub use policy::{allowed, visible};
