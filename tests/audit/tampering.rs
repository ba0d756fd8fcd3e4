//! A superuser tampers with a sealed trail, and every place is found, measured against heads kept outside.

use std::ops::RangeInclusive;

use serde_json::{Value, json};
use service::Keys;
use service::audit::{KeptHead, kept_heads, verify_export_with};
use store::audit::head_bytes;
use testkit::figure;

use crate::world::World;

/// How far the superuser goes after the change itself.
#[derive(Clone, Copy, PartialEq)]
enum Cover {
    /// No further.
    No,
    /// The row's digest fits again.
    Digest,
    /// Digests and chain fit again.
    Chain,
    /// Digests, chain and heads fit again, the heads signed by another key.
    Heads,
    /// So they do, and the record names that other key as the installation's, with receipts signed by it.
    Key,
}

use Cover::{Chain, Digest, Heads, Key, No};

/// What is done at row `{n}`, which is `{row}`; `{h}` is the first head at or after it.
const KINDS: &[(&str, &str, Cover)] = &[
    (
        "id",
        "update audit set id = gen_random_uuid() where {row}",
        No,
    ),
    (
        "chain",
        "update audit set chain = gen_random_uuid() where {row}",
        No,
    ),
    ("call", "update audit set call_id = null where {row}", No),
    (
        "time",
        "update audit set at = at + interval '1 microsecond' where {row}",
        No,
    ),
    (
        "who",
        "update audit set account_id = gen_random_uuid() where {row}",
        No,
    ),
    (
        "role worn",
        "update audit set worn = 'observer' where {row}",
        No,
    ),
    (
        "deed",
        "update audit set action = 'edit_call' where {row}",
        No,
    ),
    (
        "kind of thing",
        "update audit set object_kind = 'agenda' where {row}",
        No,
    ),
    (
        "thing",
        "update audit set object_id = gen_random_uuid() where {row}",
        No,
    ),
    (
        "version",
        "update audit set object_version = 99 where {row}",
        No,
    ),
    (
        "reason",
        "update audit set reason = 'Another' where {row}",
        No,
    ),
    (
        "detail",
        "update audit set detail = detail || '{\"more\": 1}' where {row}",
        No,
    ),
    (
        "salt",
        "update audit set salt = decode(repeat('07', 16), 'hex') where {row}",
        No,
    ),
    (
        "digest",
        "update audit set digest = sha256(digest) where {row}",
        No,
    ),
    ("a row taken out", "delete from audit where {row}", No),
    (
        "a row and its link taken out",
        "delete from audit where {row}; delete from audit_link where {link}",
        No,
    ),
    (
        "a link taken out",
        "delete from audit_link where {link}",
        No,
    ),
    (
        "number of a link",
        "update audit_link set seq = 999 where {link}",
        No,
    ),
    (
        "hash of a link",
        "update audit_link set hash = sha256(hash) where {link}",
        No,
    ),
    (
        "chain of a link",
        "update audit_link set chain = gen_random_uuid() where {link}",
        No,
    ),
    (
        "a link to another row",
        "update audit_link set audit_id = gen_random_uuid() where {link}",
        No,
    ),
    (
        "hash of a head",
        "update audit_head set hash = sha256(hash) where {head}",
        No,
    ),
    (
        "signature of a head",
        "update audit_head set signature = sha256(signature) || sha256(signature) where {head}",
        No,
    ),
    (
        "key of a head",
        "update audit_head set key_id = '0123456789abcdef' where {head}",
        No,
    ),
    (
        "a forged head",
        "insert into audit_head select chain, {n}, sha256(hash), 'x', signature from audit_head where {head} on conflict (chain, seq) do update set hash = excluded.hash",
        No,
    ),
    (
        "a row that fits itself",
        "update audit set worn = 'observer' where {row}",
        Digest,
    ),
    (
        "a row that fits its chain",
        "update audit set worn = 'observer' where {row}",
        Chain,
    ),
    (
        "a reason, sealed anew",
        "update audit set reason = 'Another' where {row}",
        Heads,
    ),
    (
        "a deed, with another key",
        "update audit set action = 'edit_call' where {row}",
        Key,
    ),
    (
        "a detail, with another key",
        "update audit set detail = '{}' where {row}",
        Key,
    ),
    (
        "a row taken out, sealed anew",
        "delete from audit where {row}; delete from audit_link where {link}; {close}",
        Key,
    ),
    ("two rows exchanged", "{swap}", No),
    ("two rows exchanged, sealed anew", "{swap}", Key),
    ("a row put in", "{insert}", Key),
    (
        "the end cut off",
        "delete from audit where id in (select audit_id from audit_link where chain = '{call}' and seq > {cut}); delete from audit_link where chain = '{call}' and seq > {cut}; delete from audit_head where chain = '{call}' and seq > {cut}",
        No,
    ),
];

const CLOSE: &str = "update audit_link set seq = -(seq - 1) where chain = '{call}' and seq > {n};
    update audit_link set seq = -seq where chain = '{call}' and seq < 0";

const SWAP: &str = "update audit_link set seq = -seq where chain = '{call}' and seq in ({n}, {m});
    update audit_link set seq = {n} + {m} + seq where chain = '{call}' and seq < 0";

const INSERT: &str = "update audit_link set seq = -(seq + 1) where chain = '{call}' and seq >= {n};
    update audit_link set seq = -seq where chain = '{call}' and seq < 0;
    insert into audit select '00000000-0000-7000-8000-00000000000f', chain, call_id, at, account_id, worn, 'approve_call',
        object_kind, object_id, object_version, reason, detail, salt, digest from audit where chain = '{call}' limit 1;
    insert into audit_link select '{call}', {n}, '00000000-0000-7000-8000-00000000000f', digest from audit limit 1";

/// The digests of all rows, as the server would compute them.
const DIGESTS: &str = r"update audit set digest = sha256(salt || (
    select string_agg(convert_to(coalesce(field, ''), 'UTF8') || '\x00'::bytea, ''::bytea order by place)
    from (values (1, id::text), (2, chain::text), (3, (extract(epoch from at) * 1000000)::bigint::text),
                 (4, account_id::text), (5, worn), (6, action), (7, object_kind), (8, object_id::text),
                 (9, object_version::text), (10, encode(sha256(salt || convert_to(reason, 'UTF8')), 'hex')),
                 (11, encode(sha256(salt || convert_to(canonical_json(detail), 'UTF8')), 'hex'))) f(place, field)))
    where chain = '{call}'";

/// The chain over the digests, as the sealer would link it.
const LINKS: &str = "do $$ declare r record; before bytea := decode(repeat('00', 32), 'hex');
    begin
        for r in select l.seq, a.digest from audit_link l join audit a on a.id = l.audit_id
                 where l.chain = '{call}' order by l.seq loop
            before := sha256(before || r.digest);
            update audit_link set hash = before where chain = '{call}' and seq = r.seq;
        end loop;
    end $$";

const KEEP: &str = "create schema kept; create table kept.audit as table audit;
    create table kept.audit_link as table audit_link; create table kept.audit_head as table audit_head";

const RESTORE: &str = "delete from audit_head; delete from audit_link; delete from audit;
    insert into audit select * from kept.audit; insert into audit_link select * from kept.audit_link;
    insert into audit_head select * from kept.audit_head";

/// A story in which the sealer comes by often, so that there are many heads.
async fn sealed_often() -> World {
    let world = World::ranked().await;
    world
        .app
        .broken_on_purpose("a superuser tampers with the trail");
    world.app.tick().await;
    let selection = world.confirmed().await;
    world.app.tick().await;
    for funder in 0..4 {
        world.accept(&selection, funder..funder + 1).await;
        world.app.tick().await;
    }
    world.app.sql(KEEP).await;
    world
}

struct Tampering<'w> {
    world: &'w World,
    heads: Vec<KeptHead>,
    /// Rows sealed in all.
    rows: i64,
}

impl Tampering<'_> {
    /// The head before row `n`, and the first at or after it.
    fn around(&self, n: i64) -> (i64, i64) {
        let seqs = || self.heads.iter().map(|head| head.seq);
        let before = seqs().filter(|seq| *seq < n).max();
        let after = seqs().filter(|seq| *seq >= n).min();
        (before.unwrap_or(0), after.unwrap())
    }

    /// The row that is exchanged with row `n`.
    fn neighbour(&self, n: i64) -> i64 {
        if n == self.rows { n - 1 } else { n + 1 }
    }

    fn fill(&self, sql: &str, n: i64) -> String {
        let (cut, head) = self.around(n);
        let m = self.neighbour(n);
        let link = format!("chain = '{{call}}' and seq = {n}");
        sql.replace("{close}", CLOSE)
            .replace("{swap}", SWAP)
            .replace("{insert}", INSERT)
            .replace(
                "{row}",
                &format!("id = (select audit_id from kept.audit_link where {link})"),
            )
            .replace("{link}", &link)
            .replace("{head}", &format!("chain = '{{call}}' and seq = {head}"))
            .replace("{call}", &self.world.call)
            .replace("{n}", &n.to_string())
            .replace("{m}", &m.to_string())
            .replace("{cut}", &cut.to_string())
    }

    async fn sql(&self, sql: &str, n: i64) {
        let sql = format!(
            "set session_replication_role = replica; {}",
            self.fill(sql, n)
        );
        self.world.app.sql(&sql).await;
    }

    /// Tampers, and answers the record that the server then exports.
    async fn record(&self, change: &str, cover: Cover, n: i64) -> Value {
        self.sql(change, n).await;
        let foreign = Keys::from_seed(&[9; 32]);
        if cover != No {
            self.sql(DIGESTS, n).await;
        }
        if matches!(cover, Chain | Heads | Key) {
            self.sql(LINKS, n).await;
        }
        if matches!(cover, Heads | Key) {
            self.sign(&foreign).await;
        }
        let call = self.world.call.parse().unwrap();
        let mut record = service::audit::export(&self.world.app.service, call)
            .await
            .unwrap();
        if cover == Key {
            record["key_id"] = json!(foreign.key_id());
            record["public_key"] = json!(hex::encode(foreign.public_key()));
            forge_receipts(&mut record, &foreign);
        }
        record
    }

    /// Signs the last link with another key, in the place of all heads.
    async fn sign(&self, key: &Keys) {
        let call = &self.world.call;
        let last = format!(
            "select seq || '|' || encode(hash, 'hex') from audit_link where chain = '{call}' order by seq desc limit 1"
        );
        let last = self.world.app.value(&last).await;
        let (seq, hash) = last.split_once('|').unwrap();
        let bytes = head_bytes(
            call.parse().unwrap(),
            seq.parse().unwrap(),
            &hex::decode(hash).unwrap(),
        );
        let (key_id, signature) = key.sign(&bytes);
        let signature = hex::encode(signature);
        let head = format!(
            "delete from audit_head where chain = '{{call}}';
             insert into audit_head (chain, seq, hash, key_id, signature)
             values ('{{call}}', {seq}, '\\x{hash}', '{key_id}', '\\x{signature}')"
        );
        self.sql(&head, 1).await;
    }

    /// The rows that a fault names.
    fn named(&self, fault: &str) -> Option<RangeInclusive<i64>> {
        let words: Vec<&str> = fault.split_whitespace().collect();
        let number = |at: usize| words.get(at)?.trim_matches([':', ',']).parse::<i64>().ok();
        match words[0] {
            "row" | "link" => number(1).map(|n| n..=n),
            "rows" => Some(number(1)?..=number(3)?),
            "head" => number(1).map(|n| self.around(n).0 + 1..=n),
            _ => None,
        }
    }
}

/// Signs all receipts with another key, for the audit rows as they stand now.
fn forge_receipts(record: &mut Value, key: &Keys) {
    let rows = record["rows"].clone();
    for receipt in record["receipts"].as_array_mut().unwrap() {
        let mut signed: intake::SignedReceipt = serde_json::from_value(receipt.clone()).unwrap();
        let proposal = json!(signed.receipt.proposal);
        let entry = rows
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["object_id"] == proposal);
        if let Some(entry) = entry {
            signed.receipt.audit_digest = entry["digest"].as_str().unwrap().to_owned();
        }
        signed.receipt.key_id = key.key_id();
        signed.signature = hex::encode(key.sign(&signed.receipt.signed_bytes()).1);
        *receipt = json!(signed);
    }
}

#[tokio::test]
async fn a_superuser_who_tampers_is_found_at_the_right_row() {
    let world = sealed_often().await;
    let path = world.path("audit/heads");
    let heads = kept_heads(&world.observer.read(&path).await.json).unwrap();
    let rows = heads.last().unwrap().seq;
    let tampering = Tampering {
        world: &world,
        heads,
        rows,
    };
    let untouched = tampering.record("select 1", No, 1).await;
    assert_eq!(
        verify_export_with(&untouched, &tampering.heads).faults,
        [""; 0]
    );

    // A short run takes every second kind.
    let tries = figure(50).max(KINDS.len() / 2 + 1);
    let mut missed = Vec::new();
    let mut only_kept = 0;
    for at in 0..tries {
        let (what, change, cover) = KINDS[at * 2 % KINDS.len()];
        let n = 1 + (at as i64 * 7 + 3) % rows;
        let record = tampering.record(change, cover, n).await;
        let faults = verify_export_with(&record, &tampering.heads).faults;
        let named: Vec<_> = faults
            .iter()
            .filter_map(|fault| tampering.named(fault))
            .collect();
        let found = named.iter().any(|rows| rows.contains(&n));
        let first = match change {
            "{swap}" => n.min(tampering.neighbour(n)),
            _ => n,
        };
        let slandered = named.iter().any(|rows| rows.end() < &first);
        let by_kept =
            |fault: &String| fault.starts_with("the head kept") || fault.starts_with("rows ");
        only_kept += usize::from(faults.iter().all(by_kept));
        println!(
            "row {n}, {what}: {}",
            faults.first().map_or("", String::as_str)
        );
        if !found || slandered {
            missed.push(format!("row {n}, {what}: {faults:?}"));
        }
        tampering.sql(RESTORE, n).await;
    }
    println!(
        "{tries} places tampered with, {} not found at their row; {only_kept} by the heads kept outside alone",
        missed.len()
    );
    assert!(missed.is_empty(), "\n{}", missed.join("\n"));
    assert!(only_kept > 0, "the heads kept outside were never needed");
}

#[tokio::test]
async fn heads_are_read_in_every_form_they_come_in() {
    let one = json!({ "seq": 1, "hash": "00", "key_id": "k", "signature": "00" });
    for form in [one.clone(), json!([one]), json!({ "items": [one] })] {
        assert_eq!(kept_heads(&form).unwrap().len(), 1);
    }
    assert!(kept_heads(&json!({ "items": 3 })).is_err());
}
