//! The statements of one submission as PostgreSQL logged them, made into a script that `pgbench` plays for one
//! copy of a proposal after the other.

use std::collections::BTreeMap;

use crate::server::Server;

/// Copies of one proposal that is written and not submitted, with ids that are made of their numbers.
pub struct Copies;

/// What an id of a copy begins with: of the proposal, of its row in the stage, and of what is new at its submission.
const PROPOSAL: &str = "10000000";
const IN_STAGE: &str = "20000000";
const NEW: &str = "300000";

impl Copies {
    /// The id of a copy.
    pub fn proposal(number: usize) -> String {
        format!("{PROPOSAL}-0000-7000-8000-{number:012x}")
    }

    /// Makes the copies with these numbers.
    pub async fn make(server: &Server, of: &str, first: usize, count: usize) {
        let id = |prefix: &str| {
            format!("('{prefix}-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid")
        };
        let (proposal, in_stage) = (id(PROPOSAL), id(IN_STAGE));
        let numbers = format!("generate_series({first}, {}) n", first + count - 1);
        server
            .sql(&format!(
                "insert into proposal (id, call_id, number, coordinator_id)
                 select {proposal}, call_id, 'LOAD-' || 1000000 + n, coordinator_id
                 from proposal, {numbers} where id = '{of}';
                 insert into proposal_stage (id, call_id, proposal_id, stage_id, state)
                 select {in_stage}, call_id, {proposal}, stage_id, state
                 from proposal_stage, {numbers} where proposal_id = '{of}';
                 insert into draft (proposal_stage_id, call_id, content)
                 select {in_stage}, d.call_id, d.content
                 from draft d join proposal_stage s on s.id = d.proposal_stage_id, {numbers}
                 where s.proposal_id = '{of}';
                 insert into draft_history (proposal_stage_id, version, call_id, content, saved_by)
                 select {in_stage}, 1, d.call_id, d.content, d.saved_by
                 from draft_history d join proposal_stage s on s.id = d.proposal_stage_id, {numbers}
                 where s.proposal_id = '{of}' and d.version = 1;
                 update call set proposals_numbered = 1000000 + {last};
                 analyze proposal; analyze proposal_stage; analyze draft; analyze draft_history",
                last = first + count - 1
            ))
            .await;
    }
}

/// A statement with its parameters, as they were logged.
struct Statement {
    text: String,
    parameters: Vec<Option<String>>,
}

/// Begins each record of the log.
const MARK: &str = "@@";

/// Has every statement logged from now on, or none.
pub async fn log_statements(server: &Server, on: bool) {
    let (which, prefix) = if on {
        ("all", "@@%p ")
    } else {
        ("none", "%m [%p] ")
    };
    server
        .sql(&format!("alter system set log_statement = '{which}'"))
        .await;
    server
        .sql(&format!("alter system set log_line_prefix = '{prefix}'"))
        .await;
    server.sql("select pg_reload_conf()").await;
}

/// The statements of one submission, in their order: of its own transaction, and of the look at the token before
/// it. `log` is what was logged meanwhile, of the server's jobs too.
fn statements(log: &str) -> Vec<Statement> {
    let mut of_process: BTreeMap<&str, Vec<(usize, Statement)>> = BTreeMap::new();
    for (at, record) in log.split(MARK).skip(1).enumerate() {
        let Some((process, rest)) = record.split_once(' ') else {
            continue;
        };
        let all = of_process.entry(process).or_default();
        if let Some(said) = rest.strip_prefix("LOG:  ") {
            if let Some((how, text)) = said.split_once(": ")
                && (how == "statement" || how.starts_with("execute "))
            {
                let text = text.trim_end().to_owned();
                let parameters = Vec::new();
                all.push((at, Statement { text, parameters }));
            }
        } else if let Some(said) = rest.strip_prefix("DETAIL:  parameters: ")
            && let Some((_, last)) = all.last_mut()
        {
            last.parameters = parameters(said.trim_end());
        }
    }
    let mut deeds: Vec<(usize, Vec<Statement>)> = of_process
        .into_values()
        .flat_map(transactions)
        .filter(|(_, deed)| {
            let speaks_of = |table: &str| deed.iter().any(|one| one.text.contains(table));
            speaks_of("INSERT INTO \"submission\"") || speaks_of("\"token\".\"hash\"")
        })
        .collect();
    deeds.sort_by_key(|(at, _)| *at);
    deeds.into_iter().flat_map(|(_, deed)| deed).collect()
}

/// Statements of one process by transaction, each with the place of its first.
fn transactions(all: Vec<(usize, Statement)>) -> Vec<(usize, Vec<Statement>)> {
    let mut found: Vec<(usize, Vec<Statement>)> = Vec::new();
    let mut inside = false;
    for (at, statement) in all {
        let word = statement.text.to_uppercase();
        let begins = word.starts_with("BEGIN") || word.starts_with("START TRANSACTION");
        match found.last_mut().filter(|_| inside && !begins) {
            Some((_, deed)) => deed.push(statement),
            None => found.push((at, vec![statement])),
        }
        inside = (inside || begins) && !word.starts_with("COMMIT") && !word.starts_with("ROLLBACK");
    }
    found
}

/// Reads `$1 = 'it''s', $2 = NULL`.
fn parameters(said: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = said;
    while let Some((_, after)) = rest.split_once(" = ") {
        let Some(quoted) = after.strip_prefix('\'') else {
            found.push(None);
            rest = after.strip_prefix("NULL").unwrap_or_default();
            continue;
        };
        let mut value = String::new();
        let mut signs = quoted.char_indices().peekable();
        let mut end = quoted.len();
        while let Some((at, sign)) = signs.next() {
            if sign != '\'' {
                value.push(sign);
            } else if signs.next_if(|(_, next)| *next == '\'').is_some() {
                value.push('\'');
            } else {
                end = at + 1;
                break;
            }
        }
        found.push(Some(value));
        rest = &quoted[end..];
    }
    found
}

/// The script that plays the submission of copy `recorded` for the copies from `:first` on, `:each` by each of
/// `pgbench`'s clients. What the submission made anew, after `since` in milliseconds, is new for each.
pub fn script(log: &str, recorded: usize, since: u64) -> String {
    let number = "lpad(to_hex(:i::int), 12, '0')";
    let made = |prefix: &str| format!("('{prefix}-0000-7000-8000-' || {number})::uuid");
    let own = Copies::proposal(recorded);
    let mut ids: BTreeMap<String, String> = BTreeMap::from([
        (own.replacen(PROPOSAL, IN_STAGE, 1), made(IN_STAGE)),
        (own, made(PROPOSAL)),
    ]);
    let mut script = String::from("\\set k :k + 1\n\\set i :first + :client_id * :each + :k - 1\n");
    for statement in statements(log) {
        let mut values = Vec::new();
        for parameter in &statement.parameters {
            let Some(text) = parameter else {
                values.push("NULL".to_owned());
                continue;
            };
            if is_new(text, since) && !ids.contains_key(text) {
                let nth = ids.len();
                ids.insert(text.clone(), made(&format!("{NEW}{nth:02x}")));
            }
            values.push(ids.get(text).cloned().unwrap_or_else(|| said(text, &ids)));
        }
        script.push_str(&filled(&statement.text, &values));
        script.push_str(";\n");
    }
    script
}

/// Whether it is an id (RFC 9562, version 7) that was made after a time in milliseconds.
fn is_new(text: &str, since: u64) -> bool {
    let id: Option<uuid::Uuid> = text.parse().ok().filter(|_| text.len() == 36);
    let at = id.and_then(|id| id.get_timestamp()).map(|at| at.to_unix());
    at.is_some_and(|(seconds, nanos)| seconds * 1000 + u64::from(nanos) / 1_000_000 >= since)
}

/// A text as it is, or with the new ids that stand in it, as in the name of a mail.
fn said(text: &str, ids: &BTreeMap<String, String>) -> String {
    let mut inside = ids.iter().filter(|(id, _)| text.contains(*id));
    match inside.next().filter(|_| !text.starts_with('{')) {
        Some((id, made)) => {
            let parts: Vec<String> = text.split(id.as_str()).map(literal).collect();
            format!("({})", parts.join(&format!(" || ({made})::text || ")))
        }
        None => literal(text),
    }
}

/// A literal that is read when the statement is prepared. A colon would be a variable of `pgbench`.
fn literal(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "''");
    let text = text.replace(':', "\\003A").replace('\n', "\\000A");
    format!("U&'{text}'")
}

/// The statement with its values in the place of `$1`, `$2` ...
fn filled(text: &str, values: &[String]) -> String {
    let mut parts = text.split('$');
    let mut filled = parts.next().unwrap_or_default().replace('\n', " ");
    for part in parts {
        let digits = part.chars().take_while(char::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let value = number.parse().ok().and_then(|n: usize| values.get(n - 1));
        filled.push_str(&value.cloned().unwrap_or_else(|| format!("${number}")));
        filled.push_str(&rest.replace('\n', " "));
    }
    filled
}
