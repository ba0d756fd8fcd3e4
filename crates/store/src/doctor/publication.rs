//! What a call says in public, and its questions and answers.

use super::{Invariant, rule};

pub(super) const INVARIANTS: &[Invariant] = &[
    rule(
        "call_versions_have_no_gaps",
        "the versions of what a call says are numbered 1, 2, 3 ...",
        "select distinct call_id from (
             select call_id, number - lag(number, 1, 0) over (partition by call_id order by number) as step
             from call_version) x where step <> 1",
    ),
    rule(
        "published_call_has_a_version",
        "a call that the public sees has a version of what it says; an earlier one has none",
        "select c.id from call c where c.state <> 'cancelled'
           and exists (select from call_version v where v.call_id = c.id)
               <> (c.state not in ('idea', 'draft', 'approved'))",
    ),
    rule(
        "last_version_is_what_holds",
        "the last version of what a call says has the title and the topic that hold",
        "select c.id from call c join lateral (
             select document from call_version v where v.call_id = c.id order by number desc limit 1) last on true
         where last.document ->> 'title' <> c.title or last.document ->> 'topic' <> c.topic",
    ),
    rule(
        "call_documents_have_no_gaps",
        "the versions of a call's document are numbered 1, 2, 3 ...",
        "select distinct call_id from (
             select call_id, number - lag(number, 1, 0) over (partition by call_id, key order by number) as step
             from call_document) x where step <> 1",
    ),
    rule(
        "call_document_is_what_its_hash_says",
        "the bytes of a call's document have the hash that is published",
        "select id from call_document where sha256 <> encode(sha256(content), 'hex')",
    ),
    rule(
        "last_version_lists_the_documents",
        "the last version of what a call says lists its documents as they are now",
        "select c.id from call c join lateral (
             select document from call_version v where v.call_id = c.id order by number desc limit 1) last on true
         where coalesce((select jsonb_object_agg(key, value ->> 'sha256')
                         from jsonb_each(last.document -> 'documents')), '{}')
            <> coalesce((select jsonb_object_agg(key, sha256) from (
                             select distinct on (key) key, sha256 from call_document d
                             where d.call_id = c.id order by key, number desc) now where sha256 <> ''), '{}')",
    ),
    rule(
        "answers_are_counted",
        "a question counts its answers, and they are numbered 1, 2, 3 ...",
        "select q.id from question q left join question_answer a on a.question_id = q.id
         group by q.id, q.answers
         having count(a.id) <> q.answers or coalesce(max(a.number), 0) <> q.answers",
    ),
    rule(
        "declined_request_says_why",
        "a request to join a call that was declined says why",
        "select j.id from join_request j where j.declined_because = ''",
    ),
];
