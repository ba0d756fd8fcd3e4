//! The form of a proposal: its heading, keywords and texts, by the rules of the stage.

use call::TextSection;
use kernel::{Faults, token};

use crate::check::{CheckContext, Findings};
use crate::choice;
use crate::content::Content;

/// Checks what is written against what the stage asks for.
pub(crate) fn check(content: &Content, context: &CheckContext<'_>, found: &mut Findings) {
    heading(content, context, &mut found.faults);
    keywords(content, context, &mut found.faults);
    texts(content, context, found);
}

fn heading(content: &Content, context: &CheckContext<'_>, faults: &mut Faults) {
    for (text, pointer, code) in [
        (&content.acronym, "/acronym", "acronym_missing"),
        (&content.title, "/title", "title_missing"),
    ] {
        let name = pointer.trim_start_matches('/');
        faults.require(
            !text.trim().is_empty(),
            pointer,
            code,
            format!("the {name} is missing; give the proposal one"),
        );
    }
    let most = context.rules.duration_months_max;
    match content.duration_months {
        None => faults.add(
            "/duration_months",
            "duration_missing",
            format!("the duration is missing; give 1 to {most} months"),
        ),
        Some(months) => faults.require(
            (1..=most).contains(&u32::from(months)),
            "/duration_months",
            "duration_out_of_range",
            format!("{months} months; the call allows 1 to {most}; choose a duration between"),
        ),
    }
}

fn keywords(content: &Content, context: &CheckContext<'_>, faults: &mut Faults) {
    let Some(count) = context.stage.keywords else {
        return;
    };
    let there = u32::try_from(content.keywords.len()).unwrap_or(u32::MAX);
    faults.require(
        (count.min..=count.max).contains(&there),
        "/keywords",
        "keywords_number",
        format!(
            "{there} keywords; this stage asks for {} to {}; add or remove some",
            count.min, count.max
        ),
    );
}

fn texts(content: &Content, context: &CheckContext<'_>, found: &mut Findings) {
    let sections = &context.stage.texts;
    let chosen = choice::chosen(content, context.rules.words());
    for section in sections {
        let text = content.texts.get(&section.key).map_or("", String::as_str);
        let pointer = format!("/texts/{}", token(&section.key));
        if section.asked(&chosen, context.rules.words()) {
            written(section, text, &pointer, &mut found.faults);
        } else {
            found.doubts.require(
                text.trim().is_empty(),
                pointer,
                "text_not_asked",
                format!(
                    "'{}' is asked only of proposals with {}; this one's is left out of what is read: \
                     correct the answers, or empty the text",
                    section.title,
                    section.asked_if.as_ref().map_or(String::new(), |rule| rule
                        .in_words(context.rules.words()))
                ),
            );
        }
    }
    for key in content
        .texts
        .keys()
        .filter(|key| sections.iter().all(|section| section.key != **key))
    {
        let known: Vec<&str> = sections
            .iter()
            .map(|section| section.key.as_str())
            .collect();
        found.faults.add(
            format!("/texts/{}", token(key)),
            "text_unknown",
            format!(
                "'{key}' is no section of this stage; it has {}; move the text",
                known.join(", ")
            ),
        );
    }
}

/// Lengths are counted in characters (Unicode scalar values, white space included) and in words (runs of
/// anything but white space).
fn written(section: &TextSection, text: &str, pointer: &str, faults: &mut Faults) {
    let title = &section.title;
    faults.require(
        !section.required || !text.trim().is_empty(),
        pointer,
        "text_missing",
        format!("'{title}' is empty; this stage requires it: write it"),
    );
    let longer = |length: usize, most: Option<u32>| {
        let most = most.and_then(|most| usize::try_from(most).ok());
        most.is_some_and(|most| length > most)
    };
    let characters = text.chars().count();
    if longer(characters, section.max_characters) {
        let most = section.max_characters.unwrap_or_default();
        faults.add(
            pointer,
            "text_too_long",
            format!(
                "'{title}' has {characters} characters; at most {most} are allowed, white space \
                 included; shorten it"
            ),
        );
    }
    let words = text.split_whitespace().count();
    if longer(words, section.max_words) {
        let most = section.max_words.unwrap_or_default();
        faults.add(
            pointer,
            "text_too_long",
            format!("'{title}' has {words} words; at most {most} are allowed; shorten it"),
        );
    }
}
