use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{BigInt, Integer, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A PostgreSQL server, as it tells of itself.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Server {
    /// Its version, such as `17.2`.
    #[diesel(sql_type = Text)]
    pub version: String,
    /// The same as a number, such as 170002.
    #[diesel(sql_type = Integer)]
    pub version_number: i32,
    /// Connections of clients, this one among them.
    #[diesel(sql_type = BigInt)]
    pub connections: i64,
    /// How many it takes from those who are no superusers.
    #[diesel(sql_type = BigInt)]
    pub most_connections: i64,
}

impl Server {
    /// Asks the server of a connection.
    ///
    /// # Errors
    /// The database's.
    pub async fn ask(conn: &mut AsyncPgConnection) -> QueryResult<Self> {
        sql_query(
            "SELECT split_part(current_setting('server_version'), ' ', 1) AS version, \
             current_setting('server_version_num')::integer AS version_number, \
             (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections, \
             current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint \
             AS most_connections",
        )
        .get_result(conn)
        .await
    }
}
