//! Many at once: submissions at a deadline that is being moved, money that is pledged and bound, and
//! random lives of proposals beside the table they are said to follow.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;
#[path = "commitment/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, future, stream};
use intake::{PROPOSAL, ProposalEvent, ProposalState};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::json;
use testkit::{Client, Reply, TestApp, figure};
use tokio::time::Instant;
use world::{FUNDERS, World, adoption};

/// The database's clock, and the instant here at which it was read.
async fn clock(app: &TestApp) -> (DateTime<Utc>, Instant) {
    let text = app.value("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')").await;
    (text.parse().unwrap(), Instant::now())
}

/// Submits once at an instant, and says when that was sent and when it was answered.
async fn submit_at(person: &Client, draft: &Reply, at: Instant) -> (Instant, Reply, Instant) {
    let path = format!("/proposals/{}", draft.id());
    tokio::time::sleep_until(at).await;
    let sent = Instant::now();
    let reply = proposals::submit(person, &path, &draft.etag).await;
    (sent, reply, Instant::now())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_deadline_that_moves_every_submission_is_decided_by_when_it_arrived() {
    let app = TestApp::start().await;
    let (office, call) = proposals::open_call(&app).await;
    let count = figure(2000);
    let people = future::join_all((0..8).map(|at| {
        let app = &app;
        async move { app.person(&format!("Person {at}")).await }
    }))
    .await;
    let drafts: Vec<(Client, Reply)> = stream::iter(0..count)
        .map(|at| {
            let (person, call) = (people[at % people.len()].clone(), call.clone());
            async move {
                let draft = proposals::draft(&person, &call).await;
                (person, draft)
            }
        })
        .buffered(8)
        .collect()
        .await;
    let (now, here) = clock(&app).await;
    let ahead = Duration::from_secs(1);
    let half = Duration::from_millis(250);
    let (first, at_first) = (now + TimeDelta::from_std(ahead).unwrap(), here + ahead);
    let (second, at_second) = (
        first + TimeDelta::milliseconds(150),
        at_first + Duration::from_millis(150),
    );
    app.sql(&format!(
        "update stage set deadline_at = '{first}' where call_id = '{call}' and number = 1"
    ))
    .await;
    let etag = office.read(&format!("/calls/{call}")).await.etag;
    let later = json!({"reason": "The network was down",
        "deadline": {"at": second, "zone": "Europe/Paris", "label": "A little later"}});
    let extension = async {
        tokio::time::sleep_until(at_first - Duration::from_millis(20)).await;
        let path = format!("/calls/{call}/stages/1/extend");
        let reply = office.post(&path).etag(&etag).json(&later).send().await;
        (reply, Instant::now())
    };
    let submissions = drafts.iter().enumerate().map(|(at, (person, draft))| {
        let share = u32::try_from(at).unwrap() * 2 * half / u32::try_from(count).unwrap();
        submit_at(person, draft, at_first - half + share)
    });
    let closing = app.service.clone();
    let closer = tokio::spawn(async move {
        while service::calendar::turn(&closing).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
    });
    let ((extended, extended_at), decided) =
        future::join(extension, future::join_all(submissions)).await;
    closer.await.unwrap();
    let moved = match extended.status {
        200 => true,
        // The stage closed before.
        409 => false,
        status => panic!("{status}: {}", extended.json),
    };
    let (last, at_last) = if moved {
        (second, at_second)
    } else {
        (first, at_first)
    };
    let (mut accepted, mut refused) = (0, 0);
    // Two clocks were read one after the other.
    let apart = Duration::from_millis(10);
    for (sent, reply, answered) in &decided {
        if reply.status == 200 {
            accepted += 1;
            let at = reply.json["receipt"]["receipt"]["submitted_at"]
                .as_str()
                .unwrap();
            assert!(
                at.parse::<DateTime<Utc>>().unwrap() < last,
                "accepted late: {at} of {last}"
            );
            assert!(
                *sent < at_last + apart,
                "accepted though it was sent after the deadline"
            );
        } else {
            refused += 1;
            assert_eq!(
                (reply.status, reply.code()),
                (409, "deadline_passed"),
                "{}",
                reply.json
            );
            assert!(*answered + apart > at_first, "refused before any deadline");
            let detail = reply.json["detail"].as_str().unwrap();
            let arrived = detail
                .split("complete at ")
                .nth(1)
                .unwrap()
                .split(',')
                .next()
                .unwrap();
            assert!(
                arrived.parse::<DateTime<Utc>>().unwrap() >= first,
                "refused in time: {detail}"
            );
            let after = moved && *sent > extended_at && *answered < at_last;
            assert!(!after, "refused though the deadline was moved before");
        }
    }
    println!("{count} submissions: {accepted} accepted, {refused} refused; extended: {moved}");
    assert!(
        accepted > 0 && refused > 0,
        "the deadline was not among them"
    );
    let counts = app
        .value(&format!(
            "select format('%s %s %s %s', count(*) filter (where state = 'locked'), count(*) filter (where state = 'lapsed'), count(*),
                    (select count(*) from submission where submitted_at >= '{last}'))
             from proposal_stage"
        ))
        .await;
    assert_eq!(counts, format!("{accepted} {refused} {count} 0"));
}

/// Numbers without a pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// One deed of somebody at random.
async fn deed(world: &World, dice: &mut Dice) -> (&'static str, Reply) {
    let at = usize::try_from(dice.roll(4)).unwrap();
    let (key, _, thousands) = FUNDERS[at];
    let latest = world.secretariat.get(&world.path("selection")).send().await;
    let selection = format!("/selections/{}", latest.id());
    let secretariat = &world.secretariat;
    match dice.roll(10) {
        0..=3 => {
            let share = 70 + dice.roll(60).cast_signed();
            let amount = format!("{}.00", thousands * 10 * share);
            let pledge = json!({"amount": amount, "reason": "Another letter"});
            let path = world.path(&format!("funders/{key}/commitment"));
            let who = if dice.roll(2) == 0 {
                &world.signatories[at]
            } else {
                secretariat
            };
            (
                "pledge",
                who.put(&path).etag("*").json(&pledge).send().await,
            )
        }
        4 => (
            "propose",
            secretariat.post(&world.path("selection")).send().await,
        ),
        5 => {
            let adopt = secretariat.post(&format!("{selection}/adopt"));
            ("adopt", adopt.etag("*").json(&adoption()).send().await)
        }
        6 => {
            let confirm = world.chair.post(&format!("{selection}/confirm"));
            ("confirm", confirm.etag("*").send().await)
        }
        _ => {
            let accept = format!("{selection}/lines/{key}/accept");
            (
                "accept",
                world.signatories[at].post(&accept).etag("*").send().await,
            )
        }
    }
}

const MONEY: &str = "select format('%s overdrawn, %s final, %s gaps, %s other than the last pledge, %s bound otherwise than decided',
    (select count(*) from participation where decided > commitment),
    (select greatest(count(*) - 1, 0) from sealed.selection where state = 'final'),
    (select count(*) from (select number - lag(number, 1, 0) over (partition by participation_id order by number) as step from commitment) x where step <> 1),
    (select count(*) from participation t join lateral
        (select amount from commitment c where c.participation_id = t.id order by number desc limit 1) c on true where c.amount <> t.commitment),
    (select count(*) from participation t where t.decided <> coalesce(
        (select l.amount from sealed.selection_line l join sealed.selection s on s.id = l.selection_id
         where s.state = 'final' and l.participation_id = t.id), 0)))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_is_pledged_and_bound_at_once_is_never_overdrawn() {
    let world = World::ranked().await;
    let each = figure(20_000) / 10 / 8;
    let workers = (1..=8).map(|seed| {
        let world = &world;
        async move {
            let mut dice = Dice(seed);
            let mut done: BTreeMap<(&str, u16), usize> = BTreeMap::new();
            for _ in 0..each {
                let (what, reply) = deed(world, &mut dice).await;
                let known = matches!(reply.status, 200 | 201 | 404 | 409 | 412 | 422);
                assert!(known, "{what} answered {}: {}", reply.status, reply.json);
                *done.entry((what, reply.status)).or_default() += 1;
            }
            done
        }
    });
    let mut done: BTreeMap<(&str, u16), usize> = BTreeMap::new();
    for of_one in future::join_all(workers).await {
        for (what, times) in of_one {
            *done.entry(what).or_default() += times;
        }
    }
    println!("{done:?}");
    assert!(
        done.get(&("pledge", 200))
            .is_some_and(|times| *times > each),
        "{done:?}"
    );
    let sound = "0 overdrawn, 0 final, 0 gaps, 0 other than the last pledge, 0 bound otherwise than decided";
    assert_eq!(world.app.value(MONEY).await, sound);
    // Whatever happened, a decision is still possible, and there is one in the end.
    let finals = "select count(*) from sealed.selection where state = 'final'";
    if world.app.value(finals).await == "0" {
        let selection = world.confirmed().await;
        let lines = world.secretariat.read(&selection).await.json["lines"].clone();
        for line in lines.as_array().unwrap() {
            let key = line["organisation"].as_str().unwrap();
            let at = FUNDERS.iter().position(|funder| funder.0 == key).unwrap();
            world.accept(&selection, at..at + 1).await;
        }
    }
    assert_eq!(world.app.value(finals).await, "1");
    assert_eq!(world.app.value(MONEY).await, sound);
    // The check is not blind.
    world.app.broken_on_purpose("a cent too much is bound");
    world
        .app
        .sql("set session_replication_role = replica; update participation set decided = decided + 1; delete from commitment where number = 1")
        .await;
    assert_ne!(world.app.value(MONEY).await, sound);
}

/// What a life is made of, and what the model says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Edit,
    Submit,
    Withdraw,
    Close,
}

struct Model {
    state: ProposalState,
    versions: i32,
    /// The draft differs from the last submitted version.
    fresh: bool,
    closed: bool,
}

impl Model {
    /// Whether the step succeeds; the state is then the next one.
    fn step(&mut self, step: Step) -> bool {
        let event = match step {
            Step::Edit | Step::Submit if self.closed => {
                // What was submitted already is only acknowledged again.
                return step == Step::Submit && self.versions > 0 && !self.fresh;
            }
            Step::Submit if self.versions > 0 && !self.fresh => return true,
            Step::Edit => ProposalEvent::Edit,
            Step::Submit => ProposalEvent::Submit,
            Step::Withdraw => ProposalEvent::Withdraw,
            Step::Close => {
                self.closed = true;
                let closing = [ProposalEvent::CloseLocked, ProposalEvent::CloseLapsed];
                let next = closing
                    .iter()
                    .find_map(|event| PROPOSAL.apply(self.state, *event).ok());
                self.state = next.unwrap_or(self.state);
                return true;
            }
        };
        let Ok(next) = PROPOSAL.apply(self.state, event) else {
            return false;
        };
        self.state = next;
        self.fresh = step == Step::Edit || self.fresh && step != Step::Submit;
        self.versions += i32::from(step == Step::Submit);
        true
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_lives_of_proposals_follow_their_table() {
    let app = TestApp::start().await;
    let (_, call) = proposals::open_call(&app).await;
    let ada = app.person("Ada").await;
    let kinds = vec![
        Step::Edit,
        Step::Edit,
        Step::Submit,
        Step::Submit,
        Step::Withdraw,
        Step::Close,
    ];
    let lives = proptest::collection::vec(proptest::sample::select(kinds), 1..14);
    let mut runner = TestRunner::deterministic();
    let (mut steps, mut refused) = (0, 0);
    for life in 0..figure(5000) / 50 {
        app.sql(&format!(
            "update stage set state = 'open', deadline_at = '2097-03-04' where call_id = '{call}' and number = 1;
             update call set state = 'open' where id = '{call}'"
        ))
        .await;
        let draft = proposals::draft(&ada, &call).await;
        let path = format!("/proposals/{}", draft.id());
        let mut model = Model {
            state: PROPOSAL.start,
            versions: 0,
            fresh: true,
            closed: false,
        };
        let sequence = lives.new_tree(&mut runner).unwrap().current();
        for (at, step) in sequence.iter().enumerate() {
            let status = match step {
                Step::Edit => {
                    let title = json!({"title": format!("Life {life}, step {at}")});
                    proposals::save(&ada, &path, "*", title).await.status
                }
                Step::Submit => proposals::submit(&ada, &path, "*").await.status,
                Step::Withdraw => {
                    let withdraw = ada.post(&format!("{path}/withdraw")).etag("*");
                    withdraw
                        .json(&json!({"reason": "Enough"}))
                        .send()
                        .await
                        .status
                }
                Step::Close => {
                    app.close_stage(&call, 1).await;
                    200
                }
            };
            let expected = if model.step(*step) { 200 } else { 409 };
            let story = format!("life {life}, step {at} of {sequence:?}");
            assert_eq!(status, expected, "{story}");
            let found = app
                .value(&format!(
                    "select state || ' ' || submitted from proposal_stage where proposal_id = '{}'",
                    draft.id()
                ))
                .await;
            assert_eq!(
                found,
                format!("{} {}", model.state, model.versions),
                "{story}"
            );
            steps += 1;
            refused += usize::from(status == 409);
        }
    }
    println!("{steps} steps, of which {refused} were refused");
    assert!(refused > 0 && refused < steps);
}
