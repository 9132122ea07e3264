//! The binary as its supervisor sees it: sentences, exit codes, signals.

use crate::serving::{KEY, Serving, Surroundings, ended, refero};

#[test]
fn a_start_without_its_configuration_is_refused_with_a_sentence() {
    let database = ("DATABASE_URL", "postgres://localhost/refero");
    let public = ("PUBLIC_URL", "http://localhost:4000");
    let redis = ("REDIS_URL", "redis://localhost");
    let mail = ("MAIL_DIR", "mail");
    let key = ("REFERO_SECRET_KEY", KEY);
    let (iban, debtor) = (("SEPA_DEBTOR_IBAN", "DE89370400440532013000"), ("SEPA_DEBTOR_NAME", "Coffee"));
    for (vars, sentence) in [
        (&[][..], "DATABASE_URL must be set"),
        (&[database], "PUBLIC_URL must be set"),
        (&[database, public], "REDIS_URL must be set"),
        (&[database, public, redis], "SMTP_URL must be set"),
        (&[database, public, redis, mail], "REFERO_SECRET_KEY must be set"),
        (&[database, public, redis, mail, ("REFERO_SECRET_KEY", "short")], "REFERO_SECRET_KEY is invalid"),
        (&[database, ("PUBLIC_URL", "http://refero.example.com")], "PUBLIC_URL is invalid"),
        (&[database, public, redis, mail, ("SMTP_URL", "smtp://mail.example"), key], "both set"),
        (&[database, public, redis, mail, key, iban, debtor], "PROVIDER_ACCOUNTS must be set"),
        (&[("LOG_FORMAT", "xml")], "LOG_FORMAT must be text or json"),
    ] {
        let (code, said) = ended(&refero(&["serve"], vars).output().unwrap());
        assert_eq!(code, Some(2), "{said}");
        assert!(said.starts_with("error: ") && said.contains(sentence), "{vars:?}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "one sentence: {said}");
        assert!(!said.contains("short") && !said.contains(KEY), "no secret is repeated: {said}");
    }
    let (code, said) = ended(
        &refero(&["work", "--queues", "mails"], &[database, public, redis, mail, key]).output().unwrap(),
    );
    assert_eq!((code, said.contains("no queue is named `mails`")), (Some(2), true), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_refuses_pending_migrations_then_serves_and_ends_at_a_signal() {
    let around = Surroundings::new().await;
    let (code, said) = ended(&around.refero(&["serve"]).output().unwrap());
    assert!(code == Some(1) && said.contains("run `refero migrate`"), "{said}");
    let (code, said) = ended(&around.refero(&["migrate"]).output().unwrap());
    assert_eq!(code, Some(0), "{said}");

    let serving = Serving::start_in(around).await;
    serving.until_shown("/metrics", "refero_db_connections_open").await;
    serving.until_shown("/metrics", "refero_queue_jobs{").await;
    let (code, said) = ended(&serving.around.refero(&["serve"]).output().unwrap());
    assert!(code == Some(1) && said.contains("BIND_ADDR"), "a port that is taken is named: {said}");
    let (code, said) = ended(&serving.around.refero(&["verify"]).output().unwrap());
    assert_eq!(code, Some(0), "{said}");
    let nobody = serving.around.refero(&["operator", "add", "nobody@example.com"]).output().unwrap();
    let (code, said) = ended(&nobody);
    assert!(code == Some(1) && said.contains("they register first"), "{said}");
    operate(&serving);
    assert_eq!(serving.ended().await, Some(0), "a signal is an ordinary end");
}

/// What an operator types.
fn operate(serving: &Serving) {
    let run = |args: &[&str]| serving.around.refero(args).output().unwrap();
    assert!(run(&["queue", "pause", "emails"]).status.success());
    let shown = run(&["queue", "list"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    let emails = shown.lines().find(|line| line.starts_with("emails")).unwrap_or_default();
    assert!(emails.ends_with("paused"), "{shown}");
    assert!(run(&["queue", "resume", "emails"]).status.success());
    assert!(!String::from_utf8_lossy(&run(&["queue", "list"]).stdout).contains("paused"));
    let (code, said) = ended(&run(&["queue", "pause", "mails"]));
    assert!(code == Some(2) && said.contains("mails"), "{said}");
    assert_eq!(run(&["job", "dead"]).stdout, b"", "nothing was given up");
    for verb in ["retry", "cancel"] {
        let (code, said) = ended(&run(&["job", verb, "job_01h455vb4pex5vsknk084sn02q"]));
        assert!(code == Some(1) && said.contains("no "), "{said}");
    }
}
