//! A session store: a user's session is a hash that ends half an hour after it was last used.
use std::time::{Duration, SystemTime};

use redislite::{Clock, Db, Options, Result};

const IDLE: Duration = Duration::from_secs(30 * 60);

fn begin(db: &Db, id: &str, user: &str) -> Result<()> {
    let key = format!("session:{id}");
    let mut batch = db.batch()?;
    batch.add(["HSET", &key, "user", user, "views", "0"])?;
    batch.add(["PEXPIRE", &key, &IDLE.as_millis().to_string()])?;
    batch.commit().map(drop)
}

/// Counts a view and gives the user; none when there is no such session any more.
fn use_session(db: &Db, id: &str) -> Result<Option<String>> {
    let key = format!("session:{id}");
    if !db.expire(&key, IDLE)? {
        return Ok(None);
    }
    db.command(["HINCRBY", &key, "views", "1"])?;
    let user = db.command(["HGET", &key, "user"])?;
    Ok(user.value().bytes().map(|name| String::from_utf8_lossy(name).into_owned()))
}

fn main() -> Result<()> {
    let clock = Clock::new(SystemTime::now()); // so that half an hour passes at once here
    let db = Options::new().clock(&clock).open("sessions")?;
    begin(&db, "4711", "ada")?;
    for minutes in [0, 29, 29, 31] {
        clock.advance(Duration::from_secs(minutes * 60));
        let user = use_session(&db, "4711")?;
        assert_eq!(user.as_deref() == Some("ada"), minutes < 30, "after {minutes} minutes");
    }
    println!("the session lived while it was used");
    Ok(())
}
