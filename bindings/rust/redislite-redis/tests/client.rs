//! redis-rs on a store in the process.
use redis::{Commands, RedisResult};
use redislite::Db;
use redislite_redis::Connection;

fn both(test: impl Fn(&Db, Connection)) {
    for open in [Connection::new, Connection::new_resp3] {
        let db = Db::open_in_memory().unwrap();
        let connection = open(&db).unwrap();
        test(&db, connection);
    }
}

#[test]
fn commands_answer_as_a_server_would() {
    both(|_, mut connection| {
        let _: () = connection.set("key", "value").unwrap();
        assert_eq!(connection.get::<_, String>("key").unwrap(), "value");
        assert_eq!(connection.get::<_, Option<String>>("none").unwrap(), None);
        let _: () = connection.hset_multiple("h", &[("a", 1), ("b", 2)]).unwrap();
        let hash: std::collections::BTreeMap<String, i32> = connection.hgetall("h").unwrap();
        assert_eq!(hash.into_iter().collect::<Vec<_>>(), [("a".into(), 1), ("b".into(), 2)]);
        let _: () = connection.zadd("z", "x", 1.5).unwrap();
        assert_eq!(connection.zscore::<_, _, f64>("z", "x").unwrap(), 1.5);
        let wrong: RedisResult<String> = connection.get("h");
        assert_eq!(wrong.err().unwrap().code(), Some("WRONGTYPE"));
        let big = vec![b'x'; 5_000_000];
        let _: () = connection.set("big", &big).unwrap();
        assert!(connection.get::<_, Vec<u8>>("big").unwrap() == big);
        assert!(redis::ConnectionLike::check_connection(&mut connection));
    });
}

#[test]
fn a_pipeline_and_a_transaction_answer_in_their_order() {
    both(|_, mut connection| {
        let mut pipe = redis::pipe();
        for _ in 0..1000 {
            pipe.incr("n", 1);
        }
        let replies: Vec<i64> = pipe.query(&mut connection).unwrap();
        assert!(replies.into_iter().eq(1..=1000));
        let (a, b): (i32, i32) = redis::pipe().atomic().incr("a", 1).incr("b", 2).query(&mut connection).unwrap();
        assert_eq!((a, b), (1, 2));
        let failed: RedisResult<()> = redis::pipe().set("a", "x").incr("a", 1).query(&mut connection);
        assert!(failed.is_err());
        assert_eq!(connection.get::<_, String>("a").unwrap(), "x");
    });
}

#[test]
fn a_watched_key_that_changed_makes_the_transaction_begin_again() {
    both(|db, mut connection| {
        let mut rounds = 0;
        let sum: (i32,) = redis::transaction(&mut connection, &["n"], |connection, pipe| {
            rounds += 1;
            let n: Option<i32> = connection.get("n")?;
            if rounds == 1 {
                db.set("n", "10").unwrap();
            }
            pipe.set("n", n.unwrap_or(0) + 1).ignore().get("n").query(connection)
        })
        .unwrap();
        assert_eq!((sum.0, rounds), (11, 2));
    });
}

#[test]
fn a_blocking_pop_waits_in_its_own_thread() {
    both(|db, mut connection| {
        let waiting = std::thread::spawn(move || connection.blpop::<_, (String, String)>("queue", 0.0).unwrap());
        db.command(["RPUSH", "queue", "job"]).unwrap();
        assert_eq!(waiting.join().unwrap(), ("queue".into(), "job".into()));
    });
}

#[test]
fn a_closed_store_is_an_error() {
    both(|db, mut connection| {
        db.close().unwrap();
        assert!(connection.get::<_, Option<String>>("k").is_err());
        assert!(!redis::ConnectionLike::is_open(&connection));
    });
}

#[cfg(feature = "aio")]
mod aio {
    use futures_util::StreamExt;
    use redis::{AsyncCommands, ProtocolVersion, RedisConnectionInfo};
    use redislite::Db;

    fn infos() -> [RedisConnectionInfo; 2] {
        [ProtocolVersion::RESP2, ProtocolVersion::RESP3]
            .map(|protocol| RedisConnectionInfo::default().set_protocol(protocol))
    }

    #[tokio::test]
    async fn many_tasks_share_a_connection() {
        for info in infos() {
            let db = Db::open_in_memory().unwrap();
            let connection = redislite_redis::aio::connection(&db, &info).await.unwrap();
            let tasks: Vec<_> = (0..20)
                .map(|_| {
                    let mut connection = connection.clone();
                    tokio::spawn(async move {
                        for _ in 0..50 {
                            let _: i64 = connection.incr("n", 1).await.unwrap();
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            assert_eq!(db.get("n").unwrap().unwrap(), b"1000");
        }
    }

    #[tokio::test]
    async fn a_durable_write_is_awaited_and_blocks_no_other_task() {
        let directory = std::env::temp_dir().join(format!("redislite-aio-{}", std::process::id()));
        let db = Db::open(&directory).unwrap();
        let mut connection = redislite_redis::aio::connection(&db, &RedisConnectionInfo::default()).await.unwrap();
        for i in 0..100 {
            let _: () = connection.set(i, i).await.unwrap();
        }
        db.close().unwrap();
        assert_eq!(Db::open(&directory).unwrap().count().unwrap(), 100);
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[tokio::test]
    async fn messages_come_to_who_subscribed() {
        for info in infos() {
            let db = Db::open_in_memory().unwrap();
            let mut pubsub = redislite_redis::aio::pubsub(&db, &info).await.unwrap();
            pubsub.subscribe("news").await.unwrap();
            db.command(["PUBLISH", "news", "hello"]).unwrap();
            let message = pubsub.on_message().next().await.unwrap();
            assert_eq!(message.get_payload::<String>().unwrap(), "hello");
        }
    }
}
