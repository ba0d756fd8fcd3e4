//! What an e-mail address says about where somebody works.

/// Mail hosts open to all, whose domain says nothing about where somebody works: the large providers of
/// the world and of the countries that take part, in alphabetical order. A host that is missing costs a
/// verdict on a false alarm, and no conflict is overlooked by it.
const PUBLIC_MAIL: [&str; 80] = [
    "abv.bg",
    "aliceadsl.fr",
    "aol.com",
    "arcor.de",
    "azet.sk",
    "bbox.fr",
    "bigpond.com",
    "bluewin.ch",
    "btinternet.com",
    "centrum.cz",
    "centrum.sk",
    "citromail.hu",
    "duck.com",
    "email.cz",
    "fastmail.com",
    "free.fr",
    "freemail.hu",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "icloud.com",
    "inbox.lv",
    "interia.pl",
    "kolumbus.fi",
    "laposte.net",
    "libero.it",
    "live.com",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.ee",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "netvisio.fi",
    "o2.pl",
    "onet.pl",
    "online.no",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "sapo.pt",
    "seznam.cz",
    "sfr.fr",
    "t-online.de",
    "telenet.be",
    "telia.com",
    "tiscali.it",
    "tutanota.com",
    "walla.co.il",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yandex.ru",
    "ymail.com",
    "ziggo.nl",
];

/// Labels under which countries sort organisations (`ac.uk`, `edu.tr`): the registered name stands before
/// them.
const SORTED_UNDER: [&str; 7] = ["ac", "co", "com", "edu", "gov", "net", "org"];

/// The address as it is compared.
pub(super) fn address(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The registered domain of an address (`uni-nord.example` of `a@med.uni-nord.example`), so that the
/// faculties of a university meet; `None` for a host open to all, and where there is none.
pub(super) fn domain(email: &str) -> Option<String> {
    let email = address(email);
    let (_, host) = email.rsplit_once('@')?;
    let labels: Vec<&str> = host.split('.').collect();
    if labels.len() < 2
        || labels.iter().any(|label| label.is_empty())
        || PUBLIC_MAIL.contains(&host)
    {
        return None;
    }
    let sorted = labels.len() > 2
        && labels.last().is_some_and(|top| top.len() == 2)
        && labels
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|label| SORTED_UNDER.contains(label));
    let kept = labels.len() - if sorted { 3 } else { 2 };
    labels.get(kept..).map(|labels| labels.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn the_list_is_sorted_and_without_repetition() {
        assert!(PUBLIC_MAIL.is_sorted_by(|a, b| a < b));
        assert!(
            PUBLIC_MAIL
                .iter()
                .all(|host| *host == address(host) && host.contains('.'))
        );
    }

    #[rstest]
    #[case("a@uni-nord.example", Some("uni-nord.example"))]
    #[case(" A@Med.Uni-Nord.Example ", Some("uni-nord.example"))]
    #[case("a@cs.ox.ac.uk", Some("ox.ac.uk"))]
    #[case("a@metu.edu.tr", Some("metu.edu.tr"))]
    #[case("a@co.example", Some("co.example"))]
    #[case("a@gmail.com", None)]
    #[case("a@hotmail.co.uk", None)]
    #[case("a@example", None)]
    #[case("a@.example", None)]
    #[case("example.org", None)]
    #[case("", None)]
    fn domains(#[case] email: &str, #[case] expected: Option<&str>) {
        assert_eq!(domain(email).as_deref(), expected);
    }
}
