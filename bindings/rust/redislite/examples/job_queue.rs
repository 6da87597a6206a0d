//! A job queue whose acknowledged jobs survive kill -9: a process adds jobs until it is killed, and the next one finds
//! every job whose adding had returned. A job is moved to a list of its own while it is worked on, so that the death of
//! its worker does not lose it either.
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use redislite::{Db, Result};

fn main() -> Result<()> {
    if std::env::args().len() > 1 {
        return produce();
    }
    let acknowledged = produce_and_kill().expect("a process of this program");
    let db = Db::open("jobs")?;
    let mut done = HashSet::new();
    loop {
        let job = db.command(["LMOVE", "waiting", "working", "LEFT", "RIGHT"])?;
        let Some(name) = job.value().bytes() else { break };
        done.insert(String::from_utf8_lossy(name).into_owned()); // the work
        db.command([&b"LREM"[..], b"working", b"1", name])?;
    }
    for job in acknowledged {
        assert!(done.contains(&job), "{job} was acknowledged and is lost");
    }
    println!("no acknowledged job is lost");
    Ok(())
}

/// Adds jobs for ever, and says each that is on the device.
fn produce() -> Result<()> {
    let db = Db::open("jobs")?;
    for i in 0.. {
        let job = format!("job {i}");
        db.command(["RPUSH", "waiting", &job])?;
        println!("{job}");
    }
    Ok(())
}

/// Runs `produce` in another process, and kills it without warning when it has said enough.
fn produce_and_kill() -> std::io::Result<Vec<String>> {
    let mut child = Command::new(std::env::current_exe()?).arg("produce").stdout(Stdio::piped()).spawn()?;
    let mut acknowledged = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        acknowledged.push(line?);
        if acknowledged.len() == 50 {
            child.kill()?;
        }
    }
    child.wait()?;
    Ok(acknowledged)
}
