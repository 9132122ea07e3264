//! When a customer and a partner are the same person.

/// Whether two addresses are of one person: equal, and not empty, after trimming, lower case, and dropping a `+tag`
/// before the `@`.
pub fn emails_equal(one: &str, other: &str) -> bool {
    let person = person(one);
    !person.is_empty() && person == self::person(other)
}

fn person(email: &str) -> String {
    let email = email.trim().to_lowercase();
    let Some((local, host)) = email.rsplit_once('@') else {
        return email;
    };
    let local = local.split_once('+').map_or(local, |(name, _tag)| name);
    format!("{local}@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_person_or_not() {
        let table = [
            ("a@example.com", " A@Example.com ", true),
            ("a+shop@example.com", "a@example.com", true),
            ("a+x+y@example.com", "a+z@example.com", true),
            ("a@example.com", "b@example.com", false),
            ("a@example.com", "a@example.org", false),
            ("a@example.com", "a@example.com+tag", false),
            ("", "", false),
            ("  ", "", false),
            ("a", "A", true),
        ];
        for (one, other, equal) in table {
            assert_eq!(emails_equal(one, other), equal, "{one} {other}");
            assert_eq!(emails_equal(other, one), equal, "{other} {one}");
        }
    }
}
