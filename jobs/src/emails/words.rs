//! Times and server answers in words for people.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{team::Role, text::is_link};

/// The day in the program's time zone, like `22 December 2026`. A zone that this binary does not know counts as UTC.
pub(super) fn day(at: DateTime<Utc>, time_zone: &str) -> String {
    let zone: Tz = time_zone.parse().unwrap_or(Tz::UTC);
    at.with_timezone(&zone).format("%-d %B %Y").to_string()
}

/// The moment, like `22 December 2026, 23:30 UTC`.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// A length of time to the nearest hour, like `48 hours`; below two hours in minutes.
pub(super) fn length(of: TimeDelta) -> String {
    let minutes = of.num_minutes().max(1);
    match minutes {
        1 => "1 minute".to_owned(),
        ..120 => format!("{minutes} minutes"),
        _ => format!("{} hours", (minutes + 30) / 60),
    }
}

/// A role as a sentence about a person says it.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner",
        Role::Admin => "an admin",
        Role::Manager => "a manager",
        Role::Finance => "a member for finance",
        Role::Viewer => "a viewer",
    }
}

/// A name without the words that a mail program makes links of; none if no other is left. Whoever opens an account calls it
/// and themselves what they like, and may have us write to anybody.
pub(super) fn unlinked(name: &str) -> Option<String> {
    let words: Vec<_> = name.split_whitespace().filter(|word| !is_link(word)).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// What a mail server or the network said, without anything that looks like an email address: more people see it than the
/// recipient's address.
pub(super) fn answer(code: Option<u16>, text: &str) -> String {
    let words = text.split(' ').map(|word| if word.contains('@') { "<address>" } else { word });
    let code = code.map(|code| code.to_string());
    code.iter().map(String::as_str).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_program() {
        let at = "2026-12-21T23:30:00Z".parse().unwrap();
        for (zone, expected) in [
            ("UTC", "21 December 2026"),
            ("Europe/Berlin", "22 December 2026"),
            ("America/New_York", "21 December 2026"),
            ("Nowhere/Else", "21 December 2026"),
        ] {
            assert_eq!(day(at, zone), expected, "{zone}");
        }
    }

    #[test]
    fn moments_are_those_of_utc() {
        assert_eq!(moment("2026-12-21T23:30:59Z".parse().unwrap()), "21 December 2026, 23:30 UTC");
    }

    #[test]
    fn lengths_are_rounded_to_what_people_say() {
        for (seconds, expected) in [
            (48 * 3600 - 20, "48 hours"),
            (2 * 3600, "2 hours"),
            (2 * 3600 - 60, "119 minutes"),
            (61, "1 minute"),
            (0, "1 minute"),
        ] {
            assert_eq!(length(TimeDelta::seconds(seconds)), expected);
        }
    }

    #[test]
    fn names_lead_nowhere() {
        for (name, expected) in [
            ("Acme Inc.", Some("Acme Inc.")),
            ("Win at https://evil.example now", Some("Win at now")),
            ("HTTPS://evil.example", None),
            ("WWW.evil.example", None),
            ("Prize: evil.example/win", Some("Prize:")),
            ("", None),
        ] {
            assert_eq!(unlinked(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn addresses_are_cut_out_of_answers() {
        let said = "5.1.1 <ada@example.com>: no such user (ada@example.com)";
        assert_eq!(answer(Some(550), said), "550 5.1.1 <address> no such user <address>");
        assert_eq!(answer(None, "connection refused"), "connection refused");
    }
}
