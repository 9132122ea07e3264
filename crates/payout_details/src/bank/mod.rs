//! Bank accounts, as each country writes them.

mod account;
mod input;
mod number;
mod routing;

pub use account::{BankAccount, UsAccountType};
pub use input::BankAccountInput;
pub use number::{AccountNumber, Bsb, Ifsc, InstitutionNumber, SortCode, TransitNumber};
pub use routing::RoutingNumber;
