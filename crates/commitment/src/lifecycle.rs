use kernel::LifeCycle;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Where a selection stands.
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
pub enum SelectionState {
    /// The secretariat proposes it.
    Proposed,
    /// The call steering committee has adopted it.
    Adopted,
    /// Its chair has confirmed it; the funders answer for their lines.
    Confirmed,
    /// All funders have accepted.
    Final,
    /// Another selection took its place.
    Amended,
}

/// What happens to a selection.
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
pub enum SelectionEvent {
    /// The committee adopts it: attendance, votes and minutes are recorded.
    Adopt,
    /// The committee's chair confirms it.
    Confirm,
    /// The last funder has accepted its line.
    Finalise,
    /// A withdrawal, a refusal or more money leads to another selection.
    Amend,
}

/// The life cycle of a selection. Until it is final it gives way to the next one proposed, which then
/// goes the whole way: nobody's vote carries over, and a funder's acceptance only to an amendment that asks it for the
/// same. A final one stays in force until the one that amends it is final, and gives way at that moment.
pub static SELECTION: LifeCycle<SelectionState, SelectionEvent> = {
    use SelectionEvent as E;
    use SelectionState as S;
    LifeCycle {
        name: "selection",
        start: S::Proposed,
        rows: &[
            (S::Proposed, E::Adopt, S::Adopted),
            (S::Adopted, E::Confirm, S::Confirmed),
            (S::Confirmed, E::Finalise, S::Final),
            (S::Proposed, E::Amend, S::Amended),
            (S::Adopted, E::Amend, S::Amended),
            (S::Confirmed, E::Amend, S::Amended),
            (S::Final, E::Amend, S::Amended),
        ],
    }
};

/// A funder's answer for its line of a selection: all that it is to pay.
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
pub enum LineState {
    /// Not yet answered.
    Open,
    /// The funder commits itself to the availability of the funds.
    Accepted,
    /// The funder does not pay.
    Refused,
}

/// What a funder does with a line.
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
pub enum LineEvent {
    /// It accepts.
    Accept,
    /// It refuses, with a reason.
    Refuse,
}

/// The life cycle of a line. An answer is given once; what changes later is a new selection.
pub static LINE: LifeCycle<LineState, LineEvent> = {
    use LineEvent as E;
    use LineState as S;
    LifeCycle {
        name: "selection line",
        start: S::Open,
        rows: &[
            (S::Open, E::Accept, S::Accepted),
            (S::Open, E::Refuse, S::Refused),
        ],
    }
};
