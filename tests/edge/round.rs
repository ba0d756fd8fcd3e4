//! One deadline of a call of its own, with submissions before and after it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, future, stream};
use serde_json::json;
use testkit::{Client, Reply, TestApp};
use tokio::time::Instant;

use crate::proposals::{FUNDERS, draft, submit};

/// By how much an extension moves the deadline.
const EXTENSION: u16 = 150;
/// Submissions are sent from this long before the middle of the two deadlines to this long after it.
const HALF: Duration = Duration::from_millis(500);

/// What happens to the deadline.
#[derive(Debug, Clone, Copy)]
pub enum Deadline {
    /// It is extended; the request is sent so many milliseconds ahead of it.
    Extended(i64),
    /// It is not, but the row says so many milliseconds more than everybody was told: a planted fault.
    Otherwise(i64),
}

/// A submission, as its sender saw it.
pub struct Decided {
    pub sent: Instant,
    pub reply: Reply,
    pub answered: Instant,
}

/// What was announced, and what came of it.
pub struct Round {
    /// The deadline by the database's clock, and the instant here that is the same.
    pub first: (DateTime<Utc>, Instant),
    /// The extended one.
    pub second: (DateTime<Utc>, Instant),
    /// Whether the extension came in time.
    pub moved: bool,
    pub extended_at: Instant,
    pub decided: Vec<Decided>,
    /// Locked, lapsed and all proposals of the call.
    pub closed: [usize; 3],
}

impl Round {
    /// How many were accepted.
    pub fn accepted(&self) -> usize {
        self.decided
            .iter()
            .filter(|one| one.reply.status == 200)
            .count()
    }

    /// The deadline that counts in the end.
    pub fn last(&self) -> (DateTime<Utc>, Instant) {
        if self.moved { self.second } else { self.first }
    }

    /// Opens a call, drafts `count` proposals, and submits them around its deadline.
    pub async fn run(
        app: &TestApp,
        people: &[Client],
        number: usize,
        count: usize,
        deadline: Deadline,
    ) -> Round {
        let office = app.person(&format!("Office {number}")).await;
        let code = format!("JTC2026-{number}");
        let call = app.open_call(&office, &code, &FUNDERS).await.id();
        let drafts: Vec<(&Client, Reply)> = stream::iter(0..count)
            .map(|at| {
                let (person, call) = (&people[at % people.len()], &call);
                async move { (person, draft(person, call).await) }
            })
            .buffered(8)
            .collect()
            .await;
        let (now, here) = clock(app).await;
        let after = |from: (DateTime<Utc>, Instant), by: Duration| {
            (from.0 + TimeDelta::from_std(by).unwrap(), from.1 + by)
        };
        let first = after((now, here), HALF * 2);
        let second = after(first, Duration::from_millis(EXTENSION.into()));
        let written = match deadline {
            Deadline::Extended(_) => first.0,
            Deadline::Otherwise(more) => first.0 + TimeDelta::milliseconds(more),
        };
        app.sql(&format!(
            "update stage set deadline_at = '{written}' where call_id = '{call}' and number = 1"
        ))
        .await;
        let extension = extend(&office, &call, first, second.0, deadline);
        let begin = first.1 + Duration::from_millis(EXTENSION.into()) / 2 - HALF;
        let submissions = drafts.iter().enumerate().map(|(at, (person, draft))| {
            let share = u32::try_from(at).unwrap() * 2 * HALF / u32::try_from(count).unwrap();
            submit_at(person, draft, begin + share)
        });
        let closing = app.service.clone();
        let closer = tokio::spawn(async move {
            while service::calendar::turn(&closing).await.unwrap() == 0 {
                tokio::task::yield_now().await;
            }
        });
        let (extended, decided) = future::join(extension, future::join_all(submissions)).await;
        closer.await.unwrap();
        let closed = app
            .value(&format!(
                "select format('%s %s %s', count(*) filter (where state = 'locked'),
                               count(*) filter (where state = 'lapsed'), count(*))
                 from proposal_stage where call_id = '{call}'"
            ))
            .await;
        let mut closed = closed.split(' ').map(|count| count.parse().unwrap());
        Round {
            first,
            second,
            moved: extended.0,
            extended_at: extended.1,
            decided,
            closed: std::array::from_fn(|_| closed.next().unwrap()),
        }
    }
}

/// The database's clock, and the instant here at which it was read.
async fn clock(app: &TestApp) -> (DateTime<Utc>, Instant) {
    let text = app
        .value("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        .await;
    (text.parse().unwrap(), Instant::now())
}

/// Asks for the extension when its time has come; answers whether it came before the closing, and when.
async fn extend(
    office: &Client,
    call: &str,
    first: (DateTime<Utc>, Instant),
    second: DateTime<Utc>,
    deadline: Deadline,
) -> (bool, Instant) {
    let Deadline::Extended(ahead) = deadline else {
        return (false, first.1);
    };
    let etag = office.read(&format!("/calls/{call}")).await.etag;
    let later = json!({"reason": "The network was down",
        "deadline": {"at": second, "zone": "Europe/Paris", "label": "A little later"}});
    let by = Duration::from_millis(ahead.unsigned_abs());
    let at = if ahead > 0 {
        first.1 - by
    } else {
        first.1 + by
    };
    tokio::time::sleep_until(at).await;
    let path = format!("/calls/{call}/stages/1/extend");
    let reply = office.post(&path).etag(&etag).json(&later).send().await;
    match reply.status {
        200 => (true, Instant::now()),
        // The stage closed before.
        409 | 412 => (false, Instant::now()),
        status => panic!("{status}: {}", reply.json),
    }
}

/// Submits once at an instant.
async fn submit_at(person: &Client, draft: &Reply, at: Instant) -> Decided {
    let path = format!("/proposals/{}", draft.id());
    tokio::time::sleep_until(at).await;
    let sent = Instant::now();
    let reply = submit(person, &path, &draft.etag).await;
    Decided {
        sent,
        reply,
        answered: Instant::now(),
    }
}
