//! What changed since the invitation. The pre-proposal binds: other partners or funders need the
//! consent of the call steering committee, so a change is pointed out and not refused.

use kernel::Faults;

use crate::content::{Content, Partner};

fn find<'a>(among: &'a Content, partner: &Partner) -> Option<&'a Partner> {
    among.partners.iter().find(|known| known.id == partner.id)
}

/// Points out what differs from the proposal as it was invited, in what binds it.
pub(crate) fn doubts(invited: &Content, content: &Content, doubts: &mut Faults) {
    for gone in invited
        .partners
        .iter()
        .filter(|partner| find(content, partner).is_none())
    {
        doubts.add(
            "/partners",
            "partner_dropped",
            format!(
                "{} ({}) was invited and is missing; put the partner back, or explain to the secretariat",
                gone.organisation, gone.principal_investigator.name
            ),
        );
    }
    for (at, partner) in content.partners.iter().enumerate() {
        let at = format!("/partners/{at}");
        match find(invited, partner) {
            None => doubts.add(
                at,
                "partner_added",
                format!(
                    "{} was not in the invited proposal; take the partner out, or explain to the secretariat",
                    partner.organisation
                ),
            ),
            Some(before) => {
                doubts.require(
                    before.role == partner.role,
                    format!("{at}/role"),
                    "role_changed",
                    format!(
                        "was {} when invited, is {} now; change it back, or explain to the secretariat",
                        before.role, partner.role
                    ),
                );
                doubts.require(
                    before.funder() == partner.funder(),
                    format!("{at}/funding"),
                    "funder_changed",
                    format!(
                        "asked {} when invited, asks {} now; change it back, or explain to the secretariat",
                        before.funder().unwrap_or("nobody"),
                        partner.funder().unwrap_or("nobody")
                    ),
                );
            }
        }
    }
}
