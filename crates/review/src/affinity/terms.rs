//! The words of a text that tell what it is about.

use crate::fold::words;

/// English words that stand in every text, and those of every proposal and statement; in alphabetical order.
const STOP_WORDS: [&str; 117] = [
    "a", "about", "after", "aim", "al", "all", "also", "am", "among", "an", "and", "any", "are",
    "as", "at", "be", "been", "between", "both", "but", "by", "can", "could", "did", "do", "does",
    "during", "each", "eg", "et", "for", "from", "further", "had", "has", "have", "he", "her",
    "his", "how", "i", "ie", "if", "in", "into", "is", "it", "its", "may", "me", "more", "most",
    "my", "new", "no", "not", "of", "on", "one", "only", "or", "other", "our", "over", "project",
    "proposal", "propose", "research", "she", "should", "so", "some", "study", "such", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "through",
    "to", "two", "under", "until", "up", "us", "use", "used", "using", "very", "was", "we", "well",
    "were", "what", "when", "where", "whether", "which", "while", "who", "why", "will", "with",
    "within", "without", "work", "would", "year", "you", "your",
];

/// The terms of a text in its order, each with the word it came from: small letters without accents, no stop
/// words, no lone letters or bare numbers, and plurals as singulars.
pub(super) fn terms(text: &str) -> impl Iterator<Item = (String, String)> {
    words(text).into_iter().filter_map(|word| {
        let term = singular(&word);
        let tells = term.chars().nth(1).is_some()
            && term.chars().any(char::is_alphabetic)
            && STOP_WORDS.binary_search(&term.as_str()).is_err()
            && STOP_WORDS.binary_search(&word.as_str()).is_err();
        tells.then_some((term, word))
    })
}

/// The singular by the rules of Harman's S stemmer (D. Harman, *How effective is suffixing?*, 1991), which
/// takes endings for plurals only where that is nearly always right.
fn singular(word: &str) -> String {
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    let without = |ending: &str| word.strip_suffix(ending).unwrap_or(word);
    if word.len() < 4 || !word.is_ascii() {
        word.to_owned()
    } else if ends(&["ies"]) && !ends(&["eies", "aies"]) {
        format!("{}y", without("ies"))
    } else if ends(&["s"]) && !ends(&["us", "ss", "aes", "ees", "oes"]) {
        without("s").to_owned()
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn the_list_is_sorted() {
        assert!(STOP_WORDS.is_sorted_by(|a, b| a < b));
    }

    #[rstest]
    #[case("The therapies of 12 Cancers", &["therapy", "cancer"])]
    #[case("Genes, diseases & status in mass", &["gene", "disease", "status", "mass"])]
    #[case("COVID-19 in vitro", &["covid", "vitro"])]
    #[case("BRCA1/BRCA2 mutation carriers", &["brca1", "brca2", "mutation", "carrier"])]
    #[case("we propose to study this", &[])]
    #[case("Épigénétique", &["epigenetique"])]
    fn what_a_text_is_about(#[case] text: &str, #[case] expected: &[&str]) {
        let found: Vec<String> = terms(text).map(|(term, _)| term).collect();
        assert_eq!(found, expected);
    }
}
