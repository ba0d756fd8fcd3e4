//! What the use cases need from outside and do not do themselves. `outbound` makes these real.

mod files;
mod mail;
mod typeset;

pub use files::{
    FileChecker, FileFault, FileStore, FileStream, Files, Kept, Parts, Verdict, Written, sha256,
};
pub use mail::{MailFault, Mailer, OutgoingMail};
pub use typeset::{TypesetFault, Typesetter};

use std::future::Future;
use std::pin::Pin;

/// What a port does, as a future.
pub type Deed<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;
