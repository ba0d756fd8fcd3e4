//! The two roles: the owner of the tables runs the migrations, the application's role only reads and writes rows.

/// Database of a private cluster.
pub const DATABASE: &str = "jtc";
/// Owner of the tables in a private cluster.
pub const OWNER: &str = "jtc_owner";
/// The application's role in a private cluster.
pub const APP: &str = "jtc_app";

/// SQL that makes both roles and gives the application's role what it needs in `database`: to connect, and to
/// read, insert, change and delete rows in the schemas `public` and `sealed`, of today's tables and of those
/// the owner makes later. It may not truncate, create or drop, and owns nothing.
///
/// To be run by a superuser who is connected to `database`. Running it again changes nothing. Statements are
/// parted by empty lines, which the server's single-user mode needs.
pub fn grant_sql(database: &str, owner: &str, app: &str) -> String {
    let (database, owner_id, app_id) = (identifier(database), identifier(owner), identifier(app));
    let (owner_text, app_text) = (literal(owner), literal(app));
    format!(
        r#"-- Run as a superuser, connected to the database {database}. When it does not exist: create database {database};
-- The roles get no password here; set one with \password where your server asks for it.

do $$ begin
  if not exists (select from pg_roles where rolname = {owner_text}) then
    create role {owner_id} login nosuperuser;
  end if;
  if not exists (select from pg_roles where rolname = {app_text}) then
    create role {app_id} login nosuperuser nocreatedb nocreaterole;
  end if;
end $$;

alter database {database} owner to {owner_id};

revoke connect, temporary on database {database} from public;

grant connect, temporary on database {database} to {owner_id};

grant connect on database {database} to {app_id};

revoke create on schema public from public;

create schema if not exists sealed authorization {owner_id};

grant usage on schema public, sealed to {app_id};

grant select, insert, update, delete on all tables in schema public, sealed to {app_id};

grant usage on all sequences in schema public, sealed to {app_id};

alter default privileges for role {owner_id} grant usage on schemas to {app_id};

alter default privileges for role {owner_id} grant select, insert, update, delete on tables to {app_id};

alter default privileges for role {owner_id} grant usage on sequences to {app_id};

"#
    )
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_truncate_is_never_granted() {
        let sql = grant_sql("a\"b", "o'w", "app");
        assert!(
            sql.contains(r#"alter database "a""b" owner to "o'w";"#),
            "{sql}"
        );
        assert!(sql.contains("rolname = 'o''w'"), "{sql}");
        assert!(!sql.contains("truncate"), "{sql}");
    }
}
