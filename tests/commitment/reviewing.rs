//! Another call of the same people and funders, whose pre-proposals are being reviewed; set up in SQL.

use access::Role;
use testkit::Client;
use uuid::Uuid;

use crate::world::World;

/// A call under review.
pub struct UnderReview {
    pub call: String,
    /// With their ids in the call.
    pub experts: Vec<(Client, Uuid)>,
    pub proposals: Vec<Uuid>,
}

impl UnderReview {
    /// Eligible proposals, and experts who have declared to have no conflict and agreed to so many reviews.
    pub async fn new(
        world: &mut World,
        code: &str,
        proposals: usize,
        experts: usize,
        most: usize,
    ) -> UnderReview {
        let (call, stage, next) = (kernel::id::new(), kernel::id::new(), kernel::id::new());
        let ranked = (
            world.call.clone(),
            world.code.clone(),
            world.stage,
            world.number,
        );
        let money = &ranked.0;
        let mut sql = format!(
            "insert into call (id, code, title, topic, year, state, rehearsal, rules, version, opened_at)
             select '{call}', '{code}', title, topic, year, state, rehearsal, rules, version, opened_at from call where id = '{money}';
             insert into call_version (id, call_id, number, change, reason, document)
             select gen_random_uuid(), id, 1, 'Opened', '', jsonb_build_object('title', title, 'topic', topic) from call where id = '{call}';
             insert into call_action_item (call_id, action_item_id, share)
             select '{call}', action_item_id, share from call_action_item where call_id = '{money}';
             insert into stage (id, call_id, number, kind, state, opens_at, deadline_at, zone, label) values
             ('{stage}', '{call}', 1, 'pre_proposal', 'reviewing', '2026-01-01Z', '2026-03-01Z', 'Europe/Paris', '1 March'),
             ('{next}', '{call}', 2, 'full_proposal', 'planned', '2097-01-01Z', '2097-06-01Z', 'Europe/Paris', '1 June 2097');
             insert into participation (id, call_id, organisation_id, commitment, version)
             select gen_random_uuid(), '{call}', organisation_id, commitment, 2 from participation where call_id = '{money}';
             insert into commitment (id, call_id, participation_id, number, amount, reason)
             select id, call_id, id, 1, commitment, 'Letter of commitment' from participation where call_id = '{call}';"
        );
        let mut people = Vec::new();
        for at in 0..experts {
            let client = world.app.person(&format!("{code} Expert{at}")).await;
            let id = kernel::id::new();
            sql += &format!(
                "insert into sealed.expert (id, call_id, account_id, email, name, organisation, keywords, state, role, max_load, declared_at, declared_stages)
                 values ('{id}', '{call}', '{}', 'expert@host{at}.example', 'Expert Number{at}', 'University {at}', '{{genomics}}',
                         'contracted', 'remote_reviewer', {most}, clock_timestamp(), '{{1}}');",
                client.account.unwrap()
            );
            people.push((client, id));
        }
        world.app.sql(&sql).await;
        let call = call.to_string();
        let secretariat = &world.secretariat;
        world
            .app
            .grant(secretariat, Role::Secretariat, Some(&call), None)
            .await;
        (world.call, world.code, world.stage, world.number) = (call, code.to_owned(), stage, 1);
        let mut ids = Vec::new();
        for at in 0..proposals {
            let number = format!("Q{}", 11 + at);
            world.proposal(&number, "eligible", None, &[100, 100]).await;
            ids.push(world.proposals.pop().unwrap().1);
        }
        let call = std::mem::replace(&mut world.call, ranked.0);
        (world.code, world.stage, world.number) = (ranked.1, ranked.2, ranked.3);
        UnderReview {
            call,
            experts: people,
            proposals: ids,
        }
    }
}
