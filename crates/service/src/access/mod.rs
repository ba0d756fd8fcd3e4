//! Accounts, sessions, tokens and roles.
//!
//! Whoever holds a one-time link, or the right password, acts from then on as the account's owner
//! ([`links::as_owner`]), so that the policy and the audit trail know the person.

pub use access::Notice;

mod account;
mod authenticate;
mod factor;
mod hashing;
mod invitations;
pub(crate) mod links;
mod notices;
mod password;
mod roles;
mod sessions;
mod setup;
mod signup;
mod tasks;
mod tokens;
mod totp;

pub use account::{
    ChangeEmail, ChangeName, ChangePassword, ForgottenPassword, NewPassword, change_email,
    change_password, confirm_email, read_account, redeem_password_reset, rename_account,
    request_password_reset,
};
pub use authenticate::authenticate;
pub(crate) use factor::Tries;
pub use hashing::Hasher;
pub(crate) use invitations::enter;
pub use invitations::{
    Accept, Invitations, Invite, InviteToInstallation, Successor, accept_invitation,
    hand_over_role, invite_to_installation, invite_to_role, list_invitations, revoke_invitation,
};
pub use links::OnItsWay;
pub use notices::{NoticeView, Notices, NoticesInput, read_notices, set_notices};
pub use roles::{Roles, end_role, list_roles, my_roles};
pub use sessions::{
    LogIn, NewSession, Redeem, RequestLink, Tokens, end_session, list_sessions, log_in, log_out,
    redeem_login_link, request_login_link,
};
pub use setup::{from_the_command_line, make_administrator, sweep};
pub use signup::{LinkToken, SignUp, confirm_account, sign_up};
pub use tasks::{Tasks, my_tasks};
pub use tokens::{NewToken, TokenInput, list_tokens, make_token, revoke_token};
pub use totp::{Code, RecoveryCodes, TotpSecret, confirm_totp, remove_totp, start_totp};
