//! Accounts, the one table of hashed tokens, the login throttle, roles and invitations to them.

pub mod accounts;
pub mod invitations;
pub mod roles;
pub mod throttle;
pub mod tokens;

pub use accounts::AccountRow;
pub use invitations::InvitationRow;
pub use roles::{GrantRow, grant_secretariat, grants};
pub use tokens::{Authenticated, TokenKind, authenticate};
