//! The pages behind one-time links in mails: a form that says what will happen, and what happened.
//!
//! Opening a link does nothing yet, because mail programs open links on their own. The form carries its
//! authority in the token alone and reads no cookie, so another site gains nothing by posting it.

use std::time::Instant;

use access::Actor;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use kernel::Code;
use serde::Deserialize;
use service::access::{
    self as accounts, Accept, ForgottenPassword, LinkToken, NewPassword, NewSession, Redeem,
    RequestLink,
};
use service::{Answer, Context, Problem, Service};

use crate::ask::{request_id, session_cookie, source};
use crate::problem::respond;
use crate::server::Frame;

/// Adds the pages.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/link/{page}", get().to(show))
        .route("/link/{page}", post().to(perform));
}

/// What a link is for.
#[derive(Debug, Clone, Copy, Deserialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
enum Page {
    Confirm,
    Login,
    Reset,
    Email,
    Invitation,
    Partner,
    Expert,
}

#[derive(Clone, Copy)]
struct Field {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    required: bool,
}

const EMAIL: Field = Field {
    name: "email",
    label: "E-mail address of your account",
    kind: "email",
    autocomplete: "email",
    required: true,
};
const NAME: Field = Field {
    name: "name",
    label: "Your name, if you have no account yet",
    kind: "text",
    autocomplete: "name",
    required: false,
};
const PASSWORD: Field = Field {
    name: "password",
    label: "New password (15 to 128 characters; 8 with a second factor)",
    kind: "password",
    autocomplete: "new-password",
    required: true,
};
const CODE: Field = Field {
    name: "code",
    label: "Code of your authenticator, or a recovery code, if your account has a second factor",
    kind: "text",
    autocomplete: "one-time-code",
    required: false,
};

impl Page {
    fn title(self) -> &'static str {
        match self {
            Page::Confirm => "Confirm your e-mail address",
            Page::Login => "Log in by link",
            Page::Reset => "Set a new password",
            Page::Email => "Confirm your new e-mail address",
            Page::Invitation => "Accept a role",
            Page::Partner => "Take part in a proposal",
            Page::Expert => "Invitation as an expert",
        }
    }

    /// Fields and button; without a token the form asks where to send one.
    fn form(self, has_token: bool) -> Option<(&'static [Field], &'static str)> {
        match (self, has_token) {
            (Page::Confirm | Page::Email, true) => Some((&[], "Confirm")),
            (Page::Login | Page::Expert, true) => Some((&[CODE], "Log in")),
            (Page::Reset, true) => Some((&[PASSWORD], "Set the password")),
            (Page::Invitation | Page::Partner, true) => Some((&[NAME, CODE], "Accept")),
            (Page::Login | Page::Expert | Page::Reset, false) => Some((&[EMAIL], "Send me a link")),
            (Page::Confirm | Page::Email | Page::Invitation | Page::Partner, false) => None,
        }
    }
}

/// The form, filled in. What a page does not ask for stays empty.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Filled {
    token: String,
    email: String,
    name: String,
    password: String,
    code: String,
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    page: Page,
    title: &'static str,
    token: String,
    said: Vec<String>,
    faults: Vec<String>,
    fields: &'static [Field],
    button: Option<&'static str>,
    onward: Option<(&'static str, &'static str)>,
}

impl LinkPage {
    fn form(page: Page, token: String) -> LinkPage {
        let (fields, button) = match page.form(!token.is_empty()) {
            Some((fields, button)) => (fields, Some(button)),
            None => (&[][..], None),
        };
        let said = match button {
            Some(_) => Vec::new(),
            None => vec!["This address is not complete; open the link in the mail again.".into()],
        };
        LinkPage {
            page,
            title: page.title(),
            token,
            said,
            faults: Vec::new(),
            fields,
            button,
            onward: None,
        }
    }

    fn told(page: Page, said: String, onward: Option<(&'static str, &'static str)>) -> LinkPage {
        LinkPage {
            page,
            title: page.title(),
            token: String::new(),
            said: vec![said],
            faults: Vec::new(),
            fields: &[],
            button: None,
            onward,
        }
    }
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    token: String,
}

async fn show(
    request: HttpRequest,
    page: Option<Path<Page>>,
    given: Option<Query<Given>>,
) -> HttpResponse {
    let Some(page) = page else {
        return respond(Problem::not_found(), &request);
    };
    let token = given.map(|given| given.into_inner().token);
    let form = LinkPage::form(page.into_inner(), token.unwrap_or_default());
    html(&form, StatusCode::OK).unwrap_or_else(|problem| respond(problem, &request))
}

async fn perform(
    request: HttpRequest,
    frame: Data<Frame>,
    page: Option<Path<Page>>,
    filled: Option<Form<Filled>>,
) -> HttpResponse {
    let Some(page) = page.map(Path::into_inner) else {
        return respond(Problem::not_found(), &request);
    };
    let filled = filled.map(Form::into_inner).unwrap_or_default();
    let context = Context {
        actor: Actor::Public,
        dry_run: false,
        if_match: None,
        idempotency: None,
        request_id: request_id(&request),
        source: source(&request, &frame),
        arrived: Instant::now(),
        arrival: None,
    };
    let token = filled.token.clone();
    let outcome = deed(&frame.service, context, page, filled).await;
    answer(page, token, outcome).unwrap_or_else(|problem| respond(problem, &request))
}

/// What was done: in words, and the session where one began.
type Done = Result<(String, Option<NewSession>), Problem>;

async fn deed(service: &Service, context: Context, page: Page, filled: Filled) -> Done {
    let token = filled.token;
    let code = Some(filled.code).filter(|code| !code.trim().is_empty());
    let sent = |answer: Answer<accounts::OnItsWay>| (answer.value.detail, None);
    match page {
        Page::Login | Page::Expert if token.is_empty() => {
            let input = RequestLink {
                email: filled.email,
            };
            let asked = accounts::request_login_link(service, context, input).await;
            asked.map(sent)
        }
        Page::Reset if token.is_empty() => {
            let input = ForgottenPassword {
                email: filled.email,
            };
            let asked = accounts::request_password_reset(service, context, input).await;
            asked.map(sent)
        }
        Page::Confirm => {
            let input = LinkToken { token };
            let account = accounts::confirm_account(service, context, input).await?;
            let email = account.value.email;
            Ok((
                format!("The address {email} is confirmed. You can log in now."),
                None,
            ))
        }
        Page::Email => {
            let input = LinkToken { token };
            let account = accounts::confirm_email(service, context, input).await?;
            let email = account.value.email;
            let words = format!("Your account has the address {email} now. Please log in again.");
            Ok((words, None))
        }
        Page::Reset => {
            let password = filled.password;
            let input = NewPassword { token, password };
            accounts::redeem_password_reset(service, context, input).await?;
            let words = "The new password is set, and all sessions have ended. Please log in.";
            Ok((words.to_owned(), None))
        }
        Page::Login | Page::Expert => {
            let input = Redeem { token, code };
            begun(accounts::redeem_login_link(service, context, input).await)
        }
        Page::Invitation => {
            let name = Some(filled.name).filter(|name| !name.trim().is_empty());
            let input = Accept { token, name, code };
            begun(accounts::accept_invitation(service, context, input).await)
        }
        Page::Partner => {
            let name = Some(filled.name).filter(|name| !name.trim().is_empty());
            let input = Accept { token, name, code };
            let claimed = service::intake::claim_part(service, context, input).await?;
            let session = claimed.value.session;
            let words = "You take part in the proposal now, and can write your own part of it.";
            Ok((words.to_owned(), session))
        }
    }
}

fn begun(session: Result<Answer<NewSession>, Problem>) -> Done {
    let session = session?.value;
    let words = match session.desk {
        Some(_) => format!(
            "You are logged in as {}, at your desk as an expert and nowhere else.",
            session.name
        ),
        None => format!("You are logged in as {}.", session.name),
    };
    Ok((words, Some(session)))
}

fn answer(page: Page, token: String, outcome: Done) -> Result<HttpResponse, Problem> {
    let problem = match outcome {
        Ok((words, session)) => {
            let onward = match &session {
                Some(_) => Some(("/api/v1/me/tasks", "What waits for you")),
                None => Some(("/", "To the front page")),
            };
            let told = LinkPage::told(page, words, onward);
            let mut response = html(&told, StatusCode::OK)?;
            if let Some(session) = session {
                response
                    .add_cookie(&session_cookie(&session))
                    .map_err(Problem::internal)?;
            }
            return Ok(response);
        }
        Err(problem) => problem,
    };
    let status = StatusCode::from_u16(problem.code.status()).map_err(Problem::internal)?;
    let wait = problem.retry_after;
    let shown = match problem.code {
        Code::LinkSpent => {
            let onward = Some(("/link/login", "Have a login link sent"));
            LinkPage::told(page, problem.detail, onward)
        }
        Code::Internal => return Err(problem),
        _ => {
            let mut form = LinkPage::form(page, token);
            form.faults = problem
                .errors
                .into_iter()
                .map(|fault| fault.detail)
                .collect();
            if form.faults.is_empty() {
                form.faults.push(problem.detail);
            }
            form
        }
    };
    let mut response = html(&shown, status)?;
    if let Some(seconds) = wait {
        let name = actix_web::http::header::RETRY_AFTER;
        response.headers_mut().insert(name, seconds.into());
    }
    Ok(response)
}

/// The page, kept by nobody: it may hold a token.
fn html(page: &LinkPage, status: StatusCode) -> Result<HttpResponse, Problem> {
    let text = page.render().map_err(Problem::internal)?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(text))
}
