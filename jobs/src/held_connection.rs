use diesel::QueryResult;
use diesel_async::SimpleAsyncConnection;
use domain::db::{Conn, Db};

/// A connection that a loop keeps for itself, so that a pool in full use by handlers cannot hold up leases or dispatch.
pub(crate) struct HeldConnection {
    db: Db,
    conn: Option<Conn>,
}

impl HeldConnection {
    pub(crate) fn new(db: Db) -> Self {
        Self { db, conn: None }
    }

    /// The connection; a new one if there is none.
    pub(crate) async fn get(&mut self) -> QueryResult<&mut Conn> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => {
                let mut conn = self.db.get().await?;
                // A round that finds nothing takes a tenth of a millisecond; compiling its plan would take three hundred.
                conn.batch_execute("SET jit = off").await?;
                conn
            }
        };
        Ok(self.conn.insert(conn))
    }

    /// Gives it back after an error: the pool finds out whether it is broken.
    pub(crate) fn release(&mut self) {
        self.conn = None;
    }
}
