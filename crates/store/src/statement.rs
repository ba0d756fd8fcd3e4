//! SQL that is asked all the time. diesel prepares its own `sql_query`, what holds an `sql` literal, and every update anew
//! at each call; what is made of these is prepared once for each connection, so the text must be the same each time.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text, Untyped};

diesel::define_sql_function! {
    /// The database's clock, read now and not at the start of the transaction.
    fn clock_timestamp() -> Timestamptz;
}

diesel::define_sql_function! {
    /// A text in small letters.
    fn lower(text: Text) -> Text;
}

diesel::define_sql_function! {
    /// Takes a lock that lasts as long as the transaction, or says that another holds it.
    fn pg_try_advisory_xact_lock(key: BigInt) -> Bool;
}

/// A statement as text; its parameters are `$1`, `$2` ... in the order in which they are bound.
pub(crate) fn statement(sql: &'static str) -> Statement {
    Statement(sql)
}

/// The text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement(&'static str);

/// A statement with one more parameter.
pub(crate) struct Bound<S, V, T> {
    statement: S,
    value: V,
    kind: PhantomData<T>,
}

impl Statement {
    /// Binds the first parameter.
    pub(crate) fn bind<T, V>(self, value: V) -> Bound<Self, V, T> {
        bound(self, value)
    }
}

impl<S, V, T> Bound<S, V, T> {
    /// Binds the next parameter.
    pub(crate) fn bind<U, W>(self, value: W) -> Bound<Self, W, U> {
        bound(self, value)
    }
}

fn bound<S, V, T>(statement: S, value: V) -> Bound<S, V, T> {
    Bound {
        statement,
        value,
        kind: PhantomData,
    }
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

impl<S, V, T> QueryFragment<Pg> for Bound<S, V, T>
where
    S: QueryFragment<Pg>,
    V: ToSql<T, Pg>,
    Pg: HasSqlType<T>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.statement.walk_ast(out.reborrow())?;
        out.push_bind_param_value_only(&self.value)
    }
}

// The text itself names the statement, as far as a connection remembers it.
impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S, V, T> QueryId for Bound<S, V, T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement {
    type SqlType = Untyped;
}

impl<S, V, T> Query for Bound<S, V, T> {
    type SqlType = Untyped;
}
