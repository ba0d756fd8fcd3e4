//! What a password must be like (S2): long, and not made of what an attacker tries first.

use kernel::Faults;

/// At least so many characters, and so many where a second factor is in use.
const SHORTEST: usize = 15;
const SHORTEST_WITH_FACTOR: usize = 8;
const LONGEST: usize = 128;

/// So many characters must be left when common words and words of the context are taken out.
const MUST_REMAIN: usize = 6;

const COMMON: &str = include_str!("../../../../config/passwords/common.txt");
const OURS: [&str; 5] = ["era-permed", "erapermed", "icpermed", "permed", "jtc"];

/// Faults of a password at `pointer`, for a person with this address and name.
pub(crate) fn check(
    pointer: &str,
    password: &str,
    second_factor: bool,
    email: &str,
    name: &str,
) -> Faults {
    let mut faults = Faults::default();
    let shortest = if second_factor {
        SHORTEST_WITH_FACTOR
    } else {
        SHORTEST
    };
    let length = password.chars().count();
    faults.require(
        (shortest..=LONGEST).contains(&length),
        pointer,
        "length",
        format!(
            "the password has {length} characters; take {shortest} to {LONGEST}, a sentence for \
             example"
        ),
    );
    faults.require(
        remaining(password, email, name) >= MUST_REMAIN,
        pointer,
        "common",
        "the password is made of common words, repeated signs or your own name; take words that \
         nobody would guess",
    );
    faults
}

/// How many characters are left when everything guessable is taken out; of a sign that is repeated
/// three times or more one counts.
fn remaining(password: &str, email: &str, name: &str) -> usize {
    let mut rest = password.to_lowercase();
    let (local, _) = email.split_once('@').unwrap_or((email, ""));
    let local = local.to_lowercase();
    let name = name.to_lowercase();
    let own = local
        .split(|c: char| !c.is_alphanumeric())
        .chain(name.split_whitespace())
        .chain([local.as_str(), name.as_str()])
        .filter(|word| word.chars().count() >= 3);
    let common = COMMON
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut words: Vec<&str> = own.chain(OURS).chain(common).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        rest = rest.replace(word, "");
    }
    let signs: Vec<char> = rest.chars().collect();
    let repeated = signs
        .windows(3)
        .filter(|three| three.iter().all(|sign| *sign == three[0]))
        .count();
    signs.len() - repeated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(password: &str, second_factor: bool) -> Vec<String> {
        check(
            "/password",
            password,
            second_factor,
            "marie.curie@example.org",
            "Marie Curie",
        )
        .0
        .into_iter()
        .map(|fault| fault.code)
        .collect()
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(codes("fünfzehn Zeichen", false).is_empty());
        assert_eq!(codes("vierzehn Zeich", false), ["length"]);
        assert!(codes("vierzehn Zeich", true).is_empty());
        assert!(codes("日本語日本酒と寿司と天ぷら蕎麦", false).is_empty());
        assert_eq!(codes(&"xy".repeat(65), false), ["length"]);
    }

    #[test]
    fn what_everybody_tries_is_refused() {
        for password in [
            "password1234567890",
            "qwertyuiopasdfghjkl",
            "aaaaaaaaaaaaaaaaaaaa",
            "Marie.Curie.jtc2026",
            "ICPerMed-ERA-PerMed",
            "correct horse battery staple",
        ] {
            assert_eq!(codes(password, false), ["common"], "{password}");
        }
        assert!(codes("radium glows in the shed", false).is_empty());
    }
}
