//! What a check found, by the parts of the proposal: what is done, and what is still to do where.

use kernel::{Fault, token};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::check::{CheckContext, Findings};
use crate::content::Content;

/// A part of the proposal, and how much was found in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposalPart {
    /// Where it stands in the content; the findings in it have pointers below.
    #[schema(example = "/partners/1")]
    pub pointer: String,
    /// What people call it.
    #[schema(example = "Partner 2: Institut Curie")]
    pub title: String,
    /// What stands in the way of a submission.
    pub faults: usize,
    /// What may cost the proposal its funding.
    pub doubts: usize,
}

/// All parts of the proposal, those without findings too.
pub fn overview(
    content: &Content,
    context: &CheckContext<'_>,
    found: &Findings,
) -> Vec<ProposalPart> {
    let mut parts = parts(content, context);
    for (of, severity) in [(&found.faults, true), (&found.doubts, false)] {
        for fault in &of.0 {
            // The whole comes first and takes what belongs nowhere else.
            let place = parts.iter_mut().rev();
            if let Some(part) = place.into_iter().find(|part| part.holds(fault)) {
                match severity {
                    true => part.faults += 1,
                    false => part.doubts += 1,
                }
            }
        }
    }
    parts
}

impl ProposalPart {
    fn new(pointer: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            title: title.into(),
            faults: 0,
            doubts: 0,
        }
    }

    fn holds(&self, fault: &Fault) -> bool {
        let below = fault.pointer.strip_prefix(&self.pointer);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Each part stands after the part that it is in.
fn parts(content: &Content, context: &CheckContext<'_>) -> Vec<ProposalPart> {
    let mut parts = vec![ProposalPart::new("", "Title, duration and keywords")];
    if !context.rules.modules.is_empty() {
        parts.push(ProposalPart::new("/modules", "Modules"));
    }
    if !context.rules.questions.is_empty() {
        parts.push(ProposalPart::new("/answers", "Questions"));
    }
    parts.push(ProposalPart::new("/partners", "Consortium"));
    for (at, partner) in content.partners.iter().enumerate() {
        let title = format!("Partner {}: {}", at + 1, partner.organisation);
        parts.push(ProposalPart::new(format!("/partners/{at}"), title));
    }
    for section in &context.stage.texts {
        let pointer = format!("/texts/{}", token(&section.key));
        parts.push(ProposalPart::new(pointer, &section.title));
    }
    for slot in &context.stage.annexes {
        let pointer = format!("/annexes/{}", token(&slot.key));
        parts.push(ProposalPart::new(pointer, &slot.title));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check, sample};

    #[test]
    fn a_finding_belongs_to_the_smallest_part_around_it() {
        let rules = sample::rules();
        let funders = sample::funders();
        let context = CheckContext::new(&rules, &rules.stages[0], &funders);
        let mut content = sample::content();
        content.title.clear();
        content.texts.clear();
        content.partners[1].organisation.clear();
        content.partners[2].role = crate::PartnerRole::Coordinator;
        content.partners[0]
            .budget
            .entry(crate::CostCategory::Personnel)
            .or_default()
            .push(kernel::Amount(40_000_000));
        let found = check(&content, &context);
        let parts = overview(&content, &context, &found);
        let seen: Vec<_> = parts
            .iter()
            .map(|part| (part.pointer.as_str(), part.faults, part.doubts))
            .collect();
        assert_eq!(
            seen,
            [
                ("", 1, 0),
                ("/partners", 0, 0),
                ("/partners/0", 0, 1),
                ("/partners/1", 1, 0),
                ("/partners/2", 1, 0),
                ("/texts/work", 1, 0),
                ("/texts/remarks", 0, 0),
            ]
        );
        assert_eq!(parts[3].title, "Partner 2: ");
        let all = found.faults.0.len() + found.doubts.0.len();
        assert_eq!(
            parts
                .iter()
                .map(|part| part.faults + part.doubts)
                .sum::<usize>(),
            all
        );
    }
}
