//! The SQL that an operation sends, recorded per database.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

/// The statements of the databases that are being recorded, by URL.
static RECORDINGS: Mutex<Option<HashMap<String, Vec<String>>>> = Mutex::new(None);
static INSTALLED: Once = Once::new();

/// What frames statements and sets connections up is no statement of an operation.
const FRAMES: [&str; 6] = ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET "];

#[derive(Default)]
struct Recorder {
    database: String,
}

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.database = bare(url).to_owned()
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                if let Some(statements) = recordings().as_mut().and_then(|all| all.get_mut(&self.database)) {
                    let text = query.to_string();
                    if !FRAMES.iter().any(|frame| text.starts_with(frame)) {
                        statements.push(text);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The pool adds parameters of its own.
fn bare(url: &str) -> &str {
    url.split('?').next().unwrap_or(url)
}

fn recordings() -> MutexGuard<'static, Option<HashMap<String, Vec<String>>>> {
    RECORDINGS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has every later connection of this process report its statements.
pub fn install() {
    INSTALLED.call_once(|| {
        if set_default_instrumentation(|| Some(Box::new(Recorder::default()))).is_err() {
            eprintln!("statements are not recorded: diesel's instrumentation could not be set");
        }
    });
}

/// The statements that reach the database of `url` while `work` runs, in order, with their parameters. Statements that
/// only frame others (`BEGIN`, `COMMIT`, `SET ..`) are left out.
pub async fn of<T>(url: &str, work: impl Future<Output = T>) -> (T, Vec<String>) {
    recordings().get_or_insert_default().insert(bare(url).to_owned(), Vec::new());
    let result = work.await;
    let statements = recordings().as_mut().and_then(|all| all.remove(bare(url))).unwrap_or_default();
    (result, statements)
}
