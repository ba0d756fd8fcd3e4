//! What is known about a request besides its input.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use access::Actor;

/// Who asks, from where, since when, and under which conditions.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who acts.
    pub actor: Actor,
    /// Whether only to say what would happen.
    pub dry_run: bool,
    /// The `If-Match` header.
    pub if_match: Option<String>,
    /// The `Idempotency-Key`, where one was given and the route keeps answers.
    pub idempotency: Option<Idempotency>,
    /// The id that logs and problem documents carry.
    pub request_id: String,
    /// The client's address, as the trusted proxies tell it.
    pub source: IpAddr,
    /// When the request was complete at the server.
    pub arrived: Instant,
    /// Keeps the stages open that this request arrived in time for, until it is decided.
    pub arrival: Option<Arc<Arrival>>,
}

/// An idempotency key with what it was used for.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// The client's key.
    pub key: String,
    /// Method and path.
    pub route: String,
    /// SHA-256 of query and body.
    pub body_sha256: Vec<u8>,
}

impl Context {
    /// The context of a deed of the server itself.
    pub fn system(job: access::Job) -> Context {
        Context {
            actor: Actor::System(job),
            dry_run: false,
            if_match: None,
            idempotency: None,
            request_id: kernel::id::new().to_string(),
            source: IpAddr::from([127, 0, 0, 1]),
            arrived: Instant::now(),
            arrival: None,
        }
    }
}

/// What the operator configures for the use cases.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach this installation, without a slash at the end.
    pub public_url: String,
    /// How long a session lasts.
    pub session: Duration,
    /// How long after its login a session counts as fresh.
    pub fresh: Duration,
    /// Whether privileged roles need a second factor.
    pub require_second_factor: bool,
    /// How many passwords are hashed at once.
    pub hash_permits: usize,
    /// How many logins may wait for one of them.
    pub hash_queue: usize,
}

/// The submissions that have arrived and are not yet decided, by arrival.
///
/// A stage closes only when none is left that arrived before the closer looked: each is stamped under
/// the same lock that the closer takes, so nothing can slip between its arrival and its entry here.
#[derive(Debug, Default)]
pub struct Arrivals {
    open: Mutex<(u64, BTreeMap<u64, Instant>)>,
}

/// A submission's entry in [`Arrivals`], from its arrival to its decision.
#[derive(Debug)]
pub struct Arrival {
    service: crate::Service,
    number: u64,
    /// When the request was complete.
    pub at: Instant,
}

impl crate::Service {
    /// Stamps a submission as arrived.
    pub fn arrive(&self) -> Arrival {
        let mut open = self.arrivals().lock();
        let at = Instant::now();
        open.0 += 1;
        let number = open.0;
        open.1.insert(number, at);
        Arrival {
            service: self.clone(),
            number,
            at,
        }
    }
}

impl Arrivals {
    fn lock(&self) -> std::sync::MutexGuard<'_, (u64, BTreeMap<u64, Instant>)> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a submission that arrived before `moment` is still undecided.
    pub fn any_before(&self, moment: Instant) -> bool {
        self.lock().1.values().any(|at| *at < moment)
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.service.arrivals().lock().1.remove(&self.number);
    }
}

impl std::fmt::Debug for crate::Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}
