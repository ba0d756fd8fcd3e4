use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

type Keyed =
    RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;

/// Requests a minute that one source may make; `None` is without limit.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Everything else.
    pub general: Option<NonZeroU32>,
    /// Login, sign-up and links.
    pub login: Option<NonZeroU32>,
    /// Submitting, so that nothing else uses up its allowance.
    pub submission: Option<NonZeroU32>,
}

/// The buckets of all sources.
pub struct Limits {
    general: Option<Bucket>,
    login: Option<Bucket>,
    submission: Option<Bucket>,
    taken: AtomicU64,
}

/// After so many requests the sources are looked through.
const SWEEP_EVERY: u64 = 10_000;

struct Bucket {
    limiter: Keyed,
    per_minute: u32,
}

/// What is left of an allowance, or how long to wait.
pub struct Allowance {
    /// The whole allowance.
    pub limit: u32,
    /// What is left of it.
    pub remaining: u32,
    /// Seconds to wait, when nothing is left.
    pub wait: Option<u64>,
}

impl Limits {
    /// Fresh buckets.
    pub fn new(rate: &Rate) -> Limits {
        let bucket = |per_minute: Option<NonZeroU32>| {
            per_minute.map(|per_minute| Bucket {
                limiter: RateLimiter::keyed(Quota::per_minute(per_minute)).with_middleware(),
                per_minute: per_minute.get(),
            })
        };
        Limits {
            general: bucket(rate.general),
            login: bucket(rate.login),
            submission: bucket(rate.submission),
            taken: AtomicU64::new(0),
        }
    }

    /// Takes one request of `source` for `path` from its allowance.
    pub fn take(&self, source: IpAddr, path: &str) -> Option<Allowance> {
        self.sweep();
        let bucket = match path.rsplit('/').next() {
            Some("submit") => &self.submission,
            _ if path.starts_with("/api/v1/sessions") => &self.login,
            _ if path.starts_with("/api/v1/accounts") => &self.login,
            _ if path.starts_with("/api/v1/password-resets") => &self.login,
            _ if path.starts_with("/link/") => &self.login,
            _ => &self.general,
        };
        let bucket = bucket.as_ref()?;
        Some(match bucket.limiter.check_key(&source) {
            Ok(state) => Allowance {
                limit: bucket.per_minute,
                remaining: state.remaining_burst_capacity(),
                wait: None,
            },
            Err(refused) => Allowance {
                limit: bucket.per_minute,
                remaining: 0,
                wait: Some(
                    refused
                        .wait_time_from(DefaultClock::default().now())
                        .as_secs()
                        + 1,
                ),
            },
        })
    }

    /// Now and then forgets the sources that have their whole allowance again.
    fn sweep(&self) {
        if self
            .taken
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(SWEEP_EVERY)
        {
            for bucket in [&self.general, &self.login, &self.submission]
                .into_iter()
                .flatten()
            {
                bucket.limiter.retain_recent();
            }
        }
    }
}
