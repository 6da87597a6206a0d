//! What the safe crate adds to the C interface: owners, types, errors. The engine's own tests are elsewhere.
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use redislite::{Clock, Condition, Db, Error, Options, Scan, SetOptions, Ttl, Value};

/// A directory that ends with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("redislite-rust-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn memory() -> Db {
    Db::open_in_memory().unwrap()
}

#[test]
fn what_is_set_is_there_again_after_reopening() {
    let scratch = Scratch::new("reopen");
    let db = Db::open(&scratch.0).unwrap();
    db.set(b"a\0b", b"x\0y").unwrap();
    db.set("", "").unwrap();
    let busy = Db::open(&scratch.0).err().unwrap();
    assert!(matches!(&busy, Error::Busy(why) if why.contains(&std::process::id().to_string())), "{busy}");
    let clone = db.clone();
    db.close().unwrap();
    assert!(matches!(clone.get("a"), Err(Error::Closed(_))));
    assert!(matches!(clone.close(), Err(Error::Closed(_))));
    let db = Options::new().set("read-only", "yes").open(&scratch.0).unwrap();
    assert_eq!(db.get(b"a\0b").unwrap().unwrap(), b"x\0y");
    assert_eq!(db.get("").unwrap().unwrap(), b"");
    assert!(matches!(db.set("k", "v"), Err(Error::ReadOnly(_))));
}

#[test]
fn a_store_that_is_dropped_is_closed() {
    let scratch = Scratch::new("drop");
    for _ in 0..3 {
        let db = Db::open(&scratch.0).unwrap();
        db.incr_by("n", 1).unwrap();
        let (batch, session) = (db.batch().unwrap(), db.session().unwrap());
        drop(db);
        assert!(matches!(Db::open(&scratch.0), Err(Error::Busy(_))), "a batch and a session keep it open");
        drop((batch, session));
    }
    assert_eq!(Db::open(&scratch.0).unwrap().get("n").unwrap().unwrap(), b"3");
}

#[test]
fn opening_says_what_is_wrong() {
    let wrong = Options::new().set("colour", "red").open_in_memory().err().unwrap();
    assert!(matches!(&wrong, Error::Invalid(why) if why.contains("colour")), "{wrong}");
    let none = Options::new().set("create", "no").open("/nonexistent/redislite").err().unwrap();
    assert!(matches!(none, Error::NoStore(_)), "{none}");
    assert!(matches!(Db::open("a\0b"), Err(Error::Invalid(_))));
}

#[test]
fn each_call_says_what_happened() {
    let clock = Clock::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let db = Options::new().clock(&clock).open_in_memory().unwrap();
    assert_eq!(db.get("k").unwrap(), None);
    assert_eq!(db.ttl("k").unwrap(), Ttl::Missing);
    let minute = Some(Duration::from_secs(60));
    let only = |condition| SetOptions { ttl: minute, condition, keep_ttl: false };
    assert!(!db.set_with("k", "1", only(Condition::Existing)).unwrap());
    assert!(db.set_with("k", "1", only(Condition::New)).unwrap());
    assert!(!db.set_with("k", "1", only(Condition::New)).unwrap());
    assert_eq!(db.incr_by("k", 41).unwrap(), 42);
    assert_eq!(db.ttl("k").unwrap(), Ttl::In(Duration::from_secs(60)));
    assert!(db.persist("k").unwrap());
    clock.advance(Duration::from_secs(3600));
    assert_eq!(db.ttl("k").unwrap(), Ttl::Never);
    assert!(db.expire("k", Duration::from_micros(1)).unwrap());
    clock.advance(Duration::from_millis(1));
    assert!(!db.exists("k").unwrap());
    db.command(["RPUSH", "list", "x"]).unwrap();
    assert!(matches!(db.get("list"), Err(Error::WrongType(_))));
    assert_eq!(db.count().unwrap(), 1);
    assert!(db.del("list").unwrap());
    assert!(!db.del("list").unwrap());
}

#[test]
fn a_value_of_any_size_comes_back() {
    let db = memory();
    let mut buffer = Vec::new();
    for size in [0, 1, 255, 256, 257, 100_000] {
        let value = vec![b'v'; size];
        db.set("k", &value).unwrap();
        assert_eq!(db.get("k").unwrap().unwrap(), value);
        assert!(db.get_into("k", &mut buffer).unwrap());
        assert_eq!(buffer, value);
    }
    assert!(!db.get_into("none", &mut buffer).unwrap());
    assert!(buffer.is_empty());
}

#[test]
fn replies_have_their_types_and_borrow_from_their_root() {
    let db = memory();
    db.command(["HSET", "h", "a", "1"]).unwrap();
    let reply = db.command(["HGETALL", "h"]).unwrap();
    let Value::Map(pairs) = reply.value() else { panic!("{reply:?}") };
    assert_eq!(pairs.len(), 2);
    assert_eq!(pairs.map(|each| each.bytes().unwrap()).collect::<Vec<_>>(), [b"a", b"1"]);
    assert!(db.command(["GET", "none"]).unwrap().is_nil());
    let error = db.command(["GET", "h"]).err().unwrap();
    assert_eq!(error.to_string(), "WRONGTYPE Operation against a key holding the wrong kind of value");
    assert!(matches!(db.command(["NOSUCH"]), Err(Error::Command(_))));
    assert!(matches!(db.command(Vec::<&str>::new()), Err(Error::Invalid(_))));
    assert_eq!(db.command(["PING"]).unwrap().value(), Value::Status(b"PONG"));
}

#[test]
fn a_batch_is_done_as_a_whole() {
    let db = memory();
    let mut batch = db.batch().unwrap();
    batch.add(["SET", "a", "x"]).unwrap();
    assert!(matches!(batch.add(["GET"]), Err(Error::Command(_))));
    batch.add(["INCR", "a"]).unwrap();
    let reply = batch.commit().unwrap();
    let values: Vec<_> = reply.value().elements().collect();
    assert!(matches!(&values[..], [Value::Status(b"OK"), Value::Error(Error::Value(_))]), "{values:?}");
    db.close().unwrap();
    assert!(matches!(batch.commit(), Err(Error::Closed(_))));
}

#[test]
fn iterators_give_everything() {
    let db = memory();
    for i in 0..1000 {
        let (name, number) = (format!("u:{i}"), i.to_string());
        db.set(&name, "").unwrap();
        db.command(["HSET", "hash", &name, &number]).unwrap();
        db.command(["SADD", "set", &name]).unwrap();
        db.command(["ZADD", "zset", &number, &name]).unwrap();
    }
    let mine = Scan { pattern: Some("u:*".into()), kind: Some("string".into()), count: Some(10) };
    let mut keys = db.keys(mine).collect::<redislite::Result<Vec<_>>>().unwrap();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 1000);
    assert_eq!(db.members("set", Scan::default()).count(), 1000);
    for pairs in [db.fields("hash", Scan::default()), db.scores("zset", Scan::default())] {
        let pairs = pairs.collect::<redislite::Result<Vec<_>>>().unwrap();
        assert_eq!(pairs.len(), 1000);
        assert!(pairs.iter().all(|(name, value)| name[2..] == value[..]));
    }
    let errors: Vec<_> = db.members("hash", Scan::default()).collect();
    assert!(matches!(&errors[..], [Err(Error::WrongType(_))]));
}

#[test]
fn a_session_has_what_a_connection_has() {
    let db = memory();
    let mut session = db.session().unwrap();
    session.write_all(b"MULTI\r\nINCR n\r\nEXEC\r\n").unwrap();
    let expected = b"+OK\r\n+QUEUED\r\n*1\r\n:1\r\n";
    let mut replies = [0; 22];
    session.read_exact(&mut replies).unwrap();
    assert_eq!(&replies, expected);
}

#[test]
fn a_wait_ends_by_its_time_by_an_interrupt_and_with_the_store() {
    let db = memory();
    let mut session = db.session().unwrap();
    session.feed(b"BLPOP queue 0\r\n").unwrap();
    assert!(!session.wait(Some(Duration::from_millis(1))).unwrap());
    let interrupter = session.interrupter();
    let other = thread::spawn(move || interrupter.interrupt().unwrap());
    assert!(!session.wait(None).unwrap());
    other.join().unwrap();
    db.command(["RPUSH", "queue", "job"]).unwrap();
    assert!(session.wait(None).unwrap());
    assert!(session.peek().unwrap().ends_with(b"job\r\n"));
    let length = session.peek().unwrap().len();
    session.consume(length).unwrap();
    session.feed(b"BLPOP queue 0\r\n").unwrap();
    let closer = {
        let db = db.clone();
        thread::spawn(move || db.close().unwrap())
    };
    assert!(matches!(session.wait(None), Err(Error::Closed(_))));
    closer.join().unwrap();
    assert_eq!(session.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn a_copy_is_a_store_and_a_cancelled_one_is_nothing() {
    let scratch = Scratch::new("backup");
    let db = Db::open(scratch.0.join("store")).unwrap();
    for i in 0..3000 {
        db.command(["SET", &i.to_string(), "x"]).unwrap();
        if i == 1000 {
            db.snapshot().unwrap();
            db.sync().unwrap();
        }
    }
    let mut last = 0;
    let copy = scratch.0.join("copy");
    db.backup(&copy, |done, _| {
        last = done;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(last, 3000);
    let (result, report) = redislite::check(&copy);
    result.unwrap();
    assert!(report.contains("\"ok\""), "{report}");
    assert_eq!(Db::open(&copy).unwrap().count().unwrap(), 3000);
    let never = scratch.0.join("never");
    assert!(matches!(db.backup(&never, |_, _| ControlFlow::Break(())), Err(Error::Cancelled(_))));
    assert!(matches!(redislite::check(&never).0, Err(Error::NoStore(_))));
    assert!(db.info("keyspace").unwrap().contains("keys=3000"));
}

#[test]
fn messages_come_to_the_log_and_its_panics_go_nowhere() {
    let scratch = Scratch::new("log");
    let db = Db::open(&scratch.0).unwrap();
    db.set("k", "v").unwrap();
    db.close().unwrap();
    for file in std::fs::read_dir(&scratch.0).unwrap() {
        let path = file.unwrap().path();
        let mut data = std::fs::read(&path).unwrap();
        if let Some(byte) = data.last_mut() {
            *byte ^= 1; // damage: a salvage has something to report
            std::fs::write(&path, data).unwrap();
        }
    }
    assert!(matches!(Db::open(&scratch.0), Err(Error::Corrupt(_))));
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = said.clone();
    let log = move |level, message: &str| {
        heard.lock().unwrap().push((level, message.to_owned()));
        if heard.lock().unwrap().len() == 1 {
            std::panic::resume_unwind(Box::new("a log that panics"));
        }
    };
    drop(Options::new().set("recovery", "salvage").log(log).open(&scratch.0).unwrap());
    let said = said.lock().unwrap();
    assert!(said.iter().any(|(level, _)| *level >= redislite::Level::Warning), "{said:?}");
}

#[test]
fn many_threads_may_use_a_store_that_is_closed() {
    let db = memory();
    thread::scope(|scope| {
        for t in 0..8 {
            let db = &db;
            scope.spawn(move || {
                for i in 0.. {
                    if t == 0 && i == 200 {
                        db.close().unwrap();
                    }
                    if let Err(error) = db.set(t.to_string(), "v").and_then(|()| db.get(t.to_string())) {
                        assert!(matches!(error, Error::Closed(_)), "{error}");
                        return;
                    }
                }
            });
        }
    });
}
