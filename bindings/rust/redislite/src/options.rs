use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redislite_sys as sys;

use crate::error::last_message;
use crate::{Db, Error, Result};

/// How grave a message of the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

pub(crate) type Log = Box<dyn Fn(Level, &str) + Send + Sync>;

/// A clock that stands still until it is moved, for tests of what expires. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Makes a clock that shows this time.
    pub fn new(now: SystemTime) -> Clock {
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock(Arc::new(AtomicI64::new(milliseconds(since))))
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(milliseconds(by), Ordering::SeqCst);
    }
}

/// Rounded up: a time to live of less than a millisecond is one, and not none.
pub(crate) fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_micros().div_ceil(1000)).unwrap_or(i64::MAX)
}

unsafe extern "C" fn read_clock(now: *mut c_void) -> i64 {
    // SAFETY: the store keeps the Arc that this points into.
    unsafe { &*now.cast::<AtomicI64>() }.load(Ordering::SeqCst)
}

unsafe extern "C" fn write_log(log: *mut c_void, level: c_int, message: *const c_char) {
    // SAFETY: the store keeps the box that this points to; the message is a C string during the call.
    let (log, message) = unsafe { (&*log.cast::<Log>(), CStr::from_ptr(message)) };
    let level = match level {
        0 => Level::Debug,
        1 => Level::Info,
        2 => Level::Warning,
        _ => Level::Error,
    };
    // Nothing may unwind through C.
    let _ = catch_unwind(AssertUnwindSafe(|| log(level, &message.to_string_lossy())));
}

/// What a store's callbacks point to. It outlives the handle.
#[derive(Default)]
pub(crate) struct Kept {
    clock: Option<Clock>,
    log: Option<Box<Log>>,
}

/// How to open a store.
///
/// ```
/// let db = redislite::Options::new().set("maxmemory", "64mb").open_in_memory()?;
/// # Ok::<(), redislite::Error>(())
/// ```
#[derive(Default)]
pub struct Options {
    named: Vec<(String, String)>,
    kept: Kept,
}

impl Options {
    /// All at their defaults.
    pub fn new() -> Options {
        Options::default()
    }

    /// Sets an option by its name in `redislite.h`: appendfsync, read-only, create, recovery, maxmemory and the rest.
    pub fn set(mut self, name: &str, value: &str) -> Options {
        self.named.push((name.into(), value.into()));
        self
    }

    /// Has times to live measured by this clock in place of the system's.
    pub fn clock(mut self, clock: &Clock) -> Options {
        self.kept.clock = Some(clock.clone());
        self
    }

    /// Has the store's messages (recovery reports, failures in the background) given to the function, by any thread. It
    /// must not call into the same store.
    pub fn log(mut self, log: impl Fn(Level, &str) + Send + Sync + 'static) -> Options {
        self.kept.log = Some(Box::new(Box::new(log)));
        self
    }

    /// Opens the store in the directory, which is made when it is missing, and recovers what a crash left.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Db> {
        let path = CString::new(path.as_ref().as_os_str().as_bytes()).map_err(|_| has_nul("the path"))?;
        self.open_c(&path)
    }

    /// Opens a store that keeps nothing on disk.
    pub fn open_in_memory(self) -> Result<Db> {
        self.open_c(c":memory:")
    }

    fn open_c(self, path: &CStr) -> Result<Db> {
        let raw = Raw::new()?;
        for (name, value) in &self.named {
            let name_c = CString::new(name.as_str()).map_err(|_| has_nul(name))?;
            let value_c = CString::new(value.as_str()).map_err(|_| has_nul(name))?;
            // SAFETY: a live handle and two C strings, which are copied.
            checked(unsafe { sys::rl_options_set(raw.0, name_c.as_ptr(), value_c.as_ptr()) })?;
        }
        if let Some(Clock(now)) = &self.kept.clock {
            let now = Arc::as_ptr(now).cast_mut().cast();
            // SAFETY: Db keeps the Arc until rl_close has returned.
            checked(unsafe { sys::rl_options_set_clock(raw.0, Some(read_clock), now) })?;
        }
        if let Some(log) = &self.kept.log {
            let log = ptr::from_ref::<Log>(log).cast_mut().cast();
            // SAFETY: Db keeps the box until rl_close has returned.
            checked(unsafe { sys::rl_options_set_log(raw.0, Some(write_log), log) })?;
        }
        let mut db = ptr::null_mut();
        // SAFETY: a C string, a live handle and a place for the result.
        checked(unsafe { sys::rl_open(path.as_ptr(), raw.0, &mut db) })?;
        Ok(Db::from_raw(db, self.kept))
    }
}

fn has_nul(what: &str) -> Error {
    Error::Invalid(format!("{what}: a NUL byte"))
}

fn checked(code: c_int) -> Result<()> {
    if code == sys::RL_OK { Ok(()) } else { Err(Error::new(code, last_message(ptr::null_mut()))) }
}

struct Raw(*mut sys::rl_options);

impl Raw {
    fn new() -> Result<Raw> {
        let mut raw = ptr::null_mut();
        // SAFETY: a place for the result.
        checked(unsafe { sys::rl_options_new(&mut raw) })?;
        Ok(Raw(raw))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: made by rl_options_new, released once.
        unsafe { sys::rl_options_free(self.0) }
    }
}
