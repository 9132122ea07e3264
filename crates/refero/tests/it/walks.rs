//! The walks through the product that its documents offer are run as they stand there.

use std::process::Command;

use crate::serving::Serving;

/// The blocks of a document in bash.
fn blocks(document: &str) -> Vec<&str> {
    let rests = document.split("```bash\n").skip(1);
    rests.map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

/// What a walk says on a fresh instance, and how many of its mutations were refused.
async fn walked(blocks: &[&str]) -> (String, usize) {
    let curl = Command::new("curl").arg("--version").output();
    assert!(curl.is_ok(), "the walks need curl: install it");
    let serving = Serving::start().await;
    let script = format!("set -euo pipefail\n{}", blocks.concat());
    let walked = Command::new("timeout")
        .args(["60", "bash", "-c", &script])
        .envs([("API", &serving.url), ("MAIL", &serving.mail)])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&walked.stdout).into_owned();
    let complained = String::from_utf8_lossy(&walked.stderr);
    assert!(walked.status.success(), "{said}\n{complained}");
    assert!(!said.contains("\"errors\""), "{said}");
    assert_eq!(serving.ended().await, Some(0));
    let refused = said.matches("\"userErrors\":").count() - said.matches("\"userErrors\":[]").count();
    (said, refused)
}

#[track_caller]
fn says(said: &str, expected: &[&str]) {
    for words in expected {
        assert!(said.contains(words), "{words} is missing in:\n{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_of_the_readme_works() {
    let mut blocks = blocks(include_str!("../../../../README.md"));
    assert_eq!(blocks.len(), 3, "the README has three blocks in bash");
    // It waits for a minute to pass.
    blocks.remove(1);
    let (said, refused) = walked(&blocks).await;
    assert_eq!(refused, 0, "{said}");
    says(
        &said,
        &[
            "\"status\":\"PUBLISHED\"",
            "\"status\":\"APPROVED\"",
            "\"url\":\"https://coffee.example/?via=bob\"",
            "\"amount\":\"20.00\",\"currency\":\"EUR\"",
            "\"topic\":\"REWARD_CREATED\"",
            "\"template\":\"SALE_RECORDED\"",
            "\"payout\":{\"status\":\"PAID\"}",
            "\"status\":\"COMPLETED\",\"paidCount\":1",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_of_paying_partners_works() {
    let (said, refused) = walked(&blocks(include_str!("../../../../docs/payouts.md"))).await;
    assert_eq!(refused, 2, "the preparer's approval and the wrong total: {said}");
    says(
        &said,
        &[
            "\"total\":{\"amount\":\"52.50\"},\"approvedCount\":1,\"madeCount\":1",
            "\"reason\":\"BELOW_MINIMUM\"",
            "\"code\":\"FORBIDDEN\"",
            "\"code\":\"TOTAL_MISMATCH\"",
            "\"status\":\"EXECUTING\"",
            "\n2\n",
            "\"status\":\"PARTLY_FAILED\",\"paidCount\":1,\"failedCount\":1",
            "\"reason\":\"account closed\"",
        ],
    );
}
