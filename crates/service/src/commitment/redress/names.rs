//! No text for a coordinator names an expert.

use kernel::Faults;
use store::review::expert as experts;
use uuid::Uuid;

use crate::{Problem, Tx};

/// A text that a coordinator will read.
pub(super) struct ForCoordinator<'a> {
    /// Its place in the request.
    pub pointer: &'a str,
    /// The text.
    pub text: &'a str,
    /// Why it names nobody, although a word of it is an expert's name.
    pub despite_names: &'a str,
}

/// Refuses a text that holds the name, address or ORCID iD of an expert of the call. Of all of them: who looked at this
/// proposal must not follow from what is refused. A surname may be an ordinary word: who says why it names nobody
/// is let through, and the reason is answered for the audit trail. A whole name, an address or an ORCID iD are no
/// ordinary words.
pub(super) async fn names_nobody(
    tx: &mut Tx,
    call: Uuid,
    of: ForCoordinator<'_>,
    faults: &mut Faults,
) -> Result<Option<String>, Problem> {
    let today = tx.now().await?.date_naive();
    let (mut name, mut certain) = (false, false);
    for expert in experts::of_call(tx.conn(), call).await? {
        let facts = expert.facts(today)?;
        certain |= review::names_in_full(&facts, of.text);
        let texts = [(of.pointer.to_owned(), of.text)];
        let found = review::identity_doubts(&facts, &texts);
        for one in found {
            name |= one.code == "identity_name";
            certain |= matches!(one.code.as_str(), "identity_email" | "identity_orcid");
        }
    }
    let because = of.despite_names.trim();
    if name && !certain && !because.is_empty() {
        return Ok(Some(because.to_owned()));
    }
    faults.require(
        !name && !certain,
        of.pointer,
        "names_an_expert",
        "the text holds a name of an expert of the call, an e-mail address or an ORCID iD, and the coordinator reads \
         it; say it without, or, where a name is an ordinary word there, say so in despite_names",
    );
    Ok(None)
}
