use diesel_async::AsyncPgConnection;

use super::{Customer, CustomerName};
use crate::{
    act::Act,
    partners::{self, Partner},
    programs::{Program, ProgramKind, ProgramStatus},
    scope::AccountScope,
    text::{self, FieldProblem},
};

/// Why a customer was not enrolled as a referrer.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// No such customer in reach.
    #[error("no such customer")]
    NotFound,
    /// The public key is refused.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// In programs of this kind customers refer nobody.
    #[error("the program is of the kind {kind}")]
    WrongKind {
        /// What kind of program it is.
        kind: ProgramKind,
    },
    /// An archived program takes in nobody.
    #[error("the program is {current}")]
    WrongState {
        /// Where the program stands.
        current: ProgramStatus,
    },
    /// Nobody can write to the customer.
    #[error("the customer has no email address")]
    EmailMissing,
    /// The person of the customer's address is a partner of the program already, and not as this customer.
    #[error("already a partner of the program")]
    AlreadyPartner,
    /// Another partner of the program has the public key.
    #[error("the key is taken")]
    KeyTaken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<partners::CreateError> for EnrolError {
    fn from(error: partners::CreateError) -> Self {
        use partners::CreateError as E;
        match error {
            E::Invalid(problems) => Self::Invalid(problems),
            E::WrongState { current } => Self::WrongState { current },
            E::KeyTaken => Self::KeyTaken,
            E::AlreadyPartner => Self::AlreadyPartner,
            E::Database(error) => Self::Database(error),
            // An enrolment names neither group nor upline, nor a key of idempotency: the program was lost.
            E::ProgramNotFound | E::GroupNotFound | E::Upline(_) | E::IdempotencyMismatch => Self::NotFound,
        }
    }
}

impl Customer {
    /// Makes the customer a referrer: an approved partner of the program, under the customer's key or the one that is given.
    /// One who is a referrer stays as it is.
    ///
    /// # Errors
    /// [`EnrolError`].
    pub async fn enrol(
        conn: &mut AsyncPgConnection,
        scope: &AccountScope,
        name: &CustomerName,
        key: Option<&str>,
        act: &Act,
    ) -> Result<Self, EnrolError> {
        let key = key.map(|key| text::slug(key, 100)).transpose();
        let key =
            key.map_err(|problem| EnrolError::Invalid(vec![FieldProblem::of("partnerKey", problem)]))?;
        let customer = name.find(conn, scope).await?.ok_or(EnrolError::NotFound)?;
        let program = Program::find(conn, scope, customer.program_id).await?.ok_or(EnrolError::NotFound)?;
        customer.enrol_in(conn, &program, key, act).await?;
        Ok(customer)
    }

    pub(super) async fn enrol_in(
        &self,
        conn: &mut AsyncPgConnection,
        program: &Program,
        key: Option<String>,
        act: &Act,
    ) -> Result<Partner, EnrolError> {
        if !program.kind.customers_refer() {
            return Err(EnrolError::WrongKind { kind: program.kind });
        }
        if program.status == ProgramStatus::Archived {
            return Err(EnrolError::WrongState { current: program.status });
        }
        let referrer = partners::Referrer {
            customer_id: self.id,
            customer_key: &self.key,
            email: self.email.as_deref().ok_or(EnrolError::EmailMissing)?,
            name: self.name.as_deref(),
            country: self.country.as_deref(),
            key,
        };
        Ok(Partner::enrol(conn, program, &referrer, act).await?)
    }
}
