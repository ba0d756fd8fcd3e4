//! Identifiers: UUID version 7 (RFC 9562), so that a primary key grows with time and index pages stay warm.

use uuid::Uuid;

/// A new identifier. Its first 48 bits are the milliseconds since 1970: never use one as a secret.
pub fn new() -> Uuid {
    Uuid::now_v7()
}
