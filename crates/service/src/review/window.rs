//! The window in which the applicants of a stage reply to the reviews: opened when the last review is released, and
//! over before the panel agrees on anything.

use std::collections::BTreeSet;

use ::review::ReviewState;
use ::review::rebuttal::Window;
use access::Permit;
use call::{EvaluationRules, STAGE, StageEvent, StageState};
use chrono::{DateTime, Utc};
use serde_json::json;
use store::call::{self as calls, CallRow, StageRow};
use store::intake::{self as proposals, Contact};
use store::outcome::{self, Standing};
use store::review::rebuttal::{self as rows, RebuttalRow};
use store::review::{facts, review as reviews};
use uuid::Uuid;

use super::{call_words, evaluation, stage_words};
use crate::{Problem, Tx};

/// An instant as letters say it.
pub(super) fn until(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// Opens the window of a stage whose rules have one, once every review in it is released. All proposals have the
/// same window, so that its times say nothing of a single review. The caller has locked the stage.
pub(super) async fn open_when_complete(
    tx: &mut Tx,
    permit: &Permit,
    stage: &StageRow,
) -> Result<Option<Window>, Problem> {
    let call = calls::find(tx.conn(), stage.call_id).await?;
    let Some(rules) = evaluation(&call, stage.number)?.rebuttal else {
        return Ok(None);
    };
    if stage.state()? != StageState::Reviewing {
        return Ok(None);
    }
    let standings: Vec<Standing> = outcome::standings(tx.conn(), stage.id)
        .await?
        .into_iter()
        .filter(|standing| facts::takes_part(standing.state))
        .collect();
    if standings.is_empty() || !all_released(tx, stage.id, &standings).await? {
        return Ok(None);
    }
    let window = Window::of(&rules, tx.now().await?);
    let mut opened = Vec::new();
    for standing in &standings {
        opened.push(RebuttalRow::opened(
            stage.call_id,
            standing.proposal_stage,
            window,
        )?);
    }
    rows::open(tx.conn(), permit, &opened).await?;
    let next = STAGE.apply(stage.state()?, StageEvent::OpenRebuttal)?;
    calls::set_stage_state(tx.conn(), permit, stage, next).await?;
    let concerned: Vec<_> = standings
        .into_iter()
        .map(|one| (one.proposal, one.number, one.coordinator))
        .collect();
    tell(tx, &call, stage, &concerned, window.closes).await?;
    Ok(Some(window))
}

/// Whether each proposal that takes part has a released review, and none that is still to come.
async fn all_released(tx: &mut Tx, stage: Uuid, standings: &[Standing]) -> Result<bool, Problem> {
    let mut waiting: BTreeSet<Uuid> = standings.iter().map(|one| one.proposal).collect();
    let taking_part = waiting.clone();
    for place in reviews::places(tx.conn(), stage, None).await? {
        if !taking_part.contains(&place.proposal) {
            continue;
        }
        if place.state == ReviewState::Released {
            waiting.remove(&place.proposal);
        } else if place.state.holds_a_place() {
            return Ok(false);
        }
    }
    Ok(waiting.is_empty())
}

/// Whether no review of a proposal that takes part is still to be handed in or to be released.
pub(super) async fn nothing_to_come(tx: &mut Tx, stage: Uuid) -> Result<bool, Problem> {
    let taking_part = facts::taking_part(tx.conn(), stage).await?;
    let places = reviews::places(tx.conn(), stage, None).await?.into_iter();
    let mut open =
        places.filter(|place| place.state.holds_a_place() && place.state != ReviewState::Released);
    Ok(!open.any(|place| taking_part.contains(&place.proposal)))
}

/// Writes to the coordinators, given by proposal, number and account, that they may reply, and to the partners that
/// joined, who read the reviews with them.
pub(super) async fn tell(
    tx: &mut Tx,
    call: &CallRow,
    stage: &StageRow,
    concerned: &[(Uuid, String, Uuid)],
    closes: DateTime<Utc>,
) -> Result<(), Problem> {
    let public_url = tx.service.settings().public_url.clone();
    let letter = |to: &Contact, proposal: Uuid, number: &str| {
        json!({
            "name": to.name, "call": call_words(call), "stage": stage_words(stage),
            "proposal": number, "until": until(closes),
            "link": format!("{public_url}/proposals/{proposal}/rebuttal"),
        })
    };
    let ids: Vec<Uuid> = concerned.iter().map(|one| one.0).collect();
    let partners = proposals::partners_of(tx.conn(), &ids).await?;
    for (proposal, number, coordinator) in concerned {
        if let Some(to) = proposals::account(tx.conn(), *coordinator).await? {
            let letter = letter(&to, *proposal, number);
            tx.mail(Some(call), &to.email, "rebuttal_open", letter)
                .await?;
        }
        for (_, to) in partners.iter().filter(|one| one.0 == *proposal) {
            let letter = letter(to, *proposal, number);
            tx.mail(Some(call), &to.email, "reviews_released", letter)
                .await?;
        }
    }
    Ok(())
}

/// Whose replies something waits for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Awaited<'a> {
    /// Those of all applicants of the stage.
    All,
    /// Those to these proposals: time that others were given again holds up nothing else.
    Of(&'a [Uuid]),
    /// Those within the window that all applicants of the stage have.
    Common,
}

/// Refuses what the panel does before the applicants had their time to reply.
pub(super) async fn replies_are_in(
    tx: &mut Tx,
    stage: &StageRow,
    rules: &EvaluationRules,
    awaited: Awaited<'_>,
) -> Result<(), Problem> {
    let Some(rebuttal) = &rules.rebuttal else {
        return Ok(());
    };
    if stage.state()? == StageState::Reviewing {
        return Err(Problem::state(format!(
            "The applicants reply to the reviews first, within {} days: release all reviews of the stage, which \
             opens their window.",
            rebuttal.days
        )));
    }
    let now = tx.now().await?;
    let mut open = rows::closings(tx.conn(), stage.id).await?;
    open.retain(|one| now < one.closes_at);
    open.retain(|one| match awaited {
        Awaited::All => true,
        Awaited::Of(proposals) => proposals.contains(&one.proposal),
        Awaited::Common => one.reopened_at.is_none(),
    });
    if open.is_empty() {
        return Ok(());
    }
    // Nobody reads the reply to what is out of the evaluation.
    let taking_part = facts::taking_part(tx.conn(), stage.id).await?;
    open.retain(|one| taking_part.contains(&one.proposal));
    let Some(last) = open.iter().map(|one| one.closes_at).max() else {
        return Ok(());
    };
    let remedy = if open.iter().all(|one| one.reopened_at.is_some()) {
        " Time was given again; the secretariat may move its end (POST /proposals/{proposal}/rebuttal/reopen), and the \
         panel goes on with all others meanwhile."
    } else {
        ""
    };
    Err(Problem::state(format!(
        "The applicants may reply to the reviews until {}; the panel goes on after that.{remedy}",
        until(last)
    )))
}
