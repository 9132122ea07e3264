use std::process::ExitCode;

use domain::operations;
use queue::{Queue, QueueFigures};

use super::instance::Instance;

/// Stops a queue: nothing of it is started; what runs ends.
pub fn pause(queue: Queue) -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let instance = Instance::reach().await?;
        operations::pause(&mut *instance.db.get().await?, queue, &instance.act()?).await?;
        println!("{queue} is paused.");
        Ok(ExitCode::SUCCESS)
    })
}

/// Lets a queue go on.
pub fn resume(queue: Queue) -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let instance = Instance::reach().await?;
        operations::resume(&mut *instance.db.get().await?, queue, &instance.act()?).await?;
        println!("{queue} goes on.");
        Ok(ExitCode::SUCCESS)
    })
}

/// Prints what waits, runs and died in each queue.
pub fn list() -> anyhow::Result<ExitCode> {
    super::block_on(async {
        let instance = Instance::reach().await?;
        let figures = queue::figures(&mut *instance.db.get().await?, instance.now()).await?;
        print!("{}", table(&figures));
        Ok(ExitCode::SUCCESS)
    })
}

fn table(figures: &[QueueFigures]) -> String {
    let mut table =
        format!("{:<12} {:>7} {:>9} {:>7} {:>6}\n", "queue", "ready", "scheduled", "running", "dead");
    for QueueFigures { queue, ready, scheduled, running, dead, paused, .. } in figures {
        let paused = if *paused { "  paused" } else { "" };
        table += &format!("{queue:<12} {ready:>7} {scheduled:>9} {running:>7} {dead:>6}{paused}\n");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paused_queues_say_so() {
        let figures = QueueFigures {
            queue: "emails".to_owned(),
            ready: 3,
            scheduled: 2,
            running: 1,
            dead: 0,
            oldest_ready_at: None,
            paused: true,
            ended_lately: 0,
            taken_at: chrono::DateTime::UNIX_EPOCH,
        };
        let expected = "queue          ready scheduled running   dead\nemails             3         2       1      0  paused\n";
        assert_eq!(table(&[figures]), expected);
    }
}
