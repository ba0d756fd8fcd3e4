//! What the rehearsal shows at its end.

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use super::Play;
use super::calls::Call;
use super::people::{Cast, Login};

/// What came out.
pub struct Figures {
    /// Eligible pre-proposals.
    pub eligible: usize,
    /// What they asked for, in all.
    pub requested: String,
    /// Invited to the full stage.
    pub invited: usize,
    /// The funded projects.
    pub funded: Vec<Value>,
    /// What they get, in all.
    pub awarded: String,
    /// The ranking list of the full proposals.
    pub ranking: Vec<Value>,
    /// The final selection.
    pub selection: Value,
    /// What one more project costs, and which funder is the bottleneck.
    pub outlook: Vec<Value>,
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// Prints the tables, or one line of JSON.
pub fn print(
    play: &Play,
    cast: &Cast,
    call: &Call,
    figures: &Figures,
    logins: &[Login],
    url: Option<&str>,
) {
    ranking(figures);
    why(figures);
    money(cast, figures);
    times(play);
    println!(
        "\n{} of {} eligible pre-proposals were invited; {} projects are funded with {} EUR.",
        figures.invited,
        figures.eligible,
        figures.funded.len(),
        figures.awarded
    );
    println!("doctor: {} invariants hold", store::doctor::all().len());
    let Some(url) = url else { return };
    println!(
        "\nThe server runs at {url}/ until Ctrl-C (call {}, a rehearsal: nothing in it is real).",
        call.code
    );
    println!("Log in with POST {url}/api/v1/sessions or try it at {url}/api/docs/:\n");
    for login in logins {
        println!(
            "  {:<22} {:<38} {}",
            login.role, login.email, login.password
        );
    }
}

fn ranking(figures: &Figures) {
    println!("\nRanking list of the full proposals\n");
    println!(
        "  {:>4}  {:<13} {:>6}  {:<27} {:<10} {:>14}",
        "rank", "proposal", "score", "rating", "", "EUR"
    );
    for entry in &figures.ranking {
        let number = text(entry, "number");
        let project = figures
            .funded
            .iter()
            .find(|project| text(project, "number") == number);
        println!(
            "  {:>4}  {:<13} {:>6}  {:<27} {:<10} {:>14}",
            entry["position"],
            number,
            text(entry, "total"),
            text(entry, "rating"),
            if project.is_some() { "funded" } else { "" },
            project
                .map(|project| text(project, "amount"))
                .unwrap_or_default(),
        );
    }
}

/// Why the best of those that are not funded is not, and what would change it.
fn why(figures: &Figures) {
    println!("\nWhy it ends there\n");
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let better = |one: &&Value| !["not_recommended", "withdrawn"].contains(&text(one, "reason"));
    let not_funded = list(&figures.selection["result"]["not_funded"]);
    let first = not_funded.iter().find(better);
    let explanation = list(&figures.selection["explanation"]);
    let of = |code: &str| {
        let start = format!("{code} is not funded");
        explanation.iter().find(move |sentence| {
            let sentence = sentence.as_str().unwrap_or_default();
            sentence.starts_with(&start)
        })
    };
    let sentence = first.and_then(|first| of(text(first, "code")));
    for sentence in sentence.into_iter().chain(&figures.outlook) {
        println!("  {}", sentence.as_str().unwrap_or_default());
    }
}

fn money(cast: &Cast, figures: &Figures) {
    println!("\nMoney by funder, EUR\n");
    println!(
        "  {:<14} {:>14} {:>14} {:>14} {:>9}",
        "funder", "committed", "national", "EU", "projects"
    );
    let lines = figures.selection["lines"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for funder in &cast.funders {
        let line = lines
            .iter()
            .find(|line| text(line, "organisation") == funder.key);
        let projects = line
            .and_then(|line| line["projects"].as_array())
            .map_or(0, Vec::len);
        println!(
            "  {:<14} {:>14} {:>14} {:>14} {:>9}",
            funder.key,
            format!("{}.00", funder.commitment),
            line.map_or("0.00", |line| text(line, "national")),
            line.map_or("0.00", |line| text(line, "eu")),
            projects,
        );
    }
}

fn times(play: &Play) {
    println!("\nTime of each step\n");
    let mut all = 0.0;
    for (name, count, time) in play.steps.done() {
        all += time.as_secs_f64();
        println!("  {name:<44} {count:>5}  {:>7.2} s", time.as_secs_f64());
    }
    println!("  {:<44} {:>5}  {all:>7.2} s", "in all", "");
}

#[derive(Serialize)]
struct Line<'f> {
    proposals: usize,
    eligible: usize,
    invited: usize,
    funded: usize,
    requested: &'f str,
    awarded: &'f str,
    funders_paying: usize,
    invariants: usize,
}

/// The figures as one line of JSON.
pub fn json_line(play: &Play, figures: &Figures) -> Result<String> {
    Ok(serde_json::to_string(&Line {
        proposals: play.shape.submitted,
        eligible: figures.eligible,
        invited: figures.invited,
        funded: figures.funded.len(),
        requested: &figures.requested,
        awarded: &figures.awarded,
        funders_paying: figures.selection["lines"].as_array().map_or(0, Vec::len),
        invariants: store::doctor::all().len(),
    })?)
}
