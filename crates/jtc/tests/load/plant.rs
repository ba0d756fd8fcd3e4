//! A checker that has never found anything proves little: one row taken out or put in behind everybody's
//! back must be found, and nothing else.

use crate::check::Finding;
use crate::scene::Scene;

/// Rows of one table that are taken out for a moment.
struct Taken {
    what: &'static str,
    table: &'static str,
    rows: &'static str,
}

const TAKEN: [Taken; 5] = [
    Taken {
        what: "receipt",
        table: "submission",
        rows: "where id = (select id from submission order by submitted_at, id limit 1)",
    },
    Taken {
        what: "title",
        table: "draft_history",
        rows: "order by saved_at desc limit 1",
    },
    Taken {
        what: "file",
        table: "file",
        rows: "order by at limit 1",
    },
    Taken {
        what: "audit row",
        table: "audit",
        rows: "where action = 'submit_proposal' order by at limit 1",
    },
    Taken {
        what: "mail",
        table: "outbox",
        rows: "where template = 'submission_receipt' order by created_at limit 1",
    },
];

/// Rows that are there twice for a moment: what a deed done again would leave.
const DOUBLED: [(&str, &str, &str, &str); 2] = [
    (
        "receipt",
        "submission",
        "update planted set id = gen_random_uuid(), number = number + 1000",
        "id",
    ),
    (
        "DE-BMBF",
        "commitment",
        "update planted set id = gen_random_uuid(), number = number + 100000",
        "id",
    ),
];

/// Triggers that hold rows together sleep for this connection.
const BEHIND: &str = "set session_replication_role = replica";

impl Scene {
    /// Plants each fault once and shows that the checker finds it, and it alone.
    pub async fn find_planted(&self) {
        for Taken { what, table, rows } in TAKEN {
            self.server
                .sql(&format!(
                    "{BEHIND}; create table planted as select * from {table} {rows};
                     delete from {table} t using planted p where t::text = p::text"
                ))
                .await;
            let found = self.check().await;
            println!("planted: a {what} is taken out; found: {}", words(&found));
            let one = matches!(&found[..], [Finding::Lost(found)] if found.starts_with(what));
            assert!(one, "a {what} taken out: {found:?}");
            self.server
                .sql(&format!(
                    "{BEHIND}; insert into {table} select * from planted; drop table planted"
                ))
                .await;
        }
        for (what, table, another, key) in DOUBLED {
            self.server
                .sql(&format!(
                    "{BEHIND}; create table planted as select * from {table} order by {key} desc limit 1;
                     {another}; insert into {table} select * from planted"
                ))
                .await;
            let found = self.check().await;
            println!("planted: a row of {table} twice; found: {}", words(&found));
            assert!(
                matches!(&found[..], [Finding::Twice(_)]),
                "{what} of {table} twice: {found:?}"
            );
            self.server
                .sql(&format!(
                    "{BEHIND}; delete from {table} t using planted p where t.id = p.id; drop table planted"
                ))
                .await;
        }
        assert_eq!(self.check().await, [], "what was planted was taken back");
    }
}

/// Findings in one line.
pub fn words(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().take(5).map(Finding::to_string).collect();
    lines.join("; ")
}
