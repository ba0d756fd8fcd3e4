//! Calls: drafting, mapping to action items, funders and their commitments, opening, deadlines.

mod breakage;
mod check;
mod copy;
mod deadline;
mod document;
mod draft;
mod file;
mod funders;
mod join;
mod judging;
mod mapping;
mod pledge;
mod progress;
mod question;
mod read;
mod terms;
mod topic_money;
mod version;

use call::{Calendar, Milestone, StageDates};
use chrono::{DateTime, Utc};
use kernel::{Amount, Deadline, Faults};
use serde::{Deserialize, Serialize};
use store::call::{self as rows, StageRow};
use store::view::call::{self as view, CallView};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Problem, Tx};

pub use check::{CallCheck, check_call};
pub use copy::{CopyInput, copy_call};
pub use deadline::{NewDeadline, extend_stage, shorten_stage};
pub use document::{
    DocumentFile, DocumentHeading, SentFile, put_document, read_document, remove_document,
};
pub use draft::{CallInput, StageInput, draft_call, edit_call};
pub use file::{call_file, export_call_file, import_call_file};
pub use funders::{FunderInput, Funders, Leaving, add_funder, list_funders, remove_funder};
pub(crate) use funders::{funders, lock_funder};
pub use join::{JoinInput, JoinRequests, ask_to_join, decline_join_request, list_join_requests};
pub use mapping::{MappingInput, MappingItem, map_call};
pub(crate) use mapping::{Shares, deed, shares};
pub(crate) use pledge::freeze;
pub use pledge::{PledgeInput, pledge_commitment};
pub use progress::{
    Memorandum, approve_call, cancel_call, open_call, pre_announce_call, prepare_call,
};
pub use question::{
    AnswerInput, QuestionInput, Questions, answer_question, ask_question, list_questions,
};
pub(crate) use read::visible;
pub use read::{Calls, by_code, list_calls, published, read_call};
pub use terms::{AnnexPart, NationalAnnex, TermsInput, national_annex, set_terms};
pub use version::{
    Amendment, Changes, Difference, Latest, VersionView, amend_call, dates, latest, list_changes,
    read_version,
};

/// A reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Why, for everybody concerned.
    pub reason: String,
}

/// A reason that says something.
pub(crate) fn given(reason: &str) -> Result<&str, Problem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Problem::invalid("/reason", "required", "say why"));
    }
    Ok(reason)
}

/// Refuses an amount of nothing: it is above 0, or left out.
pub(crate) fn amount_above_nothing(amount: Option<Amount>, pointer: &str, faults: &mut Faults) {
    faults.require(
        amount.is_none_or(|amount| amount > Amount::ZERO),
        pointer,
        "out_of_range",
        "give an amount above 0, or leave it out",
    );
}

/// Notes what is wrong with the words and the year a call begins with.
fn check_heading(words: &[(&str, &str)], year: i32, faults: &mut Faults) {
    for (pointer, text) in words {
        faults.require(
            !text.trim().is_empty(),
            *pointer,
            "required",
            "give at least one character",
        );
    }
    faults.require(
        (2000..=2100).contains(&year),
        "/year",
        "out_of_range",
        "give a year from 2000 to 2100",
    );
}

/// The calendar of stages and milestones as the rules read it.
fn calendar<'a>(
    stages: impl Iterator<Item = (Option<DateTime<Utc>>, &'a Deadline)>,
    milestones: Vec<Milestone>,
) -> Calendar {
    let dates = |(opens_at, deadline): (Option<DateTime<Utc>>, &Deadline)| StageDates {
        opens_at,
        deadline: deadline.clone(),
    };
    Calendar {
        stages: stages.map(dates).collect(),
        milestones,
    }
}

/// The calendar of a stored call.
fn calendar_of(stages: &[StageRow], milestones: Vec<Milestone>) -> Result<Calendar, Problem> {
    let deadlines: Vec<Deadline> = stages
        .iter()
        .map(StageRow::deadline)
        .collect::<Result<_, _>>()?;
    let dates = stages.iter().map(|stage| stage.opens_at).zip(&deadlines);
    Ok(calendar(dates, milestones))
}

async fn refreshed(tx: &mut Tx, id: Uuid) -> Result<CallView, Problem> {
    let row = rows::find(tx.conn(), id).await?;
    let insider = !row.is_published() || tx.wears_a_role(&row.object());
    Ok(view::call_view(tx.conn(), &row, insider).await?)
}
