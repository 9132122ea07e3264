//! `refero rates import`, as an operator types it.

use serde_json::json;
use test_support::TestApp;

use crate::serving::{ended, refero};

const DAY: &str = "Date, USD, GBP, \n27 February 2026, 1.25, 0.75, \n";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_rates_is_imported_for_all_accounts_or_one() {
    let app = TestApp::start().await;
    app.program().await;
    app.outsider().await;
    let file = std::env::temp_dir().join(format!("refero-rates-{}.csv", std::process::id()));
    std::fs::write(&file, DAY).unwrap();
    let path = file.to_str().unwrap();
    let run = |args: &[&str]| refero(args, &[("DATABASE_URL", &app.database.url)]).output().unwrap();
    let own = app.account_id().to_string();
    let one = run(&["rates", "import", path, "--account", &own]);
    let said = String::from_utf8_lossy(&one.stdout).into_owned();
    assert_eq!(said, format!("{own}: 4 rates stored, 0 were there\n"), "{one:?}");
    let all = run(&["rates", "import", path]);
    let said = String::from_utf8_lossy(&all.stdout).into_owned();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains(&format!("{own}: 0 rates stored, 4 were there\n")), "{said}");
    let seen = app.owner().gql("{ rates { totalCount } }", json!({})).await.ok();
    assert_eq!(seen["rates"]["totalCount"], 4);
    let (code, said) = ended(&run(&["rates", "import", path, "--account", "acc_01h455vb4pex5vsknk084sn02q"]));
    assert!(code == Some(1) && said.contains("no such account"), "{said}");
    std::fs::write(&file, "hello").unwrap();
    let (code, said) = ended(&run(&["rates", "import", path]));
    assert!(code == Some(1) && said.contains("is no file of rates"), "{said}");
    std::fs::remove_file(&file).unwrap();
    app.run_jobs().await;
}
