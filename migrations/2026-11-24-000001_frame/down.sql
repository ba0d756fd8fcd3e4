drop table idempotency_key, outbox, audit_head, audit_link, audit, installation;
drop function canonical_json(jsonb);
drop function insert_only(regclass);
drop function refuse_change();
drop function classify(regclass, jsonb);
drop schema sealed cascade;
