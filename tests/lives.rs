//! Random lives of proposals beside the table they are said to follow.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod proposals;

use intake::{PROPOSAL, ProposalEvent, ProposalState};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::json;
use testkit::{TestApp, figure};

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
