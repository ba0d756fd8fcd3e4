//! Who is invited, who is funded, and the letters.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};

use super::Play;
use super::calls::Call;
use super::people::{Cast, all};
use super::report::Figures;

/// How many proposals are eligible, and what they ask for.
pub struct Eligible {
    pub count: usize,
    pub requested: String,
}

/// Requested against committed, as the eligible proposals of a stage stand.
pub async fn balance(cast: &Cast, call: &Call, stage: usize) -> Result<Eligible> {
    let path = format!("{}/stages/{stage}", call.path);
    let balance = cast.secretariat.get(&format!("{path}/balance")).await?;
    let consensus = cast.secretariat.get(&format!("{path}/consensus")).await?;
    Ok(Eligible {
        count: consensus.list("/items")?.len(),
        requested: balance.text("/total/requested")?,
    })
}

/// The best of the ranking list are invited to the full stage, and every coordinator hears at once.
pub async fn invite(play: &Play, cast: &Cast, call: &Call) -> Result<Vec<String>> {
    let step = play.steps.begin("Invitations decided, letters released", 2);
    let office = &cast.secretariat;
    let stage = format!("{}/stages/1", call.path);
    let ranking = office
        .get(&format!("{stage}/ranking"))
        .await?
        .list("/entries")?;
    let invited: Vec<Value> = ranking
        .iter()
        .take(play.shape.invited)
        .map(|entry| {
            let proposal = entry["proposal"].as_str().unwrap_or_default();
            // That an ineligible partner goes is a condition that its verdict makes by itself.
            json!({ "proposal": proposal })
        })
        .collect();
    let body = json!({
        "invited": invited,
        "reason": "Decided by the steering committee: the best of the list, as far as the money may reach",
    });
    office.post(&format!("{stage}/invitations"), &body).await?;
    step.one();
    release(cast, call, 1).await?;
    step.end();
    Ok(invited
        .iter()
        .filter_map(|one| one["proposal"].as_str().map(str::to_owned))
        .collect())
}

async fn release(cast: &Cast, call: &Call, stage: usize) -> Result<()> {
    let letters = format!("{}/stages/{stage}/letters", call.path);
    cast.secretariat
        .act(&letters, &format!("{letters}/release"), &json!({}))
        .await?;
    Ok(())
}

/// Selection down the ranking, the committee's decision, the funders' own, and the letters.
pub async fn decide(
    play: &Play,
    cast: &Cast,
    call: &Call,
    eligible: super::selection::Eligible,
    invited: usize,
) -> Result<Figures> {
    let step = play
        .steps
        .begin("Selection, decision, funders' answers", call.officers.len());
    let office = &cast.secretariat;
    let proposed = office
        .post(&format!("{}/selection", call.path), &json!({}))
        .await?;
    let id = proposed.text("/id")?;
    let path = format!("/selections/{id}");
    let members = office
        .get(&format!("{}/funders", call.path))
        .await?
        .list("/items")?;
    let members: Vec<&Value> = members.iter().map(|one| &one["organisation"]).collect();
    let votes: Vec<Value> = members
        .iter()
        .map(|member| json!({ "member": member, "vote": "for" }))
        .collect();
    let minutes = json!({
        "procedure": "meeting", "attendance": members, "votes": votes,
        "minutes": "The committee follows the ranking list (rehearsal).",
        "tie_reason": "Of equally good choices the committee takes the first in the order of their numbers",
    });
    office
        .act(&path, &format!("{path}/adopt"), &minutes)
        .await?;
    let chair = &call.csc_chair;
    let confirmed = chair
        .act(&path, &format!("{path}/confirm"), &json!({}))
        .await?;
    let lines = confirmed.list("/lines")?;
    all(play, &lines, |line| {
        let path = &path;
        let step = &step;
        async move {
            let key = line["organisation"].as_str().context("no organisation")?;
            let at = cast.funders.iter().position(|funder| funder.key == key);
            let officer = &call.officers[at.context("an unknown funder")?];
            let of = format!("{path}/lines/{key}");
            officer
                .act(&of, &format!("{of}/accept"), &json!({}))
                .await?;
            step.one();
            Ok(())
        }
    })
    .await?;
    step.end();
    let step = play.steps.begin("Letters to all coordinators", 1);
    release(cast, call, 2).await?;
    step.end();
    let selection = office.get(&path).await?;
    let outlook = office
        .get(&format!("{}/selection/outlook", call.path))
        .await?;
    let nobody = play.api.anonymous();
    let funded = nobody
        .try_send(Method::GET, &format!("{}/funded", call.path), None, None)
        .await?;
    let ranking = office
        .get(&format!("{}/stages/2/ranking", call.path))
        .await?;
    Ok(Figures {
        eligible: eligible.count,
        requested: eligible.requested,
        invited,
        funded: funded.list("/items")?,
        awarded: funded.text("/total")?,
        ranking: ranking.list("/entries")?,
        selection: selection.json,
        outlook: outlook.list("/explanation")?,
    })
}
