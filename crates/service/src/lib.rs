#![doc = include_str!("../README.md")]

pub mod access;
pub mod agenda;
pub mod audit;
pub mod calendar;
pub mod call;
pub mod commitment;
pub mod context;
pub mod health;
pub mod intake;
pub mod keys;
mod mail;
pub mod ports;
mod problem;
pub mod review;
mod tx;
pub mod worker;

pub use ::store::view;
pub use context::{Context, Idempotency, Settings};
pub use keys::Keys;
pub use problem::Problem;
pub use tx::{Answer, Tx};

use std::sync::Arc;

use ::store::Db;

/// How many large workbooks are put together at the same time.
const WORKBOOKS: usize = 2;

/// How many looks at what would change a selection are computed at the same time.
const OPTIMA: usize = 2;

/// Everything a use case needs: the database, the keys, the files, the settings. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    keys: Keys,
    settings: Settings,
    hasher: access::Hasher,
    arrivals: context::Arrivals,
    files: ports::Files,
    typesetter: Arc<dyn ports::Typesetter>,
    /// The uploads that are written to at this moment.
    writing: intake::Writing,
    /// A permit for each large workbook that may be put together at the same time.
    workbooks: tokio::sync::Semaphore,
    /// A permit for each look at a selection that may be computed at the same time.
    optima: tokio::sync::Semaphore,
}

impl Service {
    /// Puts the parts together; fails where the system gives no threads.
    pub fn new(
        db: Db,
        keys: Keys,
        settings: Settings,
        files: ports::Files,
        typesetter: Arc<dyn ports::Typesetter>,
    ) -> Result<Service, rayon::ThreadPoolBuildError> {
        Ok(Service {
            inner: Arc::new(Inner {
                db,
                keys,
                hasher: access::Hasher::new(&settings)?,
                settings,
                arrivals: context::Arrivals::default(),
                files,
                typesetter,
                writing: intake::Writing::default(),
                workbooks: tokio::sync::Semaphore::new(WORKBOOKS),
                optima: tokio::sync::Semaphore::new(OPTIMA),
            }),
        })
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    /// The installation's keys.
    pub fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Where something of the API is, for a mail: `path` begins with a slash.
    pub(crate) fn api(&self, path: impl std::fmt::Display) -> String {
        format!("{}/api/v1{path}", self.settings().public_url)
    }

    /// Where files are.
    pub fn files(&self) -> &ports::Files {
        &self.inner.files
    }

    /// Who sets documents.
    pub(crate) fn typesetter(&self) -> &dyn ports::Typesetter {
        self.inner.typesetter.as_ref()
    }

    /// Who hashes passwords, a few at a time.
    pub(crate) fn hasher(&self) -> &access::Hasher {
        &self.inner.hasher
    }

    /// Who puts large workbooks together, a few at a time.
    pub(crate) fn workbooks(&self) -> &tokio::sync::Semaphore {
        &self.inner.workbooks
    }

    /// Who looks at what would change selections, a few at a time.
    pub(crate) fn optima(&self) -> &tokio::sync::Semaphore {
        &self.inner.optima
    }

    /// The submissions that have arrived and are not yet decided.
    pub fn arrivals(&self) -> &context::Arrivals {
        &self.inner.arrivals
    }
}
