use std::marker::PhantomData;

use diesel::{
    QueryResult, RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{HasSqlType, Untyped},
};

/// The first piece of a fixed statement; see [`Bound`].
///
/// `diesel::sql_query` prepares its text anew at every call; these few statements are the hottest of the house, so they
/// are written as fixed text with binds in their places, which the connection prepares once.
pub(crate) fn statement(text: &'static str) -> Text {
    Text(text)
}

/// Fixed SQL text.
pub(crate) struct Text(&'static str);

/// A statement, one more bind, and the text after it.
pub(crate) struct Bound<Q, ST, V> {
    before: Q,
    value: V,
    after: &'static str,
    sql_type: PhantomData<ST>,
}

impl Text {
    /// Appends a bind of SQL type `ST` and the text that follows it.
    pub(crate) fn bind<ST, V>(self, value: V, after: &'static str) -> Bound<Self, ST, V> {
        Bound { before: self, value, after, sql_type: PhantomData }
    }
}

impl<Q, ST, V> Bound<Q, ST, V> {
    /// Appends a bind of SQL type `ST2` and the text that follows it.
    pub(crate) fn bind<ST2, V2>(self, value: V2, after: &'static str) -> Bound<Self, ST2, V2> {
        Bound { before: self, value, after, sql_type: PhantomData }
    }
}

impl QueryFragment<Pg> for Text {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

impl<Q, ST, V> QueryFragment<Pg> for Bound<Q, ST, V>
where
    Q: QueryFragment<Pg>,
    Pg: HasSqlType<ST>,
    V: ToSql<ST, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        out.push_bind_param::<ST, V>(&self.value)?;
        out.push_sql(self.after);
        Ok(())
    }
}

// Without a static id the connection's cache goes by the text, which is fixed.
impl QueryId for Text {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q, ST, V> QueryId for Bound<Q, ST, V> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Text {
    type SqlType = Untyped;
}

impl<Q, ST, V> Query for Bound<Q, ST, V> {
    type SqlType = Untyped;
}

impl<Conn> RunQueryDsl<Conn> for Text {}

impl<Q, ST, V, Conn> RunQueryDsl<Conn> for Bound<Q, ST, V> {}
