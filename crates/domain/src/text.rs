//! Closed sets stored as text, and the checks that every text from outside passes.

/// An enum stored as `TEXT` and written in JSON by the same word. The database's CHECK holds the same list.
#[macro_export]
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every member, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The member of that word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.as_str().as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let word = std::str::from_utf8(bytes.as_bytes())?;
                Self::from_word(word)
                    .ok_or_else(|| format!("{word} is no {}", stringify!($name)).into())
            }
        }
    };
}

/// Why a text from outside is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextProblem {
    /// Nothing is left after trimming.
    Missing,
    /// Longer than `limit` characters.
    TooLong {
        /// The most characters that are accepted.
        limit: usize,
    },
    /// Not of the form that is asked for.
    Malformed,
}

/// A refused field of an input: where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The path into the input, outermost first.
    pub path: Vec<String>,
    /// Why.
    pub problem: TextProblem,
}

impl FieldProblem {
    /// A problem of the field `name` itself.
    pub fn of(name: &str, problem: TextProblem) -> Self {
        Self { path: vec![name.to_owned()], problem }
    }
}

/// Collects the problems of all fields of an input, so that a caller hears of them at once.
#[derive(Default)]
pub(crate) struct Checks(pub(crate) Vec<FieldProblem>);

impl Checks {
    /// The value of the field; if it is refused, the problem is noted.
    pub(crate) fn take<T>(&mut self, field: &str, checked: Result<T, TextProblem>) -> Option<T> {
        checked.map_err(|problem| self.0.push(FieldProblem::of(field, problem))).ok()
    }

    /// Notes a problem of an idempotency key: 1 to 255 characters, of which none is NUL. It is kept as it is said.
    pub(crate) fn idempotency_key(&mut self, key: Option<&str>) {
        let problem = match key.map(|key| key.chars().count()) {
            Some(0) => Some(TextProblem::Missing),
            Some(256..) => Some(TextProblem::TooLong { limit: 255 }),
            _ => key.filter(|key| key.contains('\0')).map(|_| TextProblem::Malformed),
        };
        self.0.extend(problem.map(|problem| FieldProblem::of("idempotencyKey", problem)));
    }

    /// What was checked, or all that is wrong with it.
    pub(crate) fn done<T>(self, value: T) -> Result<T, Vec<FieldProblem>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}

/// The text trimmed, if it has 1 to `limit` characters and no control characters.
pub fn line(text: &str, limit: usize) -> Result<String, TextProblem> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(TextProblem::Missing),
        count if count > limit => Err(TextProblem::TooLong { limit }),
        _ if text.chars().any(char::is_control) => Err(TextProblem::Malformed),
        _ => Ok(text.to_owned()),
    }
}

/// A postal address: 1 to 8 lines that say something, together at most 500 characters, separated by line feeds.
pub fn address(text: &str) -> Result<String, TextProblem> {
    let said = text.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<String> = said.map(|said| line(said, 200)).collect::<Result<_, _>>()?;
    let joined = lines.join("\n");
    match (lines.len(), joined.chars().count()) {
        (0, _) => Err(TextProblem::Missing),
        (9.., _) => Err(TextProblem::Malformed),
        (_, 501..) => Err(TextProblem::TooLong { limit: 500 }),
        _ => Ok(joined),
    }
}

/// An email address, trimmed: one `@` with something before it and a dotted host after it, at most 254 characters
/// (RFC 5321, section 4.5.3.1). Deliverability is found out by sending.
pub fn email(text: &str) -> Result<String, TextProblem> {
    let text = line(text, 254)?;
    let plausible = text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty()
            && local.len() <= 64
            && host.contains('.')
            && !host.starts_with(['.', '-'])
            && !host.ends_with(['.', '-'])
            && host.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-')
    });
    if plausible && !text.chars().any(|c| c.is_whitespace() || "<>,;:\"()[]\\".contains(c)) {
        Ok(text)
    } else {
        Err(TextProblem::Malformed)
    }
}

/// Whether a mail program may make a link of this word: it has a scheme, begins like the name of a web server, or has two
/// parts of a name with a dot between them, of which the second could be a top-level domain (`evil.example/win`), or is an
/// address of the network. `Inc.`, `J.R.` and `3.5` are plain.
pub fn is_link(word: &str) -> bool {
    // Browsers take these for dots too.
    let word = word.to_lowercase().replace(['\u{3002}', '\u{ff0e}', '\u{ff61}'], ".");
    let is_host = |piece: &str| {
        let labels: Vec<&str> = piece.split('.').collect();
        let is_domain = |name: &str| {
            name.starts_with("xn--") || (name.chars().count() >= 2 && name.chars().all(char::is_alphabetic))
        };
        labels.windows(2).any(|pair| matches!(pair, [name, domain] if !name.is_empty() && is_domain(domain)))
            || piece.parse::<std::net::Ipv4Addr>().is_ok()
    };
    let is_of_host = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    word.contains("://") || word.contains("www.") || word.split(|c: char| !is_of_host(c)).any(is_host)
}

/// A slug: 1 to `limit` of `a-z`, `0-9`, `-` and `_`, after trimming and lower-casing.
pub fn slug(text: &str, limit: usize) -> Result<String, TextProblem> {
    let text = line(text, limit)?.to_lowercase();
    if text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_') {
        Ok(text)
    } else {
        Err(TextProblem::Malformed)
    }
}

/// An `http` or `https` address with a host, at most 2,000 characters and without blanks.
pub fn web_address(text: &str) -> Result<String, TextProblem> {
    let text = line(text, 2000)?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if host.is_empty() || host.contains('@') || text.chars().any(char::is_whitespace) {
        return Err(TextProblem::Malformed);
    }
    Ok(text)
}

/// An ISO 3166-1 alpha-2 code in upper case. The form is checked, not the list: countries come and go.
pub fn country(text: &str) -> Result<String, TextProblem> {
    let text = text.trim().to_uppercase();
    if text.len() == 2 && text.chars().all(|c| c.is_ascii_uppercase()) {
        Ok(text)
    } else {
        Err(TextProblem::Malformed)
    }
}

/// A language tag, trimmed, e.g. `de-AT`. The form is checked, not the words: a language of two or three letters, then parts of
/// up to eight; at most 35 characters.
pub fn locale(text: &str) -> Result<String, TextProblem> {
    let text = text.trim();
    let mut parts = text.split('-');
    let is_language = parts
        .next()
        .is_some_and(|part| (2..=3).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphabetic()));
    let is_part =
        |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    let is_tag = text.len() <= 35 && is_language && parts.all(is_part);
    if is_tag { Ok(text.to_owned()) } else { Err(TextProblem::Malformed) }
}

/// At most 50 tags of 1 to 50 characters, trimmed, without doubles, sorted.
pub fn tags(tags: &[String]) -> Result<Vec<String>, TextProblem> {
    if tags.len() > 50 {
        return Err(TextProblem::TooLong { limit: 50 });
    }
    let mut tags = tags.iter().map(|tag| line(tag, 50)).collect::<Result<Vec<_>, _>>()?;
    tags.sort_unstable();
    tags.dedup();
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails() {
        for good in ["a@b.co", " x.y+tag@sub.example.com ", "ü@münchen.de"] {
            assert_eq!(email(good), Ok(good.trim().to_owned()), "{good}");
        }
        for bad in ["a", "a@b", "@b.co", "a@.co", "a b@c.de", "a@b.co\r\nBcc: x@y.zz", "<a@b.co>", "a@b@c.de"]
        {
            assert_eq!(email(bad), Err(TextProblem::Malformed), "{bad}");
        }
        assert_eq!(email("  "), Err(TextProblem::Missing));
    }

    #[test]
    fn idempotency_keys_are_of_1_to_255_characters_that_can_be_kept() {
        let (longest, longer) = ("ü".repeat(255), "ü".repeat(256));
        for (key, problem) in [
            (None, None),
            (Some(longest.as_str()), None),
            (Some(" "), None),
            (Some(""), Some(TextProblem::Missing)),
            (Some(longer.as_str()), Some(TextProblem::TooLong { limit: 255 })),
            (Some("a\0b"), Some(TextProblem::Malformed)),
        ] {
            let mut checks = Checks::default();
            checks.idempotency_key(key);
            let expected = problem.map(|problem| FieldProblem::of("idempotencyKey", problem));
            assert_eq!(checks.0, Vec::from_iter(expected), "{key:?}");
        }
    }

    #[test]
    fn locales_have_the_form_of_a_tag() {
        for (text, is_tag) in [
            ("en", true),
            (" de-AT ", true),
            ("zh-Hant-TW", true),
            ("e", false),
            ("en_US", false),
            ("en-", false),
            ("", false),
            ("de-abcdefghi", false),
        ] {
            assert_eq!(locale(text).is_ok(), is_tag, "{text}");
        }
    }

    #[test]
    fn web_addresses_have_a_host_and_no_log_in() {
        assert!(web_address("https://example.com/a?b=c").is_ok());
        for bad in [
            "javascript:alert(1)",
            "https://",
            "https:///a",
            "https://user@host/",
            "ftp://x.y",
            "https://a b",
        ] {
            assert_eq!(web_address(bad), Err(TextProblem::Malformed), "{bad}");
        }
    }
}
