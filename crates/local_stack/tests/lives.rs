//! The lives of one data folder: started, refused to a second, orphaned, found again, stopped, reset by a reboot.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use local_stack::{LocalStack, StackConfig};

/// Set for the child that [`parent_that_is_killed`] is.
const FOLDER: &str = "LOCAL_STACK_TEST_FOLDER";

fn config(folder: &Path) -> StackConfig {
    StackConfig { max_connections: 20, ..StackConfig::for_tests(folder.to_owned()) }
}

fn sql(url: &str, statement: &str) -> String {
    let mut psql = Command::new(local_stack::psql().unwrap());
    let output = psql.args(["-XAtqw", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Host and port of a URL, tried.
fn answers(url: &str) -> bool {
    std::net::TcpStream::connect(url.split(['@', '/']).find(|part| part.starts_with("127.")).unwrap()).is_ok()
}

fn cluster_pid_file(folder: &Path) -> PathBuf {
    let pointer = std::fs::read_to_string(folder.join("servers.path"));
    let servers = pointer.map_or_else(|_| folder.join("servers"), |path| PathBuf::from(path.trim_end()));
    servers.join("postgres/postmaster.pid")
}

/// Not a test by itself: the process that owns a stack until somebody kills it.
#[test]
fn parent_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let stack = LocalStack::start(&config(Path::new(&folder))).unwrap();
    println!("\nurl {}\nurl {}", stack.database_url, stack.redis_url);
    std::thread::sleep(Duration::from_secs(120));
    stack.stop().unwrap();
}

/// A process that has started a stack on `folder`, and the stack's two URLs.
fn parent(folder: &Path) -> (Child, Vec<String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "parent_that_is_killed", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let urls = lines.filter_map(|line| line.unwrap().strip_prefix("url ").map(str::to_owned));
    let urls = urls.take(2).collect();
    (child, urls)
}

#[test]
fn a_folder_keeps_its_data_through_every_end() {
    let folder = std::env::temp_dir().join(format!("local-stack-{}", std::process::id()));
    let (mut child, urls) = parent(&folder);
    sql(&urls[0], "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)");

    let refused = LocalStack::start(&config(&folder)).err().unwrap().to_string();
    assert!(refused.ends_with(&format!("are running already (process {})", child.id())), "{refused}");

    child.kill().unwrap();
    child.wait().unwrap();
    let killed = Instant::now();
    while urls.iter().any(|url| answers(url)) {
        assert!(killed.elapsed() < Duration::from_secs(20), "the servers outlive their parent");
        std::thread::sleep(Duration::from_millis(20));
    }

    let stack = LocalStack::start(&config(&folder)).unwrap();
    assert_eq!(stack.database_url, urls[0], "port and password stay");
    assert_eq!(sql(&stack.database_url, "SELECT id FROM kept"), "7");
    stack.stop().unwrap();
    assert!(!urls.iter().any(|url| answers(url)));

    // After a reboot the number in a file left behind may be anybody's; here it is this test's.
    std::fs::write(cluster_pid_file(&folder), format!("{}\n", std::process::id())).unwrap();
    let stack = LocalStack::start(&config(&folder)).unwrap();
    assert_eq!(sql(&stack.database_url, "SELECT id FROM kept"), "7");
    drop(stack);
    assert!(!urls.iter().any(|url| answers(url)), "drop stops as well");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Both guardian and parent are gone, as after the kernel's out-of-memory killer: the next start clears up.
#[test]
fn servers_left_alone_are_stopped_by_the_next_start() {
    let folder = std::env::temp_dir().join(format!("local-stack-alone-{}", std::process::id()));
    let (mut child, urls) = parent(&folder);
    kill_guardians_of(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(urls.iter().all(|url| answers(url)), "nobody stopped them");
    let stack = LocalStack::start(&config(&folder)).unwrap();
    assert_eq!(stack.database_url, urls[0]);
    assert_eq!(sql(&stack.database_url, "SELECT 1"), "1");
    stack.stop().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The shells among the children of `parent`, by /proc (Linux) or ps.
fn kill_guardians_of(parent: u32) {
    let script = r#"
        if [ -d /proc/self ]; then
            for pid in $(cat /proc/"$1"/task/*/children); do
                tr '\0' ' ' < /proc/"$pid"/cmdline | grep -q guardian && kill -9 "$pid"
            done
        else
            ps -o pid=,command= -ax -o ppid= | awk -v p="$1" '$NF == p && /guardian/ { print $1 }' | xargs kill -9
        fi; true"#;
    assert!(Command::new("sh").args(["-c", script, "sh", &parent.to_string()]).status().unwrap().success());
}
