//! What is done with the selection of the call: proposed, adopted, accepted by its funders, and what happens to it.

use serde_json::json;

use super::{FUNDERS, World, adoption};
use testkit::Client;

impl World {
    /// Proposes a selection; answers its path.
    pub async fn propose(&self) -> String {
        let reply = self.secretariat.post(&self.path("selection")).send().await;
        format!("/selections/{}", reply.expect(201).id())
    }

    /// Records that the committee adopted it.
    pub async fn adopt(&self, selection: &str) {
        let etag = self.secretariat.read(selection).await.etag;
        self.secretariat
            .post(&format!("{selection}/adopt"))
            .etag(&etag)
            .json(&adoption())
            .send()
            .await
            .expect(200);
    }

    /// Proposed, adopted and confirmed.
    pub async fn confirmed(&self) -> String {
        let selection = self.propose().await;
        self.adopt(&selection).await;
        let etag = self.chair.read(&selection).await.etag;
        let confirm = self.chair.post(&format!("{selection}/confirm")).etag(&etag);
        confirm.send().await.expect(200);
        selection
    }

    /// Somebody with a role in the call says of oneself to have a conflict of interest with a proposal.
    pub async fn wall_off(&self, who: &Client, code: &str) {
        let (account, proposal) = (who.account.unwrap(), self.id_of(code));
        self.app
            .sql(&format!(
                "insert into sealed.own_conflict (account_id, proposal_id, call_id, reason)
                 values ('{account}', '{proposal}', '{}', 'Cousins')",
                self.call
            ))
            .await;
    }

    /// Its coordinator withdraws a proposal, which here has no draft before.
    pub async fn withdraw(&self, code: &str) {
        let (_, id, row) = self.proposals.iter().find(|one| one.0 == code).unwrap();
        self.app
            .sql(&format!(
                "insert into draft (proposal_stage_id, call_id, content)
                 select proposal_stage_id, call_id, content from submission where proposal_stage_id = '{row}';
                 insert into draft_history (proposal_stage_id, version, call_id, content, saved_by)
                 select proposal_stage_id, 1, call_id, content, submitted_by from submission where proposal_stage_id = '{row}'"
            ))
            .await;
        let request = self.coordinator.post(&format!("/proposals/{id}/withdraw"));
        let reason = json!({ "reason": "The coordinator moves to a company" });
        request.etag("*").json(&reason).send().await.expect(200);
    }

    /// Accepted by some of the funders.
    pub async fn accept(&self, selection: &str, funders: std::ops::Range<usize>) {
        for at in funders {
            let line = format!("{selection}/lines/{}", FUNDERS[at].0);
            let etag = self.signatories[at].read(&line).await.etag;
            let accept = self.signatories[at].post(&format!("{line}/accept"));
            accept.etag(&etag).send().await.expect(200);
        }
    }
}
