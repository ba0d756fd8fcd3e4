use access::Denied;
use kernel::{Code, Fault, Faults, Refused};
use store::StoreError;

use crate::ports::FileFault;

/// Why a use case did not happen, for the client; `cause` is for the log alone.
#[derive(Debug)]
pub struct Problem {
    /// The registered code.
    pub code: Code,
    /// What happened and what to do, in a sentence.
    pub detail: String,
    /// All faults, by field.
    pub errors: Vec<Fault>,
    /// The current ETag, for a stale version.
    pub etag: Option<String>,
    /// For a stale version of a draft, what helps to put the change into what is there.
    pub merge: Option<Box<intake::Merge>>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u32>,
    /// What the log says and the client does not see.
    pub cause: Option<String>,
}

impl Problem {
    /// A problem with a sentence about it.
    pub fn new(code: Code, detail: impl Into<String>) -> Problem {
        Problem {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            etag: None,
            merge: None,
            retry_after: None,
            cause: None,
        }
    }

    /// The answer for what does not exist, or not for this person: always the same words.
    pub fn not_found() -> Problem {
        Problem::new(
            Code::NotFound,
            "There is no such thing, or none that you may see.",
        )
    }

    /// The deed does not fit the state of things.
    pub fn state(detail: impl Into<String>) -> Problem {
        Problem::new(Code::StateConflict, detail)
    }

    /// One fault of the content.
    pub fn invalid(pointer: &str, code: &str, detail: impl Into<String>) -> Problem {
        Faults(vec![Fault::new(pointer, code, detail)]).into()
    }

    /// A fault of ours.
    pub fn internal(cause: impl std::fmt::Display) -> Problem {
        Problem {
            cause: Some(cause.to_string()),
            ..Problem::new(
                Code::Internal,
                "Something failed on our side; nothing was changed. Please try again, and tell the \
                 secretariat the request id if it stays.",
            )
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        match error {
            StoreError::NotFound => Problem::not_found(),
            StoreError::Stale => Problem::new(
                Code::StaleVersion,
                "Somebody changed it while you did; read it again and repeat what you did.",
            ),
            StoreError::Exists(constraint) => Problem {
                cause: Some(constraint),
                ..Problem::new(Code::AlreadyExists, "It exists already.")
            },
            StoreError::Unavailable(cause) => Problem {
                cause: Some(cause),
                retry_after: Some(5),
                ..Problem::new(
                    Code::Unavailable,
                    "The database does not answer; nothing was changed. Please try again in a moment.",
                )
            },
            StoreError::Refused(_) | StoreError::Permit | StoreError::Database(_) => {
                Problem::internal(error)
            }
        }
    }
}

impl From<FileFault> for Problem {
    fn from(fault: FileFault) -> Problem {
        Problem {
            cause: Some(fault.to_string()),
            retry_after: Some(5),
            ..Problem::new(
                Code::Unavailable,
                "Files cannot be kept or read at the moment; what was acknowledged is safe. Please try again in a \
                 moment.",
            )
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Problem {
        match denied {
            Denied::NotAuthenticated => {
                Problem::new(Code::NotAuthenticated, "Log in, or send a bearer token.")
            }
            Denied::Hidden => Problem::not_found(),
            Denied::Forbidden => Problem::new(
                Code::Forbidden,
                "None of the roles you wear here allows this; ask the call's secretariat.",
            ),
            Denied::OutOfScope => Problem::new(
                Code::Forbidden,
                "This session or bearer token is not for this: log in by password or have a login link sent, or make a \
                 token with the scope that the documentation of the operation names.",
            ),
            Denied::NotFresh => Problem::new(
                Code::FreshLoginRequired,
                "What binds money needs a login of the last minutes; log in again and repeat it.",
            ),
            Denied::SecondFactor => Problem::new(
                Code::SecondFactorRequired,
                "This role acts only after a login with a second factor; set one up under /me/totp.",
            ),
            Denied::Conflict => Problem::new(
                Code::ConflictOfInterest,
                "A conflict of interest with this proposal is on record.",
            ),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        Problem::state(format!("{refused}."))
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Problem {
        Problem {
            errors: faults.0,
            ..Problem::new(
                Code::InvalidContent,
                "Each entry of errors names a field, what was found and the remedy; nothing was saved.",
            )
        }
    }
}
