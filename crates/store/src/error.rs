use access::{Action, Permit};
use diesel::result::{DatabaseErrorKind, Error as Diesel};
use uuid::Uuid;

/// What a query can end with.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row.
    #[error("not found")]
    NotFound,
    /// The row was changed since it was read.
    #[error("changed since it was read")]
    Stale,
    /// A row with the same key exists: the name of the broken constraint.
    #[error("exists already ({0})")]
    Exists(String),
    /// A CHECK of the database refuses the row: the name of the constraint.
    #[error("refused by {0}")]
    Refused(String),
    /// The permit was given for another deed or another thing. Always a fault of ours.
    #[error("the permit does not cover this write")]
    Permit,
    /// The database does not answer in time, or cannot be reached.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Anything else.
    #[error(transparent)]
    Database(Diesel),
}

impl From<Diesel> for StoreError {
    fn from(error: Diesel) -> Self {
        let constraint = |info: &dyn diesel::result::DatabaseErrorInformation| {
            info.constraint_name().unwrap_or("unnamed").to_owned()
        };
        match error {
            Diesel::NotFound => StoreError::NotFound,
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                StoreError::Exists(constraint(&*info))
            }
            Diesel::DatabaseError(DatabaseErrorKind::CheckViolation, info) => {
                StoreError::Refused(constraint(&*info))
            }
            Diesel::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                info,
            ) => StoreError::Unavailable(info.message().to_owned()),
            // A lock that was not to be had in time, or a deadlock that this side lost, is worth another try.
            Diesel::DatabaseError(_, info)
                if [
                    "lock timeout",
                    "deadlock",
                    "statement timeout",
                    "terminating connection",
                ]
                .iter()
                .any(|words| info.message().contains(words)) =>
            {
                StoreError::Unavailable(info.message().to_owned())
            }
            other => StoreError::Database(other),
        }
    }
}

/// Fails unless the permit was given for one of `actions` on `object`.
pub(crate) fn demand(permit: &Permit, actions: &[Action], object: Uuid) -> Result<(), StoreError> {
    let covered = actions.iter().any(|action| permit.covers(*action, object));
    covered.then_some(()).ok_or(StoreError::Permit)
}

/// Tells a stale version (no row matched the guard) from a write that happened.
pub(crate) fn one_row(changed: usize) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}
