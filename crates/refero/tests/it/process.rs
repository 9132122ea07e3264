//! The binary as its supervisor sees it: sentences, exit codes, signals.

use std::{
    process::{Child, Command, Output},
    time::Duration,
};

use test_support::{TestDatabase, redis_url};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// `refero` with nothing in its environment but `vars`.
fn refero(args: &[&str], vars: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_refero"));
    command.args(args).env_clear().envs(vars.iter().copied());
    command
}

/// The exit code and what was said on standard error.
fn ended(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_start_without_its_configuration_is_refused_with_a_sentence() {
    let database = ("DATABASE_URL", "postgres://localhost/refero");
    let public = ("PUBLIC_URL", "http://localhost:4000");
    let redis = ("REDIS_URL", "redis://localhost");
    let mail = ("MAIL_DIR", "mail");
    let key = ("REFERO_SECRET_KEY", KEY);
    for (vars, sentence) in [
        (&[][..], "DATABASE_URL must be set"),
        (&[database], "PUBLIC_URL must be set"),
        (&[database, public], "REDIS_URL must be set"),
        (&[database, public, redis], "SMTP_URL must be set"),
        (&[database, public, redis, mail], "REFERO_SECRET_KEY must be set"),
        (&[database, public, redis, mail, ("REFERO_SECRET_KEY", "short")], "REFERO_SECRET_KEY is invalid"),
        (&[database, ("PUBLIC_URL", "http://refero.example.com")], "PUBLIC_URL is invalid"),
        (&[database, public, redis, mail, ("SMTP_URL", "smtp://mail.example"), key], "both set"),
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
    let database = TestDatabase::blank().await.unwrap();
    let (port, operations) = (free_port().await, free_port().await);
    let (bind, metrics) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{operations}"));
    let (redis, public) = (redis_url().unwrap(), format!("http://localhost:{port}"));
    let prefix = format!("process_{}:", std::process::id());
    let mail = std::env::temp_dir().join(format!("refero-process-{}", std::process::id()));
    let mail_dir = mail.display().to_string();
    let vars = [
        ("DATABASE_URL", database.url.as_str()),
        ("REDIS_URL", &redis),
        ("REDIS_PREFIX", &prefix),
        ("PUBLIC_URL", &public),
        ("BIND_ADDR", &bind),
        ("METRICS_ADDR", &metrics),
        ("MAIL_DIR", &mail_dir),
        ("REFERO_SECRET_KEY", KEY),
    ];
    let (code, said) = ended(&refero(&["serve"], &vars).output().unwrap());
    assert!(code == Some(1) && said.contains("run `refero migrate`"), "{said}");
    let (code, said) = ended(&refero(&["migrate"], &vars).output().unwrap());
    assert_eq!(code, Some(0), "{said}");

    let mut serving = Serving(refero(&["serve", "--with-workers"], &vars).spawn().unwrap());
    until_shown(&metrics, "/health/ready", "\"ready\":true").await;
    until_shown(&metrics, "/metrics", "refero_db_connections_open").await;
    until_shown(&metrics, "/metrics", "refero_queue_jobs{").await;
    let (code, said) = ended(&refero(&["verify"], &vars).output().unwrap());
    assert_eq!(code, Some(0), "{said}");
    let interrupt = Command::new("kill").args(["-TERM", &serving.0.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    assert_eq!(serving.0.wait().unwrap().code(), Some(0), "a signal is an ordinary end");
    std::fs::remove_dir_all(&mail).unwrap();
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// A process that does not outlive its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = (self.0.kill(), self.0.wait());
    }
}

async fn until_shown(address: &str, path: &str, words: &str) {
    let mut page = String::new();
    for _ in 0..200 {
        if TcpStream::connect(address).await.is_ok() {
            page = get(address, path).await;
        }
        if page.contains(words) {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("no {words} at {path} within ten seconds: {page}");
}

async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
