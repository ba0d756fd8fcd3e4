//! The audit trail. What only the public key can tell, `jtc verify` finds.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "audit_chain_is_the_calls",
        "an audit row stands in the chain of its call, or in the installation's",
        "select id from audit where chain <> coalesce(call_id, '00000000-0000-0000-0000-000000000000')",
    ),
    rule(
        "audit_is_of_a_known_call",
        "an audit row names a call that exists",
        "select id from audit where call_id is not null and call_id not in (select id from call)",
    ),
    rule(
        "audit_digest_fits",
        "the digest of an audit row is that of its salt and content",
        r"select id from audit a
         where digest <> sha256(salt || (
             select string_agg(convert_to(coalesce(field, ''), 'UTF8') || '\x00'::bytea, ''::bytea order by place)
             from (values (1, id::text), (2, chain::text), (3, (extract(epoch from at) * 1000000)::bigint::text),
                          (4, account_id::text), (5, worn), (6, action), (7, object_kind), (8, object_id::text),
                          (9, object_version::text),
                          (10, encode(sha256(salt || convert_to(reason, 'UTF8')), 'hex')),
                          (11, encode(sha256(salt || convert_to(canonical_json(detail), 'UTF8')), 'hex'))
                  ) fields(place, field)))",
    ),
    rule(
        "audit_positions_without_gap",
        "the links of a chain are numbered 1, 2, 3 and so on",
        "select chain from audit_link group by chain having min(seq) <> 1 or max(seq) <> count(*)",
    ),
    rule(
        "audit_link_follows",
        "the hash of a link is made of the hash before it and the digest of its row",
        r"select audit_id from (
             select l.audit_id, l.hash, a.digest,
                    lag(l.hash, 1, decode(repeat('00', 32), 'hex')) over (partition by l.chain order by l.seq) as before
             from audit_link l join audit a on a.id = l.audit_id) linked
         where hash <> sha256(before || digest)",
    ),
    rule(
        "audit_link_is_in_its_chain",
        "a link seals a row of its own chain, after that row was written",
        "select l.audit_id from audit_link l left join audit a on a.id = l.audit_id
         where a.chain is distinct from l.chain or l.sealed_at < a.at",
    ),
    rule(
        "audit_head_is_a_link",
        "a signed head is the hash of a link",
        "select h.chain || '/' || h.seq from audit_head h
         left join audit_link l on l.chain = h.chain and l.seq = h.seq
         where l.hash is distinct from h.hash",
    ),
    rule(
        "audit_links_are_signed_for",
        "the last link of every chain is covered by a signed head",
        "select l.chain from audit_link l
         left join (select chain, max(seq) as seq from audit_head group by chain) h on h.chain = l.chain
         group by l.chain, h.seq having max(l.seq) is distinct from h.seq",
    ),
    rule(
        "audit_is_of_the_past",
        "nothing is on record for a time to come",
        "select id from audit where at > clock_timestamp()",
    ),
];
