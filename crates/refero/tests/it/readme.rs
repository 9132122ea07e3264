//! The README's walk-through is run as it stands there.

use std::process::Command;

use crate::serving::Serving;

/// The blocks of the README in bash but the second one, which waits for a minute to pass.
fn walk() -> String {
    let readme = include_str!("../../../../README.md");
    let blocks = readme.split("```bash\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let mut blocks: Vec<&str> = blocks.collect();
    assert_eq!(blocks.len(), 3, "the README has three blocks in bash");
    blocks.remove(1);
    blocks.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_through_of_the_readme_works() {
    let curl = Command::new("curl").arg("--version").output();
    assert!(curl.is_ok(), "the walk-through needs curl: install it");
    let serving = Serving::start().await;
    let script = format!("set -euo pipefail\n{}", walk());
    let walked = Command::new("timeout")
        .args(["60", "bash", "-c", &script])
        .envs([("API", &serving.url), ("MAIL", &serving.mail)])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&walked.stdout);
    let complained = String::from_utf8_lossy(&walked.stderr);
    assert!(walked.status.success(), "{said}\n{complained}");
    assert!(!said.contains("\"errors\""), "{said}");
    let refused = said.matches("\"userErrors\":").count() - said.matches("\"userErrors\":[]").count();
    assert_eq!(refused, 0, "{said}");
    for words in [
        "\"status\":\"PUBLISHED\"",
        "\"status\":\"APPROVED\"",
        "\"url\":\"https://coffee.example/?via=bob\"",
        "\"amount\":\"20.00\",\"currency\":\"EUR\"",
        "\"topic\":\"REWARD_CREATED\"",
        "\"template\":\"SALE_RECORDED\"",
        "\"payout\":{\"status\":\"PAID\"}",
        "\"status\":\"COMPLETED\",\"paidCount\":1",
    ] {
        assert!(said.contains(words), "{words} is missing in:\n{said}");
    }
    assert_eq!(serving.ended().await, Some(0));
}
