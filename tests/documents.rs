//! The documents are true: diagrams come from the code, commands and links exist.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn life_cycles() -> String {
    let all = [
        ("Call", call::CALL.mermaid()),
        ("Stage", call::STAGE.mermaid()),
        ("Proposal, in one stage", intake::PROPOSAL.mermaid()),
        ("Eligibility of one partner", intake::ELIGIBILITY.mermaid()),
        ("Question to an applicant", intake::QUERY.mermaid()),
        (
            "Request for an exception to a rule",
            intake::WAIVER.mermaid(),
        ),
        ("Expert", review::EXPERT.mermaid()),
        ("Review", review::REVIEW.mermaid()),
        (
            "Applicants' reply to the reviews",
            review::REBUTTAL.mermaid(),
        ),
        ("Ethics assessment", review::ETHICS.mermaid()),
        ("Evaluation summary report", review::SUMMARY.mermaid()),
        ("Ranking list", review::RANKING.mermaid()),
        (
            "Observer's report on the evaluation",
            review::CONFORMITY.mermaid(),
        ),
        ("Redress", commitment::redress::REDRESS.mermaid()),
        ("Selection", commitment::SELECTION.mermaid()),
        ("A funder's line of a selection", commitment::LINE.mermaid()),
    ];
    all.iter()
        .map(|(title, diagram)| format!("### {title}\n\n```mermaid\n{diagram}```\n\n"))
        .collect()
}

#[test]
fn the_life_cycles_in_the_architecture_are_those_of_the_code() {
    let file = root().join("ARCHITECTURE.md");
    let text = std::fs::read_to_string(&file).unwrap();
    let (begin, end) = ("<!-- life cycles: begin -->\n", "<!-- life cycles: end -->");
    let (before, rest) = text.split_once(begin).unwrap();
    let (drawn, after) = rest.split_once(end).unwrap();
    if drawn != life_cycles() {
        let new = format!("{before}{begin}{}{end}{after}", life_cycles());
        std::fs::write(file.with_extension("md.new"), new).unwrap();
        panic!("the life cycles changed; look at ARCHITECTURE.md.new and rename it");
    }
}

#[test]
fn the_crates_in_the_architecture_are_the_crates_there_are() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            text.contains(&format!("\n  {name}/")),
            "{name} is not on the map"
        );
    }
}
