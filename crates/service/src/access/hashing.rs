//! Passwords are hashed a few at a time: each takes some 30 ms of one core and 19 MiB. They have threads of their own,
//! because a thread keeps such a piece of memory for its next use: the many that other work shares would keep many.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use kernel::Code;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::{Problem, Service, Settings};

/// Stands in for the hash of who is unknown or has no password, so that both take the same time. It is
/// of no password: its digest was not computed but written down.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$\
    AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Memory in KiB, passes and lanes (S1).
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// The threads that hash, and the places in the queue before them.
pub struct Hasher {
    threads: ThreadPool,
    queue: Arc<Semaphore>,
}

/// What the comparison of a password with a stored hash found.
pub(crate) struct Verdict {
    /// The password is the one.
    pub matches: bool,
    /// The hash was made with less effort than is asked for now.
    pub outdated: bool,
}

impl Hasher {
    /// As many as configured.
    pub fn new(settings: &Settings) -> Result<Hasher, ThreadPoolBuildError> {
        let count = settings.hash_permits.max(1);
        let threads = ThreadPoolBuilder::new()
            .num_threads(count)
            .thread_name(|_| "passwords".to_owned())
            // Whoever waits for the answer finds that none will come.
            .panic_handler(|_| ());
        Ok(Hasher {
            threads: threads.build()?,
            queue: Arc::new(Semaphore::new(count + settings.hash_queue)),
        })
    }

    /// A place in the queue, where there is one.
    fn place(&self) -> Result<Place, Problem> {
        let place = self.queue.clone().try_acquire_owned();
        place.map(Place).map_err(|_| Problem {
            retry_after: Some(3),
            ..Problem::new(
                Code::Unavailable,
                "Too many people are logging in at this moment; try again in a few seconds.",
            )
        })
    }
}

/// A place in the queue of those who have a password looked at.
pub(crate) struct Place(
    #[allow(dead_code, reason = "it is held until it is dropped")] OwnedSemaphorePermit,
);

/// Queues up for [`verify`], before the try is counted: who is sent away has not tried.
pub(crate) fn queue_up(service: &Service) -> Result<Place, Problem> {
    service.hasher().place()
}

fn argon2() -> Result<Argon2<'static>, Problem> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(Problem::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Runs what takes a core for a while, in its turn. No database connection may be held meanwhile.
async fn in_turn<T: Send + 'static>(
    service: &Service,
    place: Place,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let (done, answer) = oneshot::channel();
    service.hasher().threads.spawn(move || {
        let outcome = work();
        drop(place);
        // Who asked may have gone away.
        let _ = done.send(outcome);
    });
    answer.await.map_err(Problem::internal)?
}

/// The PHC string of a password.
pub(crate) async fn hash(service: &Service, password: &str) -> Result<String, Problem> {
    let password = password.to_owned();
    in_turn(service, queue_up(service)?, move || {
        let hash: PasswordHash = argon2()?
            .hash_password(password.as_bytes())
            .map_err(Problem::internal)?;
        Ok(hash.to_string())
    })
    .await
}

/// Compares a password with a stored hash; without one it takes as long and never matches.
pub(crate) async fn verify(
    service: &Service,
    place: Place,
    password: &str,
    stored: Option<&str>,
) -> Result<Verdict, Problem> {
    let password = password.to_owned();
    let known = stored.is_some();
    let stored = stored.unwrap_or(NOBODY).to_owned();
    in_turn(service, place, move || {
        let hash = PasswordHash::new(&stored).map_err(Problem::internal)?;
        let matches = argon2()?
            .verify_password(password.as_bytes(), &hash)
            .is_ok();
        let params = Params::try_from(&hash).map_err(Problem::internal)?;
        let (memory, passes, lanes) = COST;
        let outdated =
            params.m_cost() < memory || params.t_cost() < passes || params.p_cost() < lanes;
        Ok(Verdict {
            matches: matches && known,
            outdated,
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nobody_costs_what_every_other_costs() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&nobody).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), COST);
        assert!(argon2().unwrap().verify_password(b"", &nobody).is_err());
        let own: PasswordHash = argon2().unwrap().hash_password(b"one of ours").unwrap();
        assert_eq!(nobody.algorithm, own.algorithm);
        assert_eq!(
            nobody.hash.unwrap().len(),
            own.hash.unwrap().len(),
            "the same length to compute"
        );
    }
}
