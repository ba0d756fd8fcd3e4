//! Experts are invited, declare their conflicts, review; the panel agrees and ranks.

use anyhow::{Context, Result, ensure};
use call::Score;
use reqwest::Method;
use serde_json::{Value, json};

use super::Play;
use super::api::Person;
use super::calls::Call;
use super::people::{Cast, all, redeem};

/// An expert at the own desk.
pub struct Reviewer {
    /// Logged in.
    pub person: Person,
    /// Id of the expert.
    pub expert: String,
    /// Number in the rehearsal.
    pub index: usize,
}

/// Nominates, approves and invites experts; one declines, the others sign.
pub async fn invite_experts(play: &Play, cast: &Cast, call: &Call) -> Result<Vec<Reviewer>> {
    let step = play
        .steps
        .begin("Experts nominated, invited, signed", play.shape.experts);
    let invented: Vec<_> = (0..play.shape.experts)
        .map(|index| play.invention().expert(index))
        .collect();
    let nominations: Vec<Value> = invented
        .iter()
        .map(|expert| {
            json!({"email": expert.email, "name": expert.name, "organisation": expert.organisation,
                "country": expert.country, "keywords": expert.keywords, "role": "remote_reviewer",
                "max_load": play.shape.most_reviews})
        })
        .collect();
    let experts = format!("{}/experts", call.path);
    cast.secretariat
        .post(&experts, &json!({ "experts": nominations }))
        .await?;
    call.csc_chair
        .post(&format!("{}/panel/approve", call.path), &json!({}))
        .await?;
    cast.secretariat
        .post(&format!("{experts}/invite"), &json!({}))
        .await?;
    let reviewers = all(play, invented.iter().enumerate(), |(index, expert)| {
        let step = &step;
        async move {
            let token = play.mailbox.token(&expert.email, "expert").await?;
            let person = redeem(play, &expert.email, &token).await?;
            let desks = person.get("/me/experts").await?.list("/items")?;
            let desk = desks.first().context("no desk")?;
            let id = desk["id"]
                .as_str()
                .or(desk["expert"].as_str())
                .context("no id")?
                .to_owned();
            let path = format!("/experts/{id}");
            step.one();
            if index == 0 {
                let body = json!({"reason": "On leave in that month (rehearsal)"});
                person.post(&format!("{path}/decline"), &body).await?;
                return Ok(None);
            }
            person
                .post(&format!("{path}/accept"), &json!({"confidentiality": true}))
                .await?;
            Ok(Some(Reviewer {
                person,
                expert: id,
                index,
            }))
        }
    })
    .await?;
    step.end();
    Ok(reviewers.into_iter().flatten().collect())
}

/// One stage's evaluation: declarations, assignment, reviews, consensus, ranking.
pub async fn evaluate(
    play: &Play,
    cast: &Cast,
    call: &Call,
    stage: usize,
    reviewers: &[Reviewer],
) -> Result<()> {
    let of = |name: &str| format!("{name} of stage {stage}");
    let step = play
        .steps
        .begin(&of("Conflicts declared and detected"), reviewers.len());
    all(play, reviewers, |reviewer| {
        let step = &step;
        async move {
            declare(reviewer, stage).await?;
            step.one();
            Ok(())
        }
    })
    .await?;
    let stage_path = format!("{}/stages/{stage}", call.path);
    let office = &cast.secretariat;
    office
        .post(&format!("{stage_path}/conflicts/detect"), &json!({}))
        .await?;
    step.end();
    let step = play.steps.begin(&of("Reviewers assigned"), 1);
    office
        .post(&format!("{stage_path}/assign"), &json!({}))
        .await?;
    step.end();
    write_reviews(play, call, stage, reviewers).await?;
    let step = play
        .steps
        .begin(&of("Release, panel, consensus and ranking"), 4);
    office
        .post(
            &format!("{stage_path}/reviews/release"),
            // Invented sentences happen to hold invented names.
            &json!({"despite_findings": true}),
        )
        .await?;
    step.one();
    convene(&stage_path, office).await?;
    step.one();
    agree(call, &stage_path, office, stage).await?;
    step.one();
    let ranking = format!("{stage_path}/ranking");
    call.panel_chair
        .act(&ranking, &format!("{ranking}/adopt"), &json!({}))
        .await?;
    step.end();
    Ok(())
}

/// Every tenth expert declares a conflict with the first proposal on the list.
async fn declare(reviewer: &Reviewer, stage: usize) -> Result<()> {
    let path = format!("/experts/{}/declaration", reviewer.expert);
    let list = reviewer
        .person
        .get(&format!("{path}?stage={stage}"))
        .await?;
    let proposals = list.list("/proposals")?;
    let first = proposals.get(reviewer.index % proposals.len().max(1));
    let conflicts: Vec<Value> = first
        .filter(|_| reviewer.index.is_multiple_of(10))
        .map(|one| json!({"proposal": one["proposal"], "reason": "We worked together last year (rehearsal)"}))
        .into_iter()
        .collect();
    reviewer
        .person
        .put(&path, &list.etag, &json!({ "conflicts": conflicts }))
        .await?;
    Ok(())
}

async fn write_reviews(
    play: &Play,
    call: &Call,
    stage: usize,
    reviewers: &[Reviewer],
) -> Result<()> {
    let per_expert = all(play, reviewers, |reviewer| async move {
        Ok((
            reviewer,
            reviewer.person.get("/me/reviews").await?.list("/items")?,
        ))
    })
    .await?;
    let waiting: Vec<(&Reviewer, Value)> = per_expert
        .into_iter()
        .flat_map(|(reviewer, reviews)| reviews.into_iter().map(move |review| (reviewer, review)))
        .filter(|(_, review)| review["state"] == "invited")
        .collect();
    ensure!(
        !waiting.is_empty(),
        "nobody has a review to write in {} stage {stage}",
        call.code
    );
    let step = play
        .steps
        .begin(&format!("Reviews of stage {stage} written"), waiting.len());
    all(play, waiting, |(reviewer, review)| {
        let step = &step;
        async move {
            let id = review["id"].as_str().context("no review")?.to_owned();
            let path = format!("/reviews/{id}");
            let number = review["number"]
                .as_str()
                .or(review["proposal_number"].as_str())
                .unwrap_or_default();
            let body = judgement(play, number, stage);
            let now = reviewer.person.get(&path).await?;
            let saved = reviewer.person.put(&path, &now.etag, &body).await?;
            let submitted = reviewer
                .person
                .try_send(
                    Method::POST,
                    &format!("{path}/submit"),
                    Some(&saved.etag),
                    None,
                )
                .await?;
            ensure!(submitted.status == 200, "{path}: {}", submitted.json);
            step.one();
            Ok(())
        }
    })
    .await?;
    step.end();
    Ok(())
}

/// Scores near the quality that the proposal's number stands for, so that its reviewers agree roughly.
fn judgement(play: &Play, number: &str, stage: usize) -> Value {
    let digits: u64 = number
        .rsplit('-')
        .next()
        .and_then(|end| end.parse().ok())
        .unwrap_or_default();
    let quality =
        super::invent::Invention::new(digits * 31 + 5).quality() + if stage == 2 { 8 } else { 0 };
    let mut invention = play.invention();
    let mut mark = |words: &str| {
        json!({"score": invention.score(quality),
            "comment": format!("{words} An invented sentence of a rehearsal.")})
    };
    json!({
        "scores": {
            "excellence": mark("The aims are clear."),
            "impact": mark("Patients would notice."),
            "implementation": mark("The work plan holds."),
        },
        "remark": "For the panel alone (rehearsal).",
    })
}

/// The panel is convened, to meet online in a week.
async fn convene(stage_path: &str, office: &Person) -> Result<()> {
    let path = format!("{stage_path}/panel");
    let now = office.get(&path).await?;
    let in_a_week = super::calls::now() + chrono::TimeDelta::days(7);
    let meeting = json!({ "meets_at": in_a_week, "online": true });
    office.put(&path, &now.etag, &meeting).await?;
    Ok(())
}

/// The panel takes the mean of the reviews, and recommends what is above the thresholds.
async fn agree(call: &Call, stage_path: &str, office: &Person, stage: usize) -> Result<()> {
    let path = format!("{stage_path}/consensus");
    let lines = office.get(&path).await?.list("/items")?;
    let consensus: Vec<Value> = lines
        .iter()
        .map(|line| {
            let scores = line["suggested"].clone();
            let values: Vec<Score> = scores
                .as_object()
                .into_iter()
                .flat_map(|scores| scores.values())
                .filter_map(|score| score.as_str().and_then(|text| text.parse().ok()))
                .collect();
            let total: i32 = values.iter().map(|score| score.0).sum();
            let above = total >= 1000 && values.iter().all(|score| score.0 >= 300);
            let rating = match total {
                _ if !above => "not_recommended",
                total if stage == 2 && total < 1100 => "recommended_if_funds_allow",
                _ => "recommended",
            };
            json!({"proposal": line["proposal"], "scores": scores, "rating": rating,
                "comment": "The panel agreed on the mean of the reviews (rehearsal)."})
        })
        .collect();
    for some in consensus.chunks(400) {
        call.panel_chair
            .post(&path, &json!({ "consensus": some }))
            .await?;
    }
    Ok(())
}
