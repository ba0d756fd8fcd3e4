//! Which modules a proposal chooses, and what it answers to the call's questions.

use std::collections::BTreeSet;

use call::Vocabulary;
use kernel::{Finding, token};

use crate::check::{CheckContext, Findings};
use crate::content::Content;

/// Checks the choice against the call's rule over modules, and the parts of the partners in it.
pub(crate) fn check(content: &Content, context: &CheckContext<'_>, found: &mut Findings) {
    let words = context.rules.words();
    answers(content, context, found);
    for finding in context.rules.check_modules(&chosen(content, words)) {
        found.add(finding);
    }
    for (at, partner) in content.partners.iter().enumerate() {
        for module in partner.modules.difference(&content.modules) {
            found.add(Finding::fault(
                format!("/partners/{at}/modules"),
                "module_not_chosen",
                format!("the partner works in '{module}', which the proposal does not choose"),
                "choose it for the proposal as well, or take it from the partner",
            ));
        }
        let picky = |key: &str| {
            let terms = context.funders.iter().find(|terms| terms.key == key);
            terms.is_some_and(|funder| !funder.terms.modules_not_funded.is_empty())
        };
        if let Some(funder) = partner.funder().filter(|key| picky(key))
            && partner.modules.is_empty()
        {
            found.add(Finding::doubt(
                format!("/partners/{at}/modules"),
                "modules_missing",
                "the partner does not say which modules it works in",
                format!("{funder} does not pay work in all of them; name the partner's"),
            ));
        }
    }
}

/// The modules a proposal chooses, and the questions it answers with yes.
pub(crate) fn chosen(content: &Content, words: Vocabulary<'_>) -> BTreeSet<String> {
    let yes = content.answers.iter().filter(|(_, yes)| **yes);
    yes.map(|(key, _)| key.clone())
        // A question that the call does not have is a fault of its own.
        .filter(|key| words.is_question(key))
        .chain(content.modules.iter().cloned())
        .collect()
}

/// Every question is answered, and nothing else is.
fn answers(content: &Content, context: &CheckContext<'_>, found: &mut Findings) {
    let questions = &context.rules.questions;
    for question in questions {
        found.faults.require(
            content.answers.contains_key(&question.key),
            format!("/answers/{}", token(&question.key)),
            "answer_missing",
            format!("'{}' is not answered; answer true or false", question.title),
        );
    }
    for key in content.answers.keys() {
        let known = questions.iter().any(|question| question.key == *key);
        found.faults.require(
            known,
            format!("/answers/{}", token(key)),
            "question_unknown",
            format!("the call has no question '{key}'; take the answer out"),
        );
    }
}
