use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use futures_util::{FutureExt, future::BoxFuture};

use super::{Slice, attempt::Effect};
use crate::{
    handler::{Act, Claimed, Failure},
    registry::{Facts, Task},
};

/// A handler of work inside the database.
pub(crate) struct ActTask<H>(pub H);

impl<H: Act> Effect for ActTask<H> {
    type Item = Claimed<H::Job>;
    const TRIES: u32 = 1;

    async fn apply(
        &self,
        conn: &mut AsyncPgConnection,
        items: &[Self::Item],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        self.0.act(conn, items, now).await
    }
}

impl<H: Act> Task for ActTask<H> {
    fn facts(&self) -> Facts {
        Facts::of::<H::Job>()
    }

    fn run<'a>(&'a self, mut slice: Slice<'a>) -> BoxFuture<'a, ()> {
        async move {
            let jobs = slice.decode::<H::Job>().await;
            slice.end(self, &slice.rows, &jobs).await;
        }
        .boxed()
    }
}
