use intake::SignedReceipt;
use serde::{Deserialize, Serialize};
use store::intake as rows;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Answer, Context, Problem, Service, Tx, keys};

/// All receipts of a proposal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Receipts {
    /// Oldest first.
    pub items: Vec<SignedReceipt>,
}

/// What a signature is worth.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// Whether this installation signed exactly this receipt.
    pub valid: bool,
    /// The key of this installation.
    pub key_id: String,
    /// The same for people.
    pub sentence: String,
}

/// The key that receipts and audit heads are signed with.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InstallationKey {
    /// First 16 hexadecimal digits of the key's SHA-256.
    #[schema(example = "0011223344556677")]
    pub key_id: String,
    /// The Ed25519 public key, 64 hexadecimal digits.
    pub public_key: String,
}

/// The signed receipts of a proposal, for its coordinator. A partner does not read all budgets, and the hash of the whole
/// would confirm its guesses at them.
pub async fn list_receipts(
    service: &Service,
    context: Context,
    id: Uuid,
) -> Result<Answer<Receipts>, Problem> {
    let work = async move |tx: &mut Tx| {
        let proposal = super::own(tx, id).await?;
        let receipts = rows::receipts(tx.conn(), proposal.id).await?;
        let items = receipts.into_iter().map(store::text::document);
        Ok(Receipts {
            items: items.collect::<Result<_, _>>()?,
        })
    };
    service.read(context, work).await
}

/// Says whether a receipt is genuine. It needs no database: the signature says it all.
pub fn verify_receipt(
    service: &Service,
    signed: &SignedReceipt,
) -> Result<Answer<Verification>, Problem> {
    let key_id = service.keys().key_id();
    let receipt = &signed.receipt;
    let valid = hex::decode(&signed.signature).is_ok_and(|signature| {
        keys::verify(
            &service.keys().public_key(),
            &receipt.signed_bytes(),
            &signature,
        )
    });
    let sentence = if valid {
        format!(
            "This installation received version {} of proposal {} of the call {} on {}, with content \
             of SHA-256 {}.",
            receipt.version,
            receipt.proposal_number,
            receipt.call,
            receipt.submitted_at_local,
            receipt.content_sha256
        )
    } else if receipt.key_id != key_id {
        format!(
            "The receipt names the key {}, and this installation signs with {key_id}; ask the \
             installation that gave it.",
            receipt.key_id
        )
    } else {
        "The signature does not fit the receipt: one of them was changed.".to_owned()
    };
    answer(
        service,
        Verification {
            valid,
            key_id,
            sentence,
        },
    )
}

/// The public key of the installation.
pub fn read_key(service: &Service) -> Result<Answer<InstallationKey>, Problem> {
    answer(
        service,
        InstallationKey {
            key_id: service.keys().key_id(),
            public_key: hex::encode(service.keys().public_key()),
        },
    )
}

fn answer<T: Serialize>(service: &Service, value: T) -> Result<Answer<T>, Problem> {
    Ok(Answer {
        etag: service.etag(&value)?,
        value,
        dry_run: false,
    })
}
