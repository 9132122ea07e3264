//! `refero up`, from nothing, and once more on what it left.

use std::{
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use refero::demo::LogIns;

use crate::serving::refero;

/// A folder for the data, removed at the end.
struct DataDir(PathBuf);

impl Drop for DataDir {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

/// A process that is asked to end when its test fails.
struct Up(Child);

impl Drop for Up {
    fn drop(&mut self) {
        // Both fail when it has ended already; killed, its guardians stop the servers.
        let _ = (self.0.kill(), self.0.wait());
    }
}

impl Up {
    /// Starts, and answers with what was said until it ran.
    fn start(data_dir: &Path, demo: &str) -> (Self, String) {
        let path = std::env::var("PATH").unwrap();
        let data = data_dir.display().to_string();
        let vars = [
            ("PATH", path.as_str()),
            ("REFERO_DATA_DIR", &data),
            ("REFERO_DEMO", demo),
            ("RUST_LOG", "warn"),
        ];
        let mut command = refero(&["up"], &vars);
        let mut up = Self(command.stdout(Stdio::piped()).spawn().unwrap());
        let mut said = String::new();
        let mut out = BufReader::new(up.0.stdout.take().unwrap());
        while !said.contains("Ctrl-C stops everything") {
            assert_ne!(out.read_line(&mut said).unwrap(), 0, "it ended: {said}");
        }
        up.0.stdout = Some(out.into_inner());
        (up, said)
    }

    /// Asks it to end; answers with its exit code and its last words.
    fn ended(mut self) -> (Option<i32>, String) {
        let asked = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let mut said = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        (self.0.wait().unwrap().code(), said)
    }
}

#[test]
fn it_starts_from_nothing_and_finds_its_data_again() {
    let data = DataDir(std::env::temp_dir().join(format!("refero-up-{}", std::process::id())));
    let (up, said) = Up::start(&data.0, "off");
    assert!(
        said.contains("owner@refero.localhost with the password") && said.contains("shown this once"),
        "{said}"
    );
    assert!(said.contains("http://localhost:") && !said.contains("Demo"), "{said}");
    let (code, last) = up.ended();
    assert!(code == Some(0) && last.contains("Stopped."), "{code:?} {last}");
    let key = std::fs::read(data.0.join("secret_key")).unwrap();

    let (up, said) = Up::start(&data.0, "small");
    assert!(said.contains("the password that the first start showed"), "{said}");
    assert_eq!(up.ended().0, Some(0));
    assert_eq!(std::fs::read(data.0.join("secret_key")).unwrap(), key, "links in emails stay good");
    let shown = LogIns::parse(&of_demo(&said)).unwrap_or_else(|| panic!("{said}"));
    let file = data.0.join("demo_log_ins");
    let kept = LogIns::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(shown.to_string(), kept.to_string());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let (up, said) = Up::start(&data.0, "small");
    assert!(said.contains("log in as one of those in"), "{said}");
    assert!(!said.contains(&shown.0[0].password), "passwords are shown once: {said}");
    assert_eq!(up.ended().0, Some(0));
}

/// What was said of the demo, without the indent.
fn of_demo(said: &str) -> String {
    let from = said.lines().skip_while(|line| !line.trim_start().starts_with("Demo"));
    from.skip(1).map(|line| format!("{}\n", line.trim_start())).collect()
}
