//! The first program of the README, to the letter.

fn main() -> redislite::Result<()> {
    let db = redislite::Db::open("data")?;
    db.set("name", "Ada")?; // on the device when it returns
    assert_eq!(db.get("name")?.as_deref(), Some(&b"Ada"[..]));
    db.command(["ZADD", "board", "1.5", "ada"])?;
    println!("{}", String::from_utf8_lossy(&db.get("name")?.unwrap()));
    Ok(())
}
