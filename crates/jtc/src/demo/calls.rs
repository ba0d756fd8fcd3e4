//! The call: drafted, mapped, joined by its funders, approved, opened; and its deadlines.

use std::time::Duration;

use anyhow::{Result, bail};
use call::{EuBase, EuMoney, EuShare, FundingRules, Percent, RankingRule, Rules};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Amount;
use serde_json::{Value, json};

use super::Play;
use super::api::Person;
use super::people::{Cast, appoint};

/// The rehearsed call with the people who run it.
pub struct Call {
    /// `/calls/{id}`.
    pub path: String,
    /// Its code.
    pub code: String,
    /// One person for each funder, in the order of the cast.
    pub officers: Vec<Person>,
    /// Chairs the Call Steering Committee.
    pub csc_chair: Person,
    /// Chairs the peer review panel.
    pub panel_chair: Person,
    /// Reads the whole evaluation.
    pub observer: Person,
    /// Keys and lengths of the texts, by stage.
    pub sections: [Vec<(String, usize)>; 2],
}

#[allow(
    clippy::disallowed_methods,
    reason = "the rehearsal plans its calendar like a person with a watch; the server never does"
)]
pub(super) fn now() -> DateTime<Utc> {
    Utc::now()
}

fn deadline(at: DateTime<Utc>) -> Value {
    let local = at.with_timezone(&chrono_tz::Europe::Paris);
    json!({"at": at, "zone": "Europe/Paris", "label": local.format("%-d %B %Y, %H:%M %Z").to_string()})
}

/// The usual rules of two stages; with EU money those of an ERA-NET Cofund, where the EU pays 33 % of what
/// funders and EU pay together.
fn rules(play: &Play, cast: &Cast) -> Result<Rules> {
    let usual = Rules::default_two_stage();
    if !play.co_funded {
        return Ok(usual);
    }
    let committed: i64 = cast.funders.iter().map(|funder| funder.commitment).sum();
    let eu = EuMoney {
        max: Some(Amount(committed * 33 / 67 * 100)),
        rate: "33".parse::<Percent>()?,
        gap_filling: "50".parse::<Percent>()?,
        base: EuBase::Planned,
        share: EuShare::ByCommitment,
        cap: None,
    };
    let funding = FundingRules {
        ranking: RankingRule::Binding,
        eu: Some(eu),
        ..usual.funding.clone()
    };
    Ok(Rules { funding, ..usual })
}

/// Drafts and opens the call.
pub async fn open(play: &Play, cast: &Cast) -> Result<Call> {
    let step = play
        .steps
        .begin("Draft, map, fund and open the call", cast.funders.len() + 5);
    let office = &cast.secretariat;
    let code = "REH2024".to_owned();
    let draft = json!({
        "code": code,
        "title": "Targets for personalised medicine (rehearsal)",
        "topic": "A rehearsal on the published shape of EP PerMed JTC2024. Nobody and nothing in it is real.",
        "year": 2024,
        "rehearsal": true,
        "rules": rules(play, cast)?,
        "stages": [
            {"opens_at": now() - TimeDelta::minutes(1), "deadline": deadline(now() + TimeDelta::days(60))},
            {"opens_at": now(), "deadline": deadline(now() + TimeDelta::days(150))},
        ],
    });
    let call = office.post("/calls", &draft).await?;
    let id = call.text("/id")?;
    let path = format!("/calls/{id}");
    let mapping = json!({"agenda": "icpermed-2017", "items": [
        {"number": "A.9", "share": 4000}, {"number": "A.12", "share": 3500}, {"number": "A.13", "share": 2500}]});
    office
        .put(&format!("{path}/action-items"), &call.etag, &mapping)
        .await?;
    step.one();
    let chair_email = "csc.chair@rehearsal.example";
    let csc_chair = appoint(
        play,
        cast,
        &id,
        chair_email,
        "Chair of the committee (rehearsal)",
        &["csc_chair"],
        None,
    )
    .await?;
    let panel_email = "panel.chair@rehearsal.example";
    let panel_chair = appoint(
        play,
        cast,
        &id,
        panel_email,
        "Chair of the panel (rehearsal)",
        &["panel_chair"],
        None,
    )
    .await?;
    let observer_email = "observer@rehearsal.example";
    let observer = appoint(
        play,
        cast,
        &id,
        observer_email,
        "Independent observer (rehearsal)",
        &["observer"],
        None,
    )
    .await?;
    step.one();
    for funder in &cast.funders {
        let body = json!({ "organisation": funder.key });
        office.post(&format!("{path}/funders"), &body).await?;
    }
    let officers = officers(play, cast, &id).await?;
    for (funder, officer) in cast.funders.iter().zip(&officers) {
        let list = format!("{path}/funders");
        let pledge = json!({
            "amount": format!("{}.00", funder.commitment),
            "reason": "Letter of commitment (rehearsal)",
        });
        officer
            .replace(&list, &format!("{list}/{}/commitment", funder.key), &pledge)
            .await?;
        step.one();
    }
    csc_chair
        .act(&path, &format!("{path}/approve"), &json!({}))
        .await?;
    office
        .act(&path, &format!("{path}/pre-announce"), &json!({}))
        .await?;
    let opened = office
        .act(&path, &format!("{path}/open"), &json!({}))
        .await?;
    step.end();
    let sections = |stage: usize| -> Result<Vec<(String, usize)>> {
        let texts = opened.list(&format!("/rules/stages/{stage}/texts"))?;
        Ok(texts
            .iter()
            .map(|text| {
                let most = text["max_characters"].as_u64().unwrap_or_default();
                let key = text["key"].as_str().unwrap_or_default();
                (key.to_owned(), usize::try_from(most).unwrap_or_default())
            })
            .collect())
    };
    Ok(Call {
        sections: [sections(0)?, sections(1)?],
        path,
        code,
        officers,
        csc_chair,
        panel_chair,
        observer,
    })
}

async fn officers(play: &Play, cast: &Cast, call: &str) -> Result<Vec<Person>> {
    let roles = ["csc_representative", "contact_person", "signatory"];
    super::people::all(play, &cast.funders, |funder| async move {
        let email = format!("{}@rehearsal.example", funder.key.to_lowercase());
        let name = format!("Officer of {} (rehearsal)", funder.key);
        appoint(play, cast, call, &email, &name, &roles, Some(&funder.key)).await
    })
    .await
}

/// Moves the deadline of a stage to a moment from now; only a rehearsal may.
pub async fn shorten(cast: &Cast, call: &Call, stage: usize) -> Result<()> {
    let body = json!({
        "deadline": deadline(now() + TimeDelta::milliseconds(1_200)),
        "reason": "The rehearsal goes on",
    });
    let path = format!("{}/stages/{stage}/shorten", call.path);
    cast.secretariat.act(&call.path, &path, &body).await?;
    Ok(())
}

/// Waits until a stage is in the state; the server's calendar brings it there.
pub async fn wait_for(cast: &Cast, call: &Call, stage: usize, state: &str) -> Result<()> {
    for _ in 0..600 {
        let now = cast.secretariat.get(&call.path).await?;
        if now.text(&format!("/stages/{}/state", stage - 1))? == state {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("stage {stage} did not become '{state}' within a minute")
}
