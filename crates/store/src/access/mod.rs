//! Accounts, the one table of hashed tokens, the login throttle, roles and invitations to them.

pub mod accounts;
mod experts;
pub mod holders;
pub mod invitations;
pub mod notices;
pub mod roles;
pub mod throttle;
pub mod tokens;

pub use accounts::AccountRow;
pub use experts::{find_or_make_account, grant_panel_seat, issue_desk_link, pass_panel_seat};
pub use invitations::InvitationRow;
pub use roles::{GrantRow, grant_secretariat, grants};
pub use tokens::{Authenticated, TokenKind, authenticate};
