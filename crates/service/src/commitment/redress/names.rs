//! No text for a coordinator names an expert.

use kernel::Faults;
use store::review::naming;
use uuid::Uuid;

use crate::{Problem, Tx};

/// A text that a coordinator will read.
pub(super) struct ForCoordinator<'a> {
    /// Its place in the request.
    pub pointer: &'a str,
    /// The text.
    pub text: &'a str,
    /// Why it names nobody, although a word of it is an expert's name, or an institution of one stands in it.
    pub despite_names: &'a str,
}

/// Refuses a text that holds the name, address, ORCID iD or a place of work of an expert of the call, or of who holds or held
/// a role of its panel. Of all of them: who looked at this proposal must not follow from what is refused. A surname may be
/// an ordinary word, and an institution that of the applicants: who says why it names nobody is let through, and the reason
/// is answered for the audit trail. A whole name, an address or an ORCID iD are no ordinary words.
pub(super) async fn names_nobody(
    tx: &mut Tx,
    call: Uuid,
    of: ForCoordinator<'_>,
    faults: &mut Faults,
) -> Result<Option<String>, Problem> {
    let (mut doubtful, mut certain) = (false, false);
    let texts = [(of.pointer.to_owned(), of.text)];
    for facts in naming::given_away_by(tx.conn(), call).await? {
        certain |= review::names_in_full(&facts, of.text);
        for one in review::identity_doubts(&facts, &texts) {
            match one.code.as_str() {
                "identity_email" | "identity_orcid" => certain = true,
                _ => doubtful = true,
            }
        }
    }
    let because = of.despite_names.trim();
    if doubtful && !certain && !because.is_empty() {
        return Ok(Some(because.to_owned()));
    }
    faults.require(
        !doubtful && !certain,
        of.pointer,
        "names_an_expert",
        "the text holds a name or an institution of an expert of the call or of somebody of its panel, an e-mail address or \
         an ORCID iD, and the coordinator reads it; say it without, or, where a name is an ordinary word there or the \
         institution is the applicants', say so in despite_names",
    );
    Ok(None)
}
