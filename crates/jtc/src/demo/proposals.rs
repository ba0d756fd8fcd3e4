//! Consortia submit, funders judge.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::Play;
use super::api::Person;
use super::calls::{Call, shorten, wait_for};
use super::people::{Cast, all, at_once, sign_up};

/// A submitted proposal with its coordinator.
pub struct Consortium {
    /// The coordinator.
    pub coordinator: Person,
    /// Id of the proposal.
    pub proposal: String,
    /// Number in the rehearsal, from 0.
    pub index: usize,
}

async fn submit(play: &Play, coordinator: &Person, proposal: &str, etag: &str) -> Result<()> {
    let path = format!("/proposals/{proposal}/submit");
    let answer = coordinator
        .try_send(Method::POST, &path, Some(etag), None)
        .await?;
    ensure!(
        answer.status == 200,
        "{path} answered {}: {}",
        answer.status,
        answer.json
    );
    answer.text("/receipt/signature")?;
    play.keep_receipt(&answer.json["receipt"])
}

/// Sign-ups, drafts and submissions; one comes late, one is withdrawn, some are never submitted.
pub async fn submit_pre_proposals(
    play: &Play,
    cast: &Cast,
    call: &Call,
) -> Result<Vec<Consortium>> {
    let shape = &play.shape;
    let count = shape.submitted + shape.never_submitted;
    let step = play.steps.begin("Coordinators sign up by mail", count);
    // Who signs up waits for mails, twice, and not for the server.
    let many = 4 * play.shape.parallel;
    let coordinators = at_once(many, 0..count, |index| {
        let step = &step;
        async move {
            let person = sign_up(play, index).await?;
            step.one();
            Ok(person)
        }
    })
    .await?;
    step.end();
    let step = play
        .steps
        .begin("Pre-proposals drafted and submitted", count);
    let consortia = all(
        play,
        coordinators.into_iter().enumerate(),
        |(index, coordinator)| {
            let step = &step;
            async move {
                let content = play
                    .invention()
                    .proposal(index, &cast.funders, &call.sections[0]);
                let path = format!("{}/proposals", call.path);
                let draft = coordinator
                    .post(&path, &json!({ "content": content }))
                    .await?;
                let proposal = draft.text("/id")?;
                if index < shape.submitted {
                    submit(play, &coordinator, &proposal, &draft.etag).await?;
                }
                step.one();
                Ok((
                    Consortium {
                        coordinator,
                        proposal,
                        index,
                    },
                    draft.etag,
                ))
            }
        },
    )
    .await?;
    step.end();
    let step = play.steps.begin("Deadline of the pre-proposals", 1);
    let withdrawn = &consortia[shape.submitted / 2].0;
    let path = format!("/proposals/{}", withdrawn.proposal);
    let reason = json!({"reason": "The coordinator moves to another institute (rehearsal)"});
    withdrawn
        .coordinator
        .act(&path, &format!("{path}/withdraw"), &reason)
        .await?;
    shorten(cast, call, 1).await?;
    wait_for(cast, call, 1, "checking").await?;
    // One of the drafts is submitted a moment after the deadline, and is refused.
    let (late, etag) = consortia.last().context("no draft")?;
    let path = format!("/proposals/{}/submit", late.proposal);
    let refused = late
        .coordinator
        .try_send(Method::POST, &path, Some(etag), None)
        .await?;
    ensure!(
        refused.status == 409 && refused.json["code"] == "deadline_passed",
        "a late proposal was not refused: {} {}",
        refused.status,
        refused.json
    );
    step.end();
    let withdrawn = withdrawn.proposal.clone();
    Ok(consortia
        .into_iter()
        .map(|(consortium, _)| consortium)
        .filter(|consortium| consortium.index < shape.submitted && consortium.proposal != withdrawn)
        .collect())
}

/// The formal check and every funder's verdict on its own applicants.
pub async fn judge(
    play: &Play,
    cast: &Cast,
    call: &Call,
    stage: usize,
    consortia: &[Consortium],
) -> Result<()> {
    let name = format!("Eligibility of stage {stage}");
    let step = play.steps.begin(&name, call.officers.len() + 1);
    let path = format!("{}/stages/{stage}/eligibility", call.path);
    let matrix = matrix(&cast.secretariat, &path).await?;
    // One coordinator is not eligible, one other partner neither (it will be replaced), some forms fail.
    let ineligible = if stage == 1 { play.shape.ineligible } else { 0 };
    let number = |index: usize| consortia.get(index * 7).map(|one| one.proposal.clone());
    let bad_form: Vec<String> = (2..=ineligible).filter_map(number).collect();
    let bad_coordinator = (ineligible > 0).then(|| number(0)).flatten();
    let bad_partner = (ineligible > 0).then(|| number(1)).flatten();
    let mut formal = Vec::new();
    let mut by_funder: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in &matrix {
        let proposal = row["proposal"].as_str().unwrap_or_default();
        let bad = bad_form.iter().any(|one| one == proposal);
        formal.push(json!({"proposal": proposal, "ruling": if bad {
            json!({"verdict": "ineligible", "reason": "The description is not in English (rehearsal)"})
        } else {
            json!({"verdict": "eligible"})
        }}));
        for (position, partner) in row["partners"].as_array().into_iter().flatten().enumerate() {
            let refuse = (position == 0 && bad_coordinator.as_deref() == Some(proposal))
                || (position == 3 && bad_partner.as_deref() == Some(proposal));
            let ruling = if refuse {
                json!({"verdict": "ineligible", "rule": "type of institution",
                    "reason": "The institute may not receive our funds (rehearsal)"})
            } else {
                json!({"verdict": "eligible", "fundable": partner["requested"]})
            };
            let funder = partner["funder"].as_str().unwrap_or_default().to_owned();
            by_funder.entry(funder).or_default().push(json!({
                "proposal": proposal, "partner": partner["partner"], "ruling": ruling}));
        }
    }
    cast.secretariat
        .post(&path, &json!({ "rulings": formal }))
        .await?;
    step.one();
    for (funder, officer) in cast.funders.iter().zip(&call.officers) {
        for some in by_funder
            .get(&funder.key)
            .into_iter()
            .flat_map(|all| all.chunks(400))
        {
            officer.post(&path, &json!({ "rulings": some })).await?;
        }
        step.one();
    }
    step.end();
    Ok(())
}

async fn matrix(reader: &Person, path: &str) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    let mut query = format!("{path}?limit=200");
    loop {
        let page = reader.get(&query).await?;
        rows.extend(page.list("/items")?);
        match page.json["next"].as_str() {
            Some(next) => query = format!("{path}?limit=200&cursor={next}"),
            None => return Ok(rows),
        }
    }
}

/// The invited consortia write their full proposals; the one whose partner was refused replaces it.
pub async fn submit_full_proposals(
    play: &Play,
    cast: &Cast,
    call: &Call,
    consortia: &[Consortium],
) -> Result<()> {
    wait_for(cast, call, 2, "open").await?;
    let step = play
        .steps
        .begin("Full proposals written and submitted", consortia.len());
    all(play, consortia, |consortium| {
        let step = &step;
        async move {
            let path = format!("/proposals/{}", consortium.proposal);
            let now = consortium.coordinator.get(&path).await?;
            let stages = now.list("/stages")?;
            let mut content = stages.last().context("no stage")?["content"].clone();
            let fresh =
                play.invention()
                    .proposal(consortium.index, &cast.funders, &call.sections[1]);
            replace_refused(play, cast, consortium, &mut content).await?;
            let patch = json!({"texts": fresh["texts"], "partners": content["partners"]});
            let saved = consortium
                .coordinator
                .patch(&path, &now.etag, &patch)
                .await?;
            submit(
                play,
                &consortium.coordinator,
                &consortium.proposal,
                &saved.etag,
            )
            .await?;
            step.one();
            Ok(())
        }
    })
    .await?;
    step.end();
    let step = play.steps.begin("Deadline of the full proposals", 1);
    shorten(cast, call, 2).await?;
    wait_for(cast, call, 2, "checking").await?;
    step.end();
    Ok(())
}

/// Where a letter says that a partner must be replaced, another institute of the same country steps in.
async fn replace_refused(
    play: &Play,
    cast: &Cast,
    consortium: &Consortium,
    content: &mut Value,
) -> Result<()> {
    let path = format!("/proposals/{}/letters", consortium.proposal);
    let letters = consortium.coordinator.get(&path).await?.list("/items")?;
    if letters
        .iter()
        .all(|letter| letter["outcome"] != "invited_with_conditions")
    {
        return Ok(());
    }
    let partner = &mut content["partners"][3];
    let funder = partner["funding"]["funder"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let funder = cast
        .funders
        .iter()
        .find(|one| one.key == funder)
        .context("an unknown funder")?;
    let mut other = play
        .invention()
        .partner(9_000 + consortium.index, false, funder);
    other["budget"] = partner["budget"].clone();
    *partner = other;
    Ok(())
}
