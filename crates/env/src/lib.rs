#![doc = include_str!("../README.md")]

use std::{fmt::Display, str::FromStr};

use anyhow::{Context, anyhow};

/// The value of `key`, or `None` when it is unset or blank.
///
/// # Errors
/// When the value is not Unicode.
pub fn var(key: &str) -> anyhow::Result<Option<String>> {
    match std::env::var(key) {
        Ok(value) if value.trim().is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(anyhow!("{key} is not valid Unicode")),
    }
}

/// The value of `key`.
///
/// # Errors
/// When it is unset, blank or not Unicode; the sentence names the key.
pub fn required_var(key: &str) -> anyhow::Result<String> {
    var(key)?.ok_or_else(|| anyhow!("{key} must be set (see .env.sample)"))
}

/// The value of `key`, parsed; `None` when it is unset or blank.
///
/// # Errors
/// When it cannot be parsed; the sentence names the key, never the value (it may be a secret).
pub fn var_parsed<T>(key: &str) -> anyhow::Result<Option<T>>
where
    T: FromStr,
    T::Err: Display + Send + Sync + 'static,
{
    var(key)?
        .map(|value| value.trim().parse::<T>().map_err(|error| anyhow!("{key} is invalid: {error}")))
        .transpose()
}

/// The comma-separated values of `key`, trimmed, blanks dropped; empty when it is unset.
///
/// # Errors
/// When one of them cannot be parsed.
pub fn list<T>(key: &str) -> anyhow::Result<Vec<T>>
where
    T: FromStr,
    T::Err: Display + Send + Sync + 'static,
{
    var(key)?
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<T>().map_err(|error| anyhow!("{error}")))
        .collect::<Result<_, _>>()
        .with_context(|| format!("{key} is invalid"))
}
