//! A cache in memory: what is found lives for a minute.
use std::time::{Duration, SystemTime};

use redislite::{Clock, Db, Options, Result, SetOptions};

fn page(db: &Db, name: &str, computed: &mut u32) -> Result<Vec<u8>> {
    if let Some(found) = db.get(name)? {
        return Ok(found);
    }
    *computed += 1;
    let made = name.repeat(100).into_bytes();
    db.set_with(name, &made, SetOptions { ttl: Some(Duration::from_secs(60)), ..SetOptions::default() })?;
    Ok(made)
}

fn main() -> Result<()> {
    let clock = Clock::new(SystemTime::now());
    let options = Options::new().set("maxmemory", "64mb").set("maxmemory-policy", "allkeys-lru");
    let db = options.clock(&clock).open_in_memory()?;
    let mut computed = 0;
    assert_eq!(page(&db, "home", &mut computed)?, page(&db, "home", &mut computed)?);
    clock.advance(Duration::from_secs(61));
    page(&db, "home", &mut computed)?;
    assert_eq!(computed, 2);
    println!("found again for a minute, and then made anew");
    Ok(())
}
