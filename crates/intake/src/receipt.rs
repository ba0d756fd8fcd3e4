//! The receipt of a submission: what anyone may verify without asking us.

use call::StageKind;
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::canonical;

/// First line of what is signed. It names the form, so that a signature over a receipt can never be
/// shown as a signature over something else.
const PREFIX: &[u8] = b"jtc-receipt-v1\n";

/// What was submitted, when, and where the deed stands in the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Code of the call, such as `JTC2024`.
    pub call: String,
    /// The proposal.
    pub proposal: Uuid,
    /// Its number in the call, from 1.
    pub proposal_number: i32,
    /// The stage it was submitted at.
    pub stage: StageKind,
    /// The submitted version at that stage, from 1.
    pub version: i32,
    /// SHA-256 of the canonical content, in hexadecimal.
    pub content_sha256: String,
    /// When the submission was complete at the server: UTC, RFC 3339 with six places.
    #[serde(with = "micros")]
    #[schema(value_type = String, format = DateTime, example = "2024-03-05T15:59:59.123456Z")]
    pub submitted_at: DateTime<Utc>,
    /// The same instant in the zone of the call, with its offset.
    pub submitted_at_local: String,
    /// The IANA zone of the call.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub zone: Tz,
    /// Salted digest of the submission's own audit entry, in hexadecimal.
    pub audit_digest: String,
    /// Which key signs.
    pub key_id: String,
}

/// A receipt with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedReceipt {
    /// What is signed.
    pub receipt: Receipt,
    /// Ed25519 signature over [`Receipt::signed_bytes`], in hexadecimal.
    pub signature: String,
}

impl Receipt {
    /// The exact bytes that Ed25519 signs: the line `jtc-receipt-v1`, then the canonical JSON
    /// (RFC 8785) of the receipt.
    pub fn signed_bytes(&self) -> Vec<u8> {
        [PREFIX, &canonical::bytes(self)].concat()
    }
}

/// An instant in a zone as a receipt prints it, such as `2024-03-05T16:59:59.123456+01:00`.
pub fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone)
        .to_rfc3339_opts(SecondsFormat::Micros, false)
}

/// Always six places: chrono's own form leaves zeros out, and a signature needs one form.
mod micros {
    use super::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<DateTime<Utc>, D::Error> {
        DateTime::<Utc>::deserialize(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Receipt {
        let at: DateTime<Utc> = "2024-03-05T15:59:59.5Z".parse().unwrap();
        Receipt {
            call: "JTC2024".into(),
            proposal: Uuid::from_u128(7),
            proposal_number: 12,
            stage: StageKind::PreProposal,
            version: 3,
            content_sha256: "ab".repeat(32),
            submitted_at: at,
            submitted_at_local: local(at, Tz::Europe__Berlin),
            zone: Tz::Europe__Berlin,
            audit_digest: "cd".repeat(32),
            key_id: "k1".into(),
        }
    }

    #[test]
    fn the_signed_bytes_are_these() {
        let expected = format!(
            "jtc-receipt-v1\n{{\"audit_digest\":\"{}\",\"call\":\"JTC2024\",\"content_sha256\":\"{}\",\
             \"key_id\":\"k1\",\"proposal\":\"00000000-0000-0000-0000-000000000007\",\
             \"proposal_number\":12,\"stage\":\"pre_proposal\",\"submitted_at\":\"2024-03-05T15:59:59.500000Z\",\
             \"submitted_at_local\":\"2024-03-05T16:59:59.500000+01:00\",\"version\":3,\
             \"zone\":\"Europe/Berlin\"}}",
            "cd".repeat(32),
            "ab".repeat(32)
        );
        assert_eq!(
            String::from_utf8(receipt().signed_bytes()).unwrap(),
            expected
        );
    }

    #[test]
    fn a_receipt_that_was_sent_and_read_again_is_signed_over_the_same_bytes() {
        let signed = SignedReceipt {
            receipt: receipt(),
            signature: "00".repeat(64),
        };
        let read: SignedReceipt =
            serde_json::from_str(&serde_json::to_string_pretty(&signed).unwrap()).unwrap();
        assert_eq!(read.receipt.signed_bytes(), receipt().signed_bytes());
    }
}
