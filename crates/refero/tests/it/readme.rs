//! The README's walk-through is run as it stands there.

use std::process::Command;

use crate::serving::Serving;

/// The first block of the README in bash; the second one waits for a minute to pass.
fn walk() -> String {
    let readme = include_str!("../../../../README.md");
    let (_, rest) = readme.split_once("```bash\n").expect("the README has a block in bash");
    rest.split("```").next().unwrap_or_default().to_owned()
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
    ] {
        assert!(said.contains(words), "{words} is missing in:\n{said}");
    }
    assert_eq!(serving.ended().await, Some(0));
}
