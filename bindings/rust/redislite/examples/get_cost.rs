//! What `Db::get_into` costs above `rl_get_into`: nanoseconds a call of each, a line a turn. `get_cost CALLS TURNS`
//!
//! A turn is short slices of both, one behind the other, and the medians count: what else the machine does meets both.
use std::hint::black_box;
use std::time::Instant;

use redislite_sys as sys;

const KEY: &[u8] = b"key:000042";
const VALUE: [u8; 100] = [b'v'; 100];
const SLICES: usize = 41;

fn nanoseconds(calls: u32, mut call: impl FnMut()) -> f64 {
    let began = Instant::now();
    (0..calls).for_each(|_| call());
    began.elapsed().as_nanos() as f64 / f64::from(calls)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// A store of the C interface's, with the value in it.
fn open_c() -> *mut sys::rl_db {
    let mut db = std::ptr::null_mut();
    // SAFETY: C strings, live handles and lengths of what is pointed to.
    unsafe {
        assert_eq!(sys::rl_open(c":memory:".as_ptr(), std::ptr::null(), &mut db), sys::RL_OK);
        let code = sys::rl_set(db, KEY.as_ptr().cast(), KEY.len(), VALUE.as_ptr().cast(), VALUE.len());
        assert_eq!(code, sys::RL_OK);
    }
    db
}

fn main() -> redislite::Result<()> {
    let numbers: Vec<u32> = std::env::args().skip(1).map(|number| number.parse().expect("a number")).collect();
    let (calls, turns) = (numbers[0], numbers[1]);
    let db = redislite::Db::open_in_memory()?;
    db.set(KEY, VALUE)?;
    let c = open_c();
    let mut value = Vec::with_capacity(256);
    let mut buffer = [0u8; 256];
    for _ in 0..turns {
        let (mut rust, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..SLICES {
            let slice = calls / SLICES as u32;
            rust.push(nanoseconds(slice, || {
                assert!(db.get_into(black_box(KEY), &mut value).is_ok_and(|found| found));
            }));
            bare.push(nanoseconds(slice, || {
                let (key, mut length) = (black_box(KEY), 0);
                // SAFETY: as above.
                let code = unsafe {
                    let into = buffer.as_mut_ptr().cast();
                    sys::rl_get_into(c, key.as_ptr().cast(), key.len(), into, buffer.len(), &mut length)
                };
                assert!(code == sys::RL_OK && length == VALUE.len());
            }));
        }
        println!("{:.2} {:.2}", median(rust), median(bare));
    }
    // SAFETY: closed once.
    unsafe { sys::rl_close(c) };
    Ok(())
}
