//! What a forked child gets, and that nothing is kept of what is released. The tests of this file are alone in their
//! process, one at a time: they fork it and weigh it.
use std::ffi::c_int;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redislite::{Db, Error, Options};

unsafe extern "C" {
    fn fork() -> c_int;
    fn waitpid(child: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn _exit(code: c_int) -> !;
    fn malloc_trim(keep: usize) -> c_int;
}

fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The code that a forked child ended with; 0 when `check` was true there.
fn in_a_child(check: impl FnOnce() -> bool) -> c_int {
    // SAFETY: the child calls the check, and ends without running what the parent's threads left behind.
    unsafe {
        let child = fork();
        if child == 0 {
            let passed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).unwrap_or(false);
            _exit(c_int::from(!passed));
        }
        let mut status = 0;
        assert_eq!(waitpid(child, &mut status, 0), child);
        status
    }
}

fn is_forked<T>(result: redislite::Result<T>) -> bool {
    matches!(result, Err(Error::Forked(_)))
}

#[test]
fn a_forked_child_gets_an_error_and_may_open_another_store() {
    let _alone = alone();
    let path = std::env::temp_dir().join(format!("redislite-rust-{}-fork", std::process::id()));
    let db = Options::new().set("appendfsync", "no").open(&path).unwrap();
    db.set("key", "of the parent").unwrap();
    let mut batch = db.batch().unwrap();
    batch.add(["SET", "key", "of a batch"]).unwrap();
    let mut session = db.session().unwrap();

    let writes = in_a_child(|| is_forked(db.set("key", "of the child")));
    let reads = in_a_child(|| is_forked(db.get("key")) && is_forked(db.command(["GET", "key"])));
    let others =
        in_a_child(|| is_forked(batch.commit()) && is_forked(session.feed(b"PING\r\n")) && is_forked(db.sync()));
    let opens = in_a_child(|| {
        let own = Db::open_in_memory().unwrap();
        own.set("key", "value").is_ok() && own.get("key").unwrap().unwrap() == b"value" && own.close().is_ok()
    });
    let drops = in_a_child(|| {
        drop(db.clone());
        is_forked(db.close())
    });
    assert_eq!([writes, reads, others, opens, drops], [0; 5]);
    // A check that fails is seen.
    assert_ne!(in_a_child(|| db.get("key").is_ok()), 0);

    assert_eq!(db.get("key").unwrap().unwrap(), b"of the parent");
    batch.commit().unwrap();
    db.close().unwrap();
    let again = Db::open(&path).unwrap();
    assert_eq!(again.get("key").unwrap().unwrap(), b"of a batch");
    again.close().unwrap();
    std::fs::remove_dir_all(&path).unwrap();
}

/// What the process has of the machine's memory, once all that is free has been given back.
fn resident() -> usize {
    // SAFETY: it takes no pointer.
    unsafe { malloc_trim(0) };
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Each round is given 64 KiB by C in some way: were it kept, the rounds would keep 64 MiB.
fn keeps_nothing(name: &str, round: impl Fn(&Db)) {
    const ROUNDS: usize = 1000;
    const MOST: usize = 24 << 20;
    let db = Db::open_in_memory().unwrap();
    db.set("large", large()).unwrap();
    // What the first rounds take is the store's own.
    (0..ROUNDS / 4).for_each(|_| round(&db));
    let before = resident();
    (0..ROUNDS).for_each(|_| round(&db));
    let grown = resident().saturating_sub(before);
    assert!(grown < MOST, "{name}: {ROUNDS} rounds have left {} KiB", grown >> 10);
}

fn large() -> Vec<u8> {
    vec![b'v'; 64 << 10]
}

#[test]
fn nothing_is_kept_of_what_is_released() {
    let _alone = alone();
    keeps_nothing("values", |db| assert_eq!(db.get("large").unwrap().unwrap().len(), 64 << 10));
    keeps_nothing("replies", |db| drop(db.command(["GET", "large"]).unwrap()));
    keeps_nothing("batches", |db| {
        let mut batch = db.batch().unwrap();
        batch.add([b"SET".to_vec(), b"other".to_vec(), large()]).unwrap();
        batch.commit().unwrap();
    });
    keeps_nothing("batches that are given up", |db| {
        db.batch().unwrap().add([b"SET".to_vec(), b"other".to_vec(), large()]).unwrap();
    });
    keeps_nothing("sessions that are not read", |db| {
        let mut session = db.session().unwrap();
        session.feed(b"GET large\r\n").unwrap();
        assert!(session.wait(None).unwrap());
    });
    keeps_nothing("stores", |_| {
        let other = Db::open_in_memory().unwrap();
        other.set("large", large()).unwrap();
    });
}
