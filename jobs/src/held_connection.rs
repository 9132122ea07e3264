use domain::db::{Conn, Db, DbUnavailable};

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
    pub(crate) async fn get(&mut self) -> Result<&mut Conn, DbUnavailable> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.db.get().await?,
        };
        Ok(self.conn.insert(conn))
    }

    /// Gives it back after an error: the pool finds out whether it is broken.
    pub(crate) fn release(&mut self) {
        self.conn = None;
    }
}
