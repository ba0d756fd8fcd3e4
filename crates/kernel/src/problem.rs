use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// The registry of problem codes: stable names, each with its HTTP status and title (RFC 9457).
///
/// Every problem document carries one of these in `code`, and `type` points at the page that
/// explains it. A code is never renamed or used for something else.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Code {
    /// The request body is not what the operation reads.
    MalformedBody,
    /// A parameter in the path or the query is wrong.
    MalformedParameter,
    /// The content breaks rules; `errors` lists all of them.
    InvalidContent,
    /// Nobody is logged in, or the token is unknown, expired or revoked.
    NotAuthenticated,
    /// E-mail, password or code do not match.
    WrongCredentials,
    /// The cookie came from another site.
    CrossSite,
    /// The thing is visible, the deed is not allowed.
    Forbidden,
    /// The deed needs a session that logged in moments ago.
    FreshLoginRequired,
    /// The role needs a session that used a second factor.
    SecondFactorRequired,
    /// There is no such thing, or it is hidden.
    NotFound,
    /// There is no such method on this path.
    MethodNotAllowed,
    /// The state does not allow the deed.
    StateConflict,
    /// It exists already.
    AlreadyExists,
    /// The same request is being worked on.
    RequestInProgress,
    /// The deadline has passed.
    DeadlinePassed,
    /// A conflict of interest forbids it.
    ConflictOfInterest,
    /// The one-time link was used, replaced or has expired.
    LinkSpent,
    /// `If-Match` names an older version.
    StaleVersion,
    /// `If-Match` is missing.
    VersionRequired,
    /// The body is larger than the operation reads.
    TooLarge,
    /// The operation does not read a body of this media type.
    UnsupportedMediaType,
    /// The idempotency key came with another body before.
    IdempotencyKeyReused,
    /// Too many requests.
    TooManyRequests,
    /// A fault of ours.
    Internal,
    /// The database does not answer, or the server is stopping.
    Unavailable,
}

impl Code {
    /// The HTTP status that goes with the code.
    pub fn status(self) -> u16 {
        match self {
            Code::MalformedParameter => 400,
            Code::NotAuthenticated | Code::WrongCredentials => 401,
            Code::CrossSite
            | Code::Forbidden
            | Code::FreshLoginRequired
            | Code::SecondFactorRequired => 403,
            Code::NotFound => 404,
            Code::MethodNotAllowed => 405,
            Code::StateConflict
            | Code::AlreadyExists
            | Code::RequestInProgress
            | Code::DeadlinePassed
            | Code::ConflictOfInterest => 409,
            Code::LinkSpent => 410,
            Code::StaleVersion => 412,
            Code::TooLarge => 413,
            Code::UnsupportedMediaType => 415,
            Code::MalformedBody | Code::InvalidContent | Code::IdempotencyKeyReused => 422,
            Code::VersionRequired => 428,
            Code::TooManyRequests => 429,
            Code::Internal => 500,
            Code::Unavailable => 503,
        }
    }

    /// A short title, the same each time the code is used.
    pub fn title(self) -> &'static str {
        match self {
            Code::MalformedBody => "The request body cannot be read",
            Code::MalformedParameter => "A parameter cannot be read",
            Code::InvalidContent => "The content breaks rules",
            Code::NotAuthenticated => "Log in first",
            Code::WrongCredentials => "The credentials do not match",
            Code::CrossSite => "The request came from another site",
            Code::Forbidden => "You may not do this",
            Code::FreshLoginRequired => "Log in again to do this",
            Code::SecondFactorRequired => "Log in with your second factor to do this",
            Code::NotFound => "There is nothing here for you",
            Code::MethodNotAllowed => "This path has no such method",
            Code::StateConflict => "The state does not allow this",
            Code::AlreadyExists => "It exists already",
            Code::RequestInProgress => "The same request is being worked on",
            Code::DeadlinePassed => "The deadline has passed",
            Code::ConflictOfInterest => "A conflict of interest forbids this",
            Code::LinkSpent => "The link is spent",
            Code::StaleVersion => "Somebody changed it before you",
            Code::VersionRequired => "Say which version you change",
            Code::TooLarge => "The body is too large",
            Code::UnsupportedMediaType => "The operation does not read such a body",
            Code::IdempotencyKeyReused => "The idempotency key was used for something else",
            Code::TooManyRequests => "Too many requests",
            Code::Internal => "A fault on our side",
            Code::Unavailable => "The service is not available now",
        }
    }
}
