//! What people were told: the only truth that the checker knows.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::watch;

/// So many writes as between two kills never take this long.
const PATIENCE: Duration = Duration::from_secs(240);

/// Everything acknowledged. Whoever writes enters it only when the answer has come.
pub struct Ledger {
    proposals: Mutex<BTreeMap<String, Told>>,
    pledges: Mutex<BTreeMap<String, Vec<String>>>,
    surprises: Mutex<Vec<String>>,
    acknowledged: watch::Sender<usize>,
    unanswered: Mutex<usize>,
}

/// What somebody was told of one proposal.
#[derive(Debug, Default, Clone)]
pub struct Told {
    /// The coordinator's e-mail address.
    pub owner: String,
    /// Titles, in the order they were saved; the first came with the draft.
    pub titles: Vec<String>,
    /// Signatures of the receipts, by version.
    pub receipts: Vec<String>,
    /// Hashes of the files that were taken.
    pub files: Vec<String>,
    /// How often a submitted proposal was written on.
    pub reopened: usize,
}

impl Ledger {
    /// An empty one.
    pub fn new() -> Ledger {
        Ledger {
            proposals: Mutex::default(),
            pledges: Mutex::default(),
            surprises: Mutex::default(),
            acknowledged: watch::Sender::new(0),
            unanswered: Mutex::default(),
        }
    }

    /// A proposal was begun with this title.
    pub fn drafted(&self, id: &str, owner: &str, title: &str) {
        let told = Told {
            owner: owner.to_owned(),
            titles: vec![title.to_owned()],
            ..Told::default()
        };
        self.proposals().insert(id.to_owned(), told);
        self.count();
    }

    /// A title was saved.
    pub fn saved(&self, id: &str, title: &str, reopens: bool) {
        let mut proposals = self.proposals();
        let told = proposals.get_mut(id).unwrap();
        told.titles.push(title.to_owned());
        told.reopened += usize::from(reopens);
        drop(proposals);
        self.count();
    }

    /// A receipt was given.
    pub fn submitted(&self, id: &str, signature: &str) {
        let mut proposals = self.proposals();
        let told = proposals.get_mut(id).unwrap();
        told.receipts.push(signature.to_owned());
        drop(proposals);
        self.count();
    }

    /// A file was taken.
    pub fn filed(&self, id: &str, sha256: &str) {
        let mut proposals = self.proposals();
        let told = proposals.get_mut(id).unwrap();
        told.files.push(sha256.to_owned());
        drop(proposals);
        self.count();
    }

    /// A funder's commitment was taken down.
    pub fn pledged(&self, funder: &str, amount: &str) {
        let mut pledges = self.pledges.lock().unwrap();
        let all = pledges.entry(funder.to_owned()).or_default();
        all.push(amount.to_owned());
        drop(pledges);
        self.count();
    }

    /// An answer that cannot be after what was acknowledged before.
    pub fn surprise(&self, what: String) {
        let mut surprises = self.surprises.lock().unwrap();
        surprises.push(what);
        assert!(
            surprises.len() < 1000,
            "surprise after surprise: {surprises:?}"
        );
    }

    /// A request had no answer, or one that left open what was done.
    pub fn unanswered(&self) {
        *self.unanswered.lock().unwrap() += 1;
    }

    fn count(&self) {
        self.acknowledged.send_modify(|count| *count += 1);
    }

    /// How many writes were acknowledged.
    pub fn acknowledged(&self) -> usize {
        *self.acknowledged.borrow()
    }

    /// Waits until so many writes are acknowledged.
    pub async fn reaches(&self, count: usize) {
        let mut counts = self.acknowledged.subscribe();
        let reached = counts.wait_for(|now| *now >= count);
        let outcome = tokio::time::timeout(PATIENCE, reached).await;
        assert!(outcome.is_ok(), "{count} writes are not reached");
    }

    /// How many requests had to be sent once more.
    pub fn repeated(&self) -> usize {
        *self.unanswered.lock().unwrap()
    }

    /// All proposals.
    pub fn proposals(&self) -> MutexGuard<'_, BTreeMap<String, Told>> {
        self.proposals.lock().unwrap()
    }

    /// How many proposals have a receipt.
    pub fn with_receipt(&self) -> usize {
        let proposals = self.proposals();
        let submitted = proposals.values().filter(|told| !told.receipts.is_empty());
        submitted.count()
    }

    /// All pledges, by funder, in their order.
    pub fn pledges(&self) -> BTreeMap<String, Vec<String>> {
        self.pledges.lock().unwrap().clone()
    }

    /// All surprises.
    pub fn surprises(&self) -> Vec<String> {
        self.surprises.lock().unwrap().clone()
    }
}
