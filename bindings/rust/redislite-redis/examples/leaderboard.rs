//! A leaderboard: a sorted set, with redis-rs on the store in the process.
use redis::Commands;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = redislite::Db::open("board")?;
    let mut connection = redislite_redis::Connection::new(&db)?;
    for (player, points) in [("ada", 3), ("grace", 7), ("edsger", 5)] {
        let _: () = connection.zadd("board", player, points)?;
    }
    let _: f64 = connection.zincr("board", "ada", 6)?;
    let best: Vec<(String, f64)> = connection.zrevrange_withscores("board", 0, 1)?;
    assert_eq!(best[0].0, "ada");
    assert_eq!(connection.zrevrank::<_, _, u32>("board", "edsger")?, 2);
    for (place, (player, points)) in best.iter().enumerate() {
        println!("{}. {player} with {points}", place + 1);
    }
    Ok(())
}
