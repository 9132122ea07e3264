use diesel_async::{AsyncConnection, AsyncPgConnection};
use ids::CustomerId;

use super::{
    CreateError, Entry, Partner,
    create::{self, Incoming, Key},
    profile::Person,
};
use crate::{act::Act, programs::Program, scope::AccountScope, text};

/// A customer who is to be a referrer, as its row says.
pub(crate) struct Referrer<'a> {
    pub(crate) customer_id: CustomerId,
    /// The caller's name for the customer.
    pub(crate) customer_key: &'a str,
    pub(crate) email: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) country: Option<&'a str>,
    /// The public key that is asked for; checked.
    pub(crate) key: Option<String>,
}

impl Referrer<'_> {
    /// The customer's key is the public one too if it can be; an address, which would tell who it is, cannot.
    fn incoming(&self) -> Incoming {
        let own = text::slug(self.customer_key, 100).ok();
        // What the address is called by has at most 64 characters.
        let mailbox = self.email.split('@').next().unwrap_or(self.email);
        Incoming {
            entry: Entry::Referrer,
            person: Person {
                email: self.email.to_owned(),
                name: self.name.unwrap_or(mailbox).to_owned(),
                country: self.country.map(str::to_owned),
            },
            key: match (&self.key, own) {
                (Some(key), _) => Key::Wanted(key.clone()),
                (None, Some(own)) => Key::Liked(own),
                (None, None) => Key::Random,
            },
            tags: Vec::new(),
            group_id: None,
            upline_id: None,
            customer_id: Some(self.customer_id),
        }
    }
}

impl Partner {
    /// Makes the customer an approved partner of its program, once. The lock on the program's row makes enrolments take turns.
    ///
    /// # Errors
    /// [`CreateError`].
    pub(crate) async fn enrol(
        conn: &mut AsyncPgConnection,
        program: &Program,
        referrer: &Referrer<'_>,
        act: &Act,
    ) -> Result<Self, CreateError> {
        let scope = AccountScope::whole(program.account_id);
        let done = conn.transaction(async |conn| {
            let program = Program::find_locked(conn, &scope, program.id).await?;
            let program = program.ok_or(CreateError::ProgramNotFound)?;
            if let Some(enrolled) = Self::of_customers(conn, &scope, &[referrer.customer_id]).await?.pop() {
                return Ok(enrolled);
            }
            create::write(conn, (act.ids.next(act.now), &program), &referrer.incoming(), act).await
        });
        done.await.map_err(|error| match error {
            CreateError::Database(error) => create::refused(error),
            other => other,
        })
    }
}
