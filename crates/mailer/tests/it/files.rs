use std::{env, fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process};

use mailer::{Mailer, MailerConfig, Outbox, TransportConfig};

use crate::support::{message, now, over, verify};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(env::temp_dir().join(format!("refero-mail-{}-{name}", process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[tokio::test]
async fn a_file_is_written_once_and_can_be_read() {
    let folder = Folder::new("once");
    let mailer = over(TransportConfig::Files(folder.0.join("mail")));
    for key in ["user_verify:1", "user_verify:2", "user_verify:2"] {
        mailer.send(&message(&mailer, key), now()).await.unwrap();
    }
    let mut names: Vec<_> = fs::read_dir(folder.0.join("mail"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "20261122T093000Z-user_verify-user_verify=3a1.eml",
            "20261122T093000Z-user_verify-user_verify=3a2.eml"
        ]
    );
    let path = folder.0.join("mail").join(&names[0]);
    let written = fs::read_to_string(&path).unwrap();
    assert!(written.starts_with("From: Refero <no-reply@refero.example>\r\n"), "{written}");
    assert!(written.contains(&format!("\r\n{}\r\n", verify().verify_url)), "{written}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_stops_the_start() {
    let folder = Folder::new("blocked");
    fs::write(&folder.0, "a file").unwrap();
    let from = MailerConfig::for_testing(&Outbox::default()).from;
    let transport = TransportConfig::Files(folder.0.join("mail"));
    let error = Mailer::from_config(MailerConfig { transport, from }).unwrap_err();
    assert!(error.to_string().contains("cannot be made"), "{error}");
    fs::remove_file(&folder.0).unwrap();
}

#[tokio::test]
async fn memory_keeps_what_was_sent_and_refuses_what_could_not_be() {
    let outbox = Outbox::default();
    let mailer = Mailer::from_config(MailerConfig::for_testing(&outbox)).unwrap();
    let good = message(&mailer, "key");
    mailer.send(&good, now()).await.unwrap();
    let mut bad = good.clone();
    bad.to.address = "nobody".to_owned();
    mailer.send(&bad, now()).await.unwrap_err();
    let sent = outbox.messages();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (&sent[0].message, sent[0].at, sent[0].from.address.as_str()),
        (&good, now(), "refero@localhost")
    );
}
