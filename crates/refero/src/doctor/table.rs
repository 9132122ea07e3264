use super::{Line, Verdict};

/// The checks below each other, each mend below its check, and a sentence about the whole.
pub fn table(lines: &[Line]) -> String {
    let widest = lines.iter().map(|line| line.check.len()).max().unwrap_or(0);
    let mut table = String::new();
    for Line { check, verdict, found, mend } in lines {
        table += &format!("{:<4}  {check:<widest$}  {found}\n", verdict.as_str());
        if !mend.is_empty() {
            table += &format!("{:<4}  {:<widest$}  -> {mend}\n", "", "");
        }
    }
    let count = |verdict: Verdict| lines.iter().filter(|line| line.verdict == verdict).count();
    let (warn, fail) = (count(Verdict::Warn), count(Verdict::Fail));
    table + &format!("\n{} checks: {fail} failed, {warn} to look at.\n", lines.len())
}

/// The same for a machine.
pub fn json(lines: &[Line]) -> serde_json::Value {
    let checks: Vec<_> = lines
        .iter()
        .map(|line| {
            serde_json::json!({
                "check": line.check,
                "verdict": line.verdict.as_str(),
                "found": line.found,
                "mend": (!line.mend.is_empty()).then_some(&line.mend),
            })
        })
        .collect();
    serde_json::json!({ "healthy": is_healthy(lines), "checks": checks })
}

/// Whether nothing failed.
pub fn is_healthy(lines: &[Line]) -> bool {
    lines.iter().all(|line| line.verdict != Verdict::Fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Line> {
        vec![
            Line::ok("postgresql", "17.2"),
            Line::warn("queues", "emails is paused", "`refero queue resume emails`"),
            Line::fail("redis", "no answer within 8 s", "start it"),
        ]
    }

    #[test]
    fn mends_stand_below_their_checks() {
        let expected = "\
OK    postgresql  17.2
WARN  queues      emails is paused
                  -> `refero queue resume emails`
FAIL  redis       no answer within 8 s
                  -> start it

3 checks: 1 failed, 1 to look at.
";
        assert_eq!(table(&lines()), expected);
    }

    #[test]
    fn what_fails_is_not_healthy() {
        let shown = json(&lines());
        assert_eq!(shown["healthy"], false);
        assert_eq!(
            shown["checks"][0],
            serde_json::json!({
            "check": "postgresql", "verdict": "OK", "found": "17.2", "mend": null })
        );
        assert!(is_healthy(&lines()[..2]), "a warning is no failure");
    }
}
