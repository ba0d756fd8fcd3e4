//! Signing up, and the own account.

use actix_web::{delete, get, patch, post, put};
use service::access::{
    self, ChangeEmail, ChangeName, ChangePassword, Code, ForgottenPassword, LinkToken, NewPassword,
    Notices, NoticesInput, OnItsWay, RecoveryCodes, Roles, SignUp, Tasks, TotpSecret,
};
use service::view::access::AccountView;

use crate::api::Routes;
use crate::{Ask, Problems, PublicAsk, Reply};

/// Adds the operations.
pub fn routes(config: &mut impl Routes) {
    config
        .service(sign_up)
        .service(confirm_account)
        .service(request_password_reset)
        .service(redeem_password_reset)
        .service(read_account)
        .service(rename_account)
        .service(change_password)
        .service(change_email)
        .service(confirm_email)
        .service(start_totp)
        .service(confirm_totp)
        .service(remove_totp)
        .service(read_notices)
        .service(set_notices)
        .service(my_roles)
        .service(my_tasks);
}

/// Sign up: a link to confirm the address goes out by mail. The answer is the same for an address that has an account.
#[utoipa::path(tag = "accounts", security(()), request_body(content = SignUp, example = json!({
    "email": "marie.curie@example.org", "name": "Marie Curie", "password": "radium glows in the shed"})),
    responses((status = 202, description = "A mail is on its way", body = OnItsWay), Problems))]
#[post("/accounts")]
async fn sign_up(ask: PublicAsk<SignUp>) -> Reply<OnItsWay> {
    Reply::accepted(access::sign_up(&ask.service, ask.context, ask.input).await)
}

/// Confirm the address of a sign-up, with the token of the mailed link.
#[utoipa::path(tag = "accounts", security(()), request_body(content = LinkToken, example = json!({"token": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"})),
    responses((status = 200, description = "The account can be used", body = AccountView), Problems))]
#[post("/accounts/confirm")]
async fn confirm_account(ask: PublicAsk<LinkToken>) -> Reply<AccountView> {
    Reply::ok(access::confirm_account(&ask.service, ask.context, ask.input).await)
}

/// Have a link to set a new password sent. The answer is the same for an unknown address.
#[utoipa::path(tag = "accounts", security(()), request_body(content = ForgottenPassword, example = json!({"email": "marie.curie@example.org"})),
    responses((status = 202, description = "A mail is on its way", body = OnItsWay), Problems))]
#[post("/password-resets")]
async fn request_password_reset(ask: PublicAsk<ForgottenPassword>) -> Reply<OnItsWay> {
    Reply::accepted(access::request_password_reset(&ask.service, ask.context, ask.input).await)
}

/// Set a new password, with the token of the mailed link; all sessions end.
#[utoipa::path(tag = "accounts", security(()), request_body(content = NewPassword, example = json!({
    "token": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "password": "polonium came before it"})),
    responses((status = 200, description = "The password is set", body = AccountView), Problems))]
#[post("/password-resets/redeem")]
async fn redeem_password_reset(ask: PublicAsk<NewPassword>) -> Reply<AccountView> {
    Reply::ok(access::redeem_password_reset(&ask.service, ask.context, ask.input).await)
}

/// The own account.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The account", body = AccountView), Problems))]
#[get("/me")]
async fn read_account(ask: Ask) -> Reply<AccountView> {
    Reply::ok(access::read_account(&ask.service, ask.context).await)
}

/// Change the own name or ORCID iD; what is left out stays.
#[utoipa::path(tag = "accounts", request_body(content = ChangeName, example = json!({
    "name": "Marie Skłodowska Curie", "orcid": "0000-0002-1825-0097"})),
    responses((status = 200, description = "The account", body = AccountView), Problems))]
#[patch("/me")]
async fn rename_account(ask: Ask<ChangeName>) -> Reply<AccountView> {
    Reply::ok(access::rename_account(&ask.service, ask.context, ask.input).await)
}

/// Set another password, after a login of the last minutes; all other sessions end.
#[utoipa::path(tag = "accounts", request_body(content = ChangePassword, example = json!({
    "current": "radium glows in the shed", "new": "polonium came before it"})),
    responses((status = 200, description = "The account", body = AccountView), Problems))]
#[put("/me/password")]
async fn change_password(ask: Ask<ChangePassword>) -> Reply<AccountView> {
    Reply::ok(access::change_password(&ask.service, ask.context, ask.input).await)
}

/// Ask for another e-mail address, after a login of the last minutes: a link goes to the new address.
#[utoipa::path(tag = "accounts", request_body(content = ChangeEmail, example = json!({
    "email": "marie@example.net", "password": "radium glows in the shed"})),
    responses((status = 202, description = "A mail is on its way", body = OnItsWay), Problems))]
#[post("/me/email")]
async fn change_email(ask: Ask<ChangeEmail>) -> Reply<OnItsWay> {
    Reply::accepted(access::change_email(&ask.service, ask.context, ask.input).await)
}

/// Confirm another e-mail address, with the token of the link mailed to it; all sessions end.
#[utoipa::path(tag = "accounts", security(()), request_body(content = LinkToken, example = json!({"token": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"})),
    responses((status = 200, description = "The account has the new address", body = AccountView), Problems))]
#[post("/me/email/confirm")]
async fn confirm_email(ask: PublicAsk<LinkToken>) -> Reply<AccountView> {
    Reply::ok(access::confirm_email(&ask.service, ask.context, ask.input).await)
}

/// Make a secret for an authenticator application, after a login of the last minutes; it counts once a code was shown.
#[utoipa::path(tag = "accounts", responses((status = 201, description = "The secret, shown this once", body = TotpSecret), Problems))]
#[post("/me/totp")]
async fn start_totp(ask: Ask) -> Reply<TotpSecret> {
    Reply::created(access::start_totp(&ask.service, ask.context).await)
}

/// Put the second factor into use by a code of it.
#[utoipa::path(tag = "accounts", request_body(content = Code, example = json!({"code": "287082"})),
    responses((status = 200, description = "Recovery codes, shown this once", body = RecoveryCodes), Problems))]
#[post("/me/totp/confirm")]
async fn confirm_totp(ask: Ask<Code>) -> Reply<RecoveryCodes> {
    Reply::ok(access::confirm_totp(&ask.service, ask.context, ask.input).await)
}

/// Remove the second factor, by a code of it or a recovery code.
#[utoipa::path(tag = "accounts", request_body(content = Code, example = json!({"code": "287082"})),
    responses((status = 200, description = "The account", body = AccountView), Problems))]
#[delete("/me/totp")]
async fn remove_totp(ask: Ask<Code>) -> Reply<AccountView> {
    Reply::ok(access::remove_totp(&ask.service, ask.context, ask.input).await)
}

/// Which kinds of mails you get, and which of them you may do without.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The kinds of mails", body = Notices), Problems))]
#[get("/me/notices")]
async fn read_notices(ask: Ask) -> Reply<Notices> {
    Reply::ok(access::read_notices(&ask.service, ask.context).await)
}

/// Say which kinds of mails you do without: all of them; every other kind is sent. What is the last chance, what binds, and what keeps an account safe is always sent.
#[utoipa::path(tag = "accounts", request_body(content = NoticesInput, example = json!({"off": ["reminder", "deadline_moved"]})),
    responses((status = 200, description = "The kinds of mails", body = Notices), Problems))]
#[put("/me/notices")]
async fn set_notices(ask: Ask<NoticesInput>) -> Reply<Notices> {
    Reply::ok(access::set_notices(&ask.service, ask.context, ask.input).await)
}

/// The own roles, of all calls and the installation.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The roles", body = Roles), Problems))]
#[get("/me/roles")]
async fn my_roles(ask: Ask) -> Reply<Roles> {
    Reply::ok(access::my_roles(&ask.service, ask.context).await)
}

/// What waits for you, over all calls and roles, with dates.
#[utoipa::path(tag = "accounts", responses((status = 200, description = "The tasks", body = Tasks), Problems))]
#[get("/me/tasks")]
async fn my_tasks(ask: Ask) -> Reply<Tasks> {
    Reply::ok(access::my_tasks(&ask.service, ask.context).await)
}
