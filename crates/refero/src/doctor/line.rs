use std::time::Duration;

/// How long one check may take.
pub const LIMIT: Duration = Duration::from_secs(8);

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and somebody should know.
    Warn,
    /// Something does not work.
    Fail,
}

impl Verdict {
    /// As it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was looked at.
    pub check: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// How to mend it; empty when there is nothing to mend.
    pub mend: String,
}

impl Line {
    /// All is as it should be.
    pub fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, found: found.into(), mend: String::new() }
    }

    /// Somebody should know.
    pub fn warn(check: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Warn, found: found.into(), mend: mend.into() }
    }

    /// It does not work.
    pub fn fail(check: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Fail, found: found.into(), mend: mend.into() }
    }

    /// Both, by how it is.
    pub fn judged(
        check: &'static str,
        verdict: Verdict,
        found: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        match verdict {
            Verdict::Ok => Self::ok(check, found),
            Verdict::Warn => Self::warn(check, found, mend),
            Verdict::Fail => Self::fail(check, found, mend),
        }
    }
}

/// Looks, within the time that a check has. What cannot be asked, or does not answer, fails.
pub async fn within<T>(
    check: &'static str,
    mend: &str,
    look: impl Future<Output = anyhow::Result<T>>,
) -> Result<T, Line> {
    match tokio::time::timeout(LIMIT, look).await {
        Ok(Ok(found)) => Ok(found),
        // Errors of servers may have several lines.
        Ok(Err(error)) => {
            let said: Vec<String> = format!("{error:#}").split_whitespace().map(str::to_owned).collect();
            Err(Line::fail(check, said.join(" "), mend))
        }
        Err(_) => Err(Line::fail(check, format!("no answer within {} s", LIMIT.as_secs()), mend)),
    }
}

/// The line that was found, or the one that tells why nothing was.
pub fn either(found: Result<Line, Line>) -> Line {
    match found {
        Ok(line) | Err(line) => line,
    }
}
