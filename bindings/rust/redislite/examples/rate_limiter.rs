//! A rate limiter: so many requests a window and client, counted in a key that ends with the window.
use std::time::{Duration, SystemTime};

use redislite::{Clock, Condition, Db, Options, Result, SetOptions};

const WINDOW: Duration = Duration::from_secs(60);

fn allow(db: &Db, client: &str, most: i64) -> Result<bool> {
    let key = format!("rate:{client}");
    // The first of a window makes the key; incr_by keeps its expiry.
    let first = SetOptions { ttl: Some(WINDOW), condition: Condition::New, ..SetOptions::default() };
    db.set_with(&key, "0", first)?;
    Ok(db.incr_by(&key, 1)? <= most)
}

fn main() -> Result<()> {
    let clock = Clock::new(SystemTime::now());
    // What a limiter counts may be lost with the power: no wait for the device.
    let db = Options::new().set("appendfsync", "no").clock(&clock).open("limits")?;
    for window in 0..3 {
        let mut allowed = 0;
        for _ in 0..25 {
            allowed += i32::from(allow(&db, "203.0.113.7", 10)?);
        }
        assert_eq!(allowed, 10, "in window {window}");
        clock.advance(WINDOW);
    }
    println!("10 of 25 in each minute");
    Ok(())
}
