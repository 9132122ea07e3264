use std::fmt;

use domain::{
    team::Role,
    users::{Passwords, SecretToken},
};
use ids::IdSource;

/// Who founded the company.
pub const OWNER: &str = "owner@crema.example";

/// The team: what they do, where mail reaches them, and what people call them. The owner leads.
const TEAM: [(Role, &str, &str); 5] = [
    (Role::Owner, OWNER, "Olivia Bennett"),
    (Role::Admin, "admin@crema.example", "Anders Holm"),
    (Role::Manager, "manager@crema.example", "Marta Fuchs"),
    (Role::Finance, "finance@crema.example", "Farid Nasser"),
    (Role::Viewer, "viewer@crema.example", "Vera Lind"),
];

/// How somebody of the demo's team logs in.
#[derive(Clone)]
pub struct LogIn {
    /// What they may do.
    pub role: Role,
    /// Their address.
    pub email: &'static str,
    /// What people call them.
    pub name: &'static str,
    /// Their password.
    pub password: String,
}

/// The log-ins of the demo's team, the owner's first.
#[derive(Clone)]
pub struct LogIns(pub Vec<LogIn>);

/// A member of the team whose password is hashed.
pub struct Hashed {
    pub role: Role,
    pub email: &'static str,
    pub name: &'static str,
    pub password_hash: String,
}

impl LogIns {
    /// With passwords that nobody can guess: an instance may be reached by others, and the addresses are known.
    pub fn random(ids: &IdSource) -> Self {
        let password = || SecretToken::random(ids, "").expose().chars().take(20).collect();
        Self::with(password)
    }

    /// With the passwords that `password` makes, in the order of the team.
    pub fn with(mut password: impl FnMut() -> String) -> Self {
        Self(TEAM.map(|(role, email, name)| LogIn { role, email, name, password: password() }).to_vec())
    }

    /// The log-ins that were written by [`fmt::Display`]; none if somebody is missing.
    pub fn parse(text: &str) -> Option<Self> {
        let written = |email: &str| {
            let of_email = |line: &&str| line.split_whitespace().nth(1) == Some(email);
            text.lines().find(of_email)?.split_whitespace().nth(2).map(str::to_owned)
        };
        let mut found = Vec::with_capacity(TEAM.len());
        for (role, email, name) in TEAM {
            found.push(LogIn { role, email, name, password: written(email)? });
        }
        Some(Self(found))
    }

    pub(super) async fn hashed(&self, passwords: &Passwords) -> anyhow::Result<Vec<Hashed>> {
        // Salts are secrets: they come from the system, whatever the seed.
        let ids = IdSource::from_system()?;
        let mut hashed = Vec::with_capacity(self.0.len());
        for LogIn { role, email, name, password } in &self.0 {
            let password_hash = passwords.hash(password, &ids).await?;
            hashed.push(Hashed { role: *role, email, name, password_hash });
        }
        Ok(hashed)
    }
}

impl fmt::Display for LogIns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for LogIn { role, email, password, .. } in &self.0 {
            writeln!(f, "{:<8} {email:<22} {password}", role.as_str().to_lowercase())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_no_two_passwords_are_the_same() {
        let made = LogIns::random(&IdSource::from_system().unwrap());
        let read = LogIns::parse(&format!("# of the demo\n{made}")).unwrap();
        let passwords =
            |log_ins: &LogIns| log_ins.0.iter().map(|log_in| log_in.password.clone()).collect::<Vec<_>>();
        assert_eq!(passwords(&made), passwords(&read));
        let distinct: std::collections::BTreeSet<_> = passwords(&made).into_iter().collect();
        assert_eq!(distinct.len(), TEAM.len());
        assert!(distinct.iter().all(|password| password.len() == 20));
        assert!(LogIns::parse("owner owner@crema.example secret").is_none(), "somebody is missing");
    }
}
