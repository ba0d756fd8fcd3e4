//! Migrations go up, down and up again, and the tables keep the house's conventions.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};

use store::cluster::{APP, OWNER, SUPERUSER};
use testkit::TestApp;
use testkit::database::{Empty, execute};

fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

/// Everything the catalogue knows about tables, columns, indexes, constraints, functions and triggers.
const CATALOGUE: &str = "select string_agg(line, e'\\n' order by line) from (
    select format('column %s.%s.%s %s %s %s', table_schema, table_name, column_name, data_type, is_nullable, column_default) as line
    from information_schema.columns where table_schema in ('public', 'sealed')
    union all select indexdef from pg_indexes where schemaname in ('public', 'sealed')
    union all select format('constraint %s %s', conname, pg_get_constraintdef(oid)) from pg_constraint
        where connamespace in (select oid from pg_namespace where nspname in ('public', 'sealed'))
    union all select format('function %s', proname) from pg_proc
        where pronamespace in (select oid from pg_namespace where nspname in ('public', 'sealed'))
    union all select format('trigger %s %s', tgname, tgrelid::regclass) from pg_trigger where not tgisinternal
) lines";

#[tokio::test]
async fn each_migration_goes_up_and_down_and_up_again() {
    let database = Empty::new().await.unwrap();
    let owner = database.url(OWNER);
    for folder in migrations() {
        let up = std::fs::read_to_string(folder.join("up.sql")).unwrap();
        let down = std::fs::read_to_string(folder.join("down.sql")).unwrap();
        let before = database.value(CATALOGUE).await.unwrap();
        execute(&owner, &up).await.unwrap();
        let after = database.value(CATALOGUE).await.unwrap();
        assert_ne!(before, after, "{}", folder.display());
        execute(&owner, &down).await.unwrap();
        assert_eq!(
            before,
            database.value(CATALOGUE).await.unwrap(),
            "{}",
            folder.display()
        );
        execute(&owner, &up).await.unwrap();
        assert_eq!(
            after,
            database.value(CATALOGUE).await.unwrap(),
            "{}",
            folder.display()
        );
    }
}

#[tokio::test]
async fn every_column_has_a_data_class() {
    let app = TestApp::start().await;
    let bare = app
        .value(
            "select string_agg(format('%s.%s', c.oid::regclass, a.attname), ', ')
             from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
             where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'sealed'::regnamespace)
               and c.relname <> '__diesel_schema_migrations'
               and coalesce(col_description(c.oid, a.attnum), '') not in
                   ('public', 'internal', 'personal', 'confidential', 'secret')",
        )
        .await;
    assert_eq!(bare, "", "columns without a data class");
}

#[tokio::test]
async fn tables_keep_the_conventions() {
    let app = TestApp::start().await;
    let faults = app
        .value(
            "select string_agg(fault, e'\\n') from (
             select format('%s has no primary key', c.oid::regclass) as fault from pg_class c
             where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'sealed'::regnamespace)
               and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
             union all
             select format('%s is sealed and does not say its call', c.oid::regclass) from pg_class c
             where c.relkind = 'r' and c.relnamespace = 'sealed'::regnamespace
               and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'call_id')
             union all
             select format('%s.%s is not timestamptz', c.oid::regclass, a.attname) from pg_class c
             join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
             where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'sealed'::regnamespace)
               and a.attname like '%\\_at' and a.atttypid <> 'timestamptz'::regtype
             union all
             select format('%s.%s: money is bigint', c.oid::regclass, a.attname) from pg_class c
             join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
             where c.relkind = 'r' and a.attname in ('amount', 'commitment', 'decided', 'requested', 'fundable')
               and c.relnamespace in ('public'::regnamespace, 'sealed'::regnamespace)
               and a.atttypid <> 'bigint'::regtype
             union all
             select format('%s: no index begins with the foreign key %s', conrelid::regclass, a.attname)
             from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
             where k.contype = 'f' and a.attname not in ('call_id')
               and k.connamespace in ('public'::regnamespace, 'sealed'::regnamespace)
               and k.confrelid in ('proposal'::regclass, 'account'::regclass, 'proposal_stage'::regclass)
               and not exists (select from pg_index i where i.indrelid = k.conrelid and i.indkey[0] = k.conkey[1])
             ) faults",
        )
        .await;
    assert_eq!(faults, "");
}

#[tokio::test]
async fn what_is_written_once_cannot_be_changed_by_the_application() {
    let app = TestApp::start().await;
    let application = app.database_url(APP);
    app.broken_on_purpose("an audit row with any digest stands for all that are written once");
    app.sql(
        "insert into audit (id, chain, worn, action, object_kind, object_id, detail, salt, digest)
         values (gen_random_uuid(), gen_random_uuid(), 'public', 'a', 'call', gen_random_uuid(), '{}',
                 decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex'))",
    )
    .await;
    for table in [
        "audit",
        "audit_link",
        "audit_head",
        "submission",
        "draft_history",
        "commitment",
        "sealed.commitment_document",
        "sealed.letter",
        "sealed.amendment_letter",
        "sealed.redress_letter",
        "sealed.panel_message",
    ] {
        for deed in [
            "truncate {}",
            "alter table {} disable trigger all",
            "drop table {}",
        ] {
            let sql = deed.replace("{}", table);
            assert!(execute(&application, &sql).await.is_err(), "{sql}");
        }
    }
    for deed in ["update audit set worn = 'x'", "delete from audit"] {
        let error = execute(&application, deed).await.unwrap_err();
        assert!(
            format!("{error:#}").contains("only ever added"),
            "{deed}: {error:#}"
        );
        // Not even the superuser, by accident.
        assert!(execute(&app.database_url(SUPERUSER), deed).await.is_err());
    }
}

#[tokio::test]
async fn the_server_refuses_a_role_that_could_undo_the_audit_trail() {
    let app = TestApp::start().await;
    for role in [SUPERUSER, OWNER] {
        let db = store::Db::new(
            &app.database_url(role),
            1,
            tokio::runtime::Handle::current(),
        )
        .unwrap();
        let refused = db.check_fitness().await.unwrap_err().to_string();
        assert!(
            refused.contains(role) && refused.contains("jtc db grant"),
            "{refused}"
        );
    }
    app.service.db().check_fitness().await.unwrap();
}

#[tokio::test]
async fn every_connection_waits_for_the_disk() {
    let app = TestApp::start().await;
    let mut conn = app.service.db().connection().await.unwrap();
    let said = store::db::setting(&mut conn, "synchronous_commit")
        .await
        .unwrap();
    assert_eq!(said, "on");
}

#[tokio::test]
async fn the_schema_in_the_code_is_that_of_the_database() {
    let app = TestApp::start().await;
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/src/schema.rs"),
    )
    .unwrap();
    let mut in_code: Vec<String> = Vec::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line
            .split_once(" (")
            .filter(|(_, rest)| rest.ends_with(") {"))
        {
            table = name.to_owned();
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let nullable = kind.starts_with("Nullable<");
            in_code.push(format!(
                "{table}.{column} {}",
                if nullable { "null" } else { "not null" }
            ));
        }
    }
    in_code.sort();
    // The wall is a view: its columns never say that they are not null, and none is ever empty.
    let in_database = app
        .value(
            "select string_agg(format('%s%s.%s %s', case when n.nspname = 'sealed' then 'sealed.' else '' end,
                 c.relname, a.attname, case when a.attnotnull or c.relkind = 'v' then 'not null' else 'null' end), e'\\n')
             from pg_class c join pg_namespace n on n.oid = c.relnamespace
             join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
             where (c.relkind = 'r' or c.relname = 'wall') and n.nspname in ('public', 'sealed') and c.relname <> '__diesel_schema_migrations'",
        )
        .await;
    let mut in_database: Vec<&str> = in_database.lines().collect();
    in_database.sort_unstable();
    assert_eq!(in_code, in_database);
}
