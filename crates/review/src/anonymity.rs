//! Whether a text gives away who wrote it: doubts for the secretariat, which releases reviews.

use kernel::Finding;

use crate::conflict::ExpertFacts;
use crate::fold::words;

/// What a text gives away of its author: the name, an e-mail address, the ORCID iD, the institution. `texts`
/// are JSON pointers with what stands there, such as `/scores/impact/comment`.
///
/// Doubts only, for people who read the text: a surname may be a word, and an institution may be that of the
/// applicants. A surname alone counts where it is written with a capital letter.
pub fn identity_doubts(author: &ExpertFacts, texts: &[(String, &str)]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (pointer, text) in texts {
        for (code, what) in given_away(author, text) {
            found.push(Finding::doubt(
                pointer,
                code,
                what,
                "applicants read it; return the review, or release it if nobody is named by it",
            ));
        }
    }
    found
}

fn given_away(author: &ExpertFacts, text: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let said = words(text);
    found.extend(name(author, text, &said).map(|what| ("identity_name", what)));
    let lower = text.to_lowercase();
    let has = |part: &str| {
        let part = part.trim().to_lowercase();
        !part.is_empty() && lower.contains(&part)
    };
    let own_address = has(&author.person.email);
    if own_address {
        found.push((
            "identity_email",
            "the text holds the reviewer's e-mail address".to_owned(),
        ));
    } else if let Some(address) = text.split_whitespace().find(|word| is_like_address(word)) {
        found.push((
            "identity_email",
            format!("the text holds an e-mail address, {address}"),
        ));
    }
    let orcid = author.person.orcid.as_deref().unwrap_or_default();
    let orcid = orcid.rsplit('/').next().unwrap_or_default();
    if has(orcid) {
        found.push((
            "identity_orcid",
            "the text holds the reviewer's ORCID iD".to_owned(),
        ));
    }
    for organisation in &author.organisations {
        let own = words(&organisation.name);
        // A short single word, such as a city or an acronym, is nobody's alone.
        let tells = own.len() > 1 || own.first().is_some_and(|word| word.chars().count() > 3);
        if tells && holds(&said, &own) {
            let what = format!(
                "the text names the reviewer's institution, {}",
                organisation.name
            );
            found.push(("identity_institution", what));
        }
    }
    found
}

/// Whether a text holds the whole name of a person, which no ordinary words are.
pub fn names_in_full(author: &ExpertFacts, text: &str) -> bool {
    holds_whole_name(author, &words(text))
}

fn holds_whole_name(author: &ExpertFacts, said: &[String]) -> bool {
    let own = words(&author.person.name);
    let reversed: Vec<String> = own.iter().rev().cloned().collect();
    own.len() > 1 && (holds(said, &own) || holds(said, &reversed))
}

/// The whole name, in either order; or its last word with a capital letter.
fn name(author: &ExpertFacts, text: &str, said: &[String]) -> Option<String> {
    if holds_whole_name(author, said) {
        return Some("the text holds the reviewer's name".to_owned());
    }
    let surnames = surnames(&author.person.name);
    let alone = text
        .split(|c: char| !c.is_alphanumeric())
        .find(|word| word.starts_with(char::is_uppercase) && surnames.contains(&words(word)));
    alone.map(|word| format!("the text holds {word}, a name of the reviewer"))
}

/// The surname as one word each: what stands before a comma, else the last word. Shorter than three letters
/// is too short to tell.
fn surnames(name: &str) -> Vec<Vec<String>> {
    let surname = match name.split_once(',') {
        Some((surname, _)) => words(surname),
        None => words(name).into_iter().next_back().into_iter().collect(),
    };
    let long = surname.into_iter().filter(|word| word.chars().count() > 2);
    long.map(|word| vec![word]).collect()
}

fn holds(said: &[String], part: &[String]) -> bool {
    !part.is_empty() && said.windows(part.len()).any(|window| window == part)
}

fn is_like_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        let sign = |c: char| c.is_alphanumeric();
        name.ends_with(sign) && host.starts_with(sign) && host.contains('.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conflict::{Organisation, Person};
    use proptest::prelude::*;
    use rstest::rstest;

    fn author() -> ExpertFacts {
        let place = |name: &str| Organisation {
            name: name.to_owned(),
            ..Organisation::default()
        };
        ExpertFacts {
            person: Person {
                name: "Zoë van Grünberg".to_owned(),
                email: "zoe@uni-nord.example".to_owned(),
                orcid: Some("https://orcid.org/0000-0002-1825-0097".to_owned()),
            },
            organisations: vec![place("Universität Nord"), place("KUL"), place("Charité")],
            companions: Vec::new(),
        }
    }

    #[rstest]
    #[case("Sound, and well planned.", &[])]
    #[case("As ZOE VAN GRUNBERG showed", &["identity_name"])]
    #[case("Grünberg van Zoë", &["identity_name"])]
    #[case("(Grünberg et al., 2019)", &["identity_name"])]
    #[case("a grünberg of problems", &[])]
    #[case("Grünberger Methode", &[])]
    #[case("write to ZOE@uni-nord.example", &["identity_email"])]
    #[case("write to me.too@other.example.", &["identity_email"])]
    #[case("10 @ 5.0 mg, or x@y", &[])]
    #[case("orcid 0000-0002-1825-0097", &["identity_orcid"])]
    #[case("we at the Universitat Nord", &["identity_institution"])]
    #[case("the north of the university", &[])]
    #[case("from KUL", &[])]
    #[case("at the Charité", &["identity_institution"])]
    fn what_gives_away(#[case] text: &str, #[case] expected: &[&str]) {
        let found = identity_doubts(&author(), &[("/scores/impact/comment".to_owned(), text)]);
        let codes: Vec<&str> = found.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, expected);
        assert!(found.iter().all(|one| !one.is_fault()));
    }

    #[test]
    fn who_is_not_known_gives_nothing_away() {
        let nobody = ExpertFacts {
            organisations: vec![Organisation::default()],
            ..ExpertFacts::default()
        };
        let text = "Anything, by anybody";
        assert_eq!(identity_doubts(&nobody, &[(String::new(), text)]), []);
    }

    proptest! {
        #[test]
        fn a_name_is_found_wherever_it_stands(before in "[a-z .,]{0,20}", after in "[a-z .,]{0,20}") {
            let text = format!("{before} Zoë van Grünberg {after}");
            let found = identity_doubts(&author(), &[(String::new(), &text)]);
            prop_assert!(found.iter().any(|one| one.code == "identity_name"));
        }
    }
}
