use std::fmt;

use anyhow::Context;
use domain::users::{FirstOwner, Passwords, User};

use crate::process::Ground;

const USUAL_EMAIL: &str = "owner@refero.localhost";

/// The first owner, as `refero up` greets them.
pub struct Owner(FirstOwner);

/// The first owner, whom the first start makes: `REFERO_OWNER_EMAIL`, or else a made-up address.
///
/// # Errors
/// When the address is none or the database fails.
pub async fn find_or_make(ground: &Ground) -> anyhow::Result<Owner> {
    let email = env::var("REFERO_OWNER_EMAIL")?.unwrap_or_else(|| USUAL_EMAIL.to_owned());
    let passwords = Passwords::new(ground.config.passwords)?;
    let names = (email.as_str(), "Owner", "My company");
    let act = ground.act();
    let owner = User::create_owner(&ground.db, &passwords, names, &act).await;
    Ok(Owner(owner.context("the first owner could not be created (REFERO_OWNER_EMAIL)")?))
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let email = &self.0.user.email;
        match &self.0.password {
            Some(password) => {
                write!(f, "{email} with the password {} (shown this once)", password.expose())
            }
            None => write!(f, "{email} with the password that the first start showed"),
        }
    }
}
