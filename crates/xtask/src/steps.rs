//! A task in steps, each with its time.

use std::time::Instant;

/// The steps so far.
pub struct Steps {
    begun: Instant,
    done: usize,
}

impl Steps {
    /// None yet.
    pub fn new() -> Self {
        Self { begun: Instant::now(), done: 0 }
    }

    /// Runs a step and says how long it took.
    ///
    /// # Errors
    /// Those of `work`, with the step's name.
    pub fn step<T>(&mut self, name: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        println!("==> {name}");
        let begun = Instant::now();
        let result = work();
        let outcome = if result.is_ok() { "ok" } else { "FAILED" };
        println!("<== {name}: {outcome}, {:.1} s", begun.elapsed().as_secs_f64());
        self.done += 1;
        result.map_err(|error| error.context(format!("{name} (step {})", self.done)))
    }

    /// The last line.
    pub fn finish(&self, outcome: &anyhow::Result<()>) {
        let seconds = self.begun.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("PASSED: {} steps in {seconds:.1} s", self.done),
            Err(error) => println!("FAILED after {seconds:.1} s: {error:#}"),
        }
    }
}
