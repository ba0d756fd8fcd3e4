//! Finding proposals by what people remember of them.

use kernel::Country;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::content::Content;

/// Text as it is compared: in small letters without accents, words with one space between them. `Müller-Łoś`
/// and `muller  los` are the same.
pub fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for symbol in text.nfkd().filter(|symbol| !is_combining_mark(*symbol)) {
        for small in symbol.to_lowercase() {
            // Letters that Unicode does not take apart, as people without that key write them.
            match small {
                'ß' => plain.push_str("ss"),
                'æ' => plain.push_str("ae"),
                'œ' => plain.push_str("oe"),
                'þ' => plain.push_str("th"),
                'ø' => plain.push('o'),
                'ł' => plain.push('l'),
                'đ' | 'ð' => plain.push('d'),
                'ħ' => plain.push('h'),
                'ı' => plain.push('i'),
                'ς' => plain.push('σ'),
                small if small.is_alphanumeric() => plain.push(small),
                small if is_combining_mark(small) => {}
                _ => plain.push(' '),
            }
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is looked for in the words of a proposal: in its number, acronym, title and keywords, and in the names of its
/// organisations and principal investigators.
#[derive(Debug, Clone, Default)]
pub struct Search {
    words: Vec<String>,
    country: Option<Country>,
    module: Option<String>,
}

impl Search {
    /// All these words, in any order and also as parts of longer ones; a partner in the country; the module.
    pub fn new(words: &str, country: Option<Country>, module: Option<String>) -> Search {
        Search {
            words: folded(words).split(' ').map(str::to_owned).collect(),
            country,
            module,
        }
    }

    /// Whether the proposal is one of those looked for.
    pub fn finds(&self, number: &str, content: &Content) -> bool {
        let partners = &content.partners;
        let works_in = |module: &String| {
            let mut modules = partners.iter().map(|partner| &partner.modules);
            content.modules.contains(module) || modules.any(|modules| modules.contains(module))
        };
        let there = |country: Country| partners.iter().any(|one| one.country == Some(country));
        if !self.country.is_none_or(there) || !self.module.as_ref().is_none_or(works_in) {
            return false;
        }
        let names = partners.iter().flat_map(|partner| {
            let person = &partner.principal_investigator;
            [&partner.organisation, &person.name]
        });
        let texts = [&content.acronym, &content.title];
        let all = texts.into_iter().chain(&content.keywords).chain(names);
        let mut said = folded(number);
        for text in all {
            said.push('\n');
            said.push_str(&folded(text));
        }
        self.words.iter().all(|word| said.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("Müller-Łoś", "muller los")]
    #[case("  ØRSTED,\tÅse ", "orsted ase")]
    #[case("STRASSE", "strasse")]
    #[case("Straße", "strasse")]
    #[case("ﬁne ½", "fine 1 2")]
    #[case("İstanbul", "istanbul")]
    #[case("ΟΔΟΣ", "οδοσ")]
    #[case("D'Éon (3B)", "d eon 3b")]
    fn writings_of_one_word_are_one(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(folded(text), expected);
    }

    proptest! {
        #[test]
        fn what_is_folded_stays_so_and_knows_no_case(text in "\\PC{0,40}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once.as_str());
            prop_assert_eq!(folded(&text.to_lowercase()), once);
        }

        #[test]
        fn every_name_finds_its_proposal(content in sample::any()) {
            let said = content.partners.iter().flat_map(|one| [&one.organisation, &one.principal_investigator.name]);
            for text in said.chain([&content.acronym, &content.title]).chain(&content.keywords) {
                prop_assert!(Search::new(text, None, None).finds("JTC-001", &content));
            }
            for partner in &content.partners {
                prop_assert!(Search::new("", partner.country, None).finds("JTC-001", &content));
                for module in &partner.modules {
                    prop_assert!(Search::new("", None, Some(module.clone())).finds("JTC-001", &content));
                }
            }
        }
    }

    #[test]
    fn texts_and_budgets_are_not_looked_into() {
        let mut content = sample::content();
        content.texts.insert("work".into(), "xylophone".into());
        content.abstract_text = "xylophone".into();
        let sought = |words: &str| Search::new(words, None, None).finds("JTC-001", &content);
        assert!(!sought("xylophone"));
        assert!(sought("jtc 001"));
        assert!(sought(""));
        let elsewhere = Search::new("", "NZ".parse().ok(), None);
        assert!(!elsewhere.finds("JTC-001", &content));
    }
}
