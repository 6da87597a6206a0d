use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redislite_sys as sys;

use crate::error::last_message;
use crate::options::{Kept, milliseconds};
use crate::{Batch, Error, Options, Reply, Result, Session};

/// An open store. Clones are the same store; it is closed by [`Db::close`], or when the last clone is dropped.
#[derive(Clone)]
pub struct Db(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    raw: *mut sys::rl_db,
    closed: AtomicBool,
    // The engine reads these by pointer until rl_close has returned.
    _kept: Kept,
}

// SAFETY: "An rl_db may be used by any number of threads at once", rl_close included; what is kept is Send and Sync.
unsafe impl Send for Inner {}
// SAFETY: as above.
unsafe impl Sync for Inner {}

impl Inner {
    /// The handle, unless the store is closed.
    pub(crate) fn raw(&self) -> Result<*mut sys::rl_db> {
        if self.closed.load(Ordering::Acquire) { Err(closed()) } else { Ok(self.raw) }
    }

    pub(crate) fn error(&self, code: c_int) -> Error {
        if code == sys::RL_ERR_CLOSED { closed() } else { Error::new(code, last_message(self.raw)) }
    }

    pub(crate) fn check(&self, code: c_int) -> Result<()> {
        if code == sys::RL_OK { Ok(()) } else { Err(self.error(code)) }
    }

    /// Whether the key was found.
    fn found(&self, code: c_int) -> Result<bool> {
        if code == sys::RL_NOT_FOUND { Ok(false) } else { self.check(code).map(|()| true) }
    }
}

pub(crate) fn closed() -> Error {
    Error::Closed("the store is closed".into())
}

impl Drop for Inner {
    fn drop(&mut self) {
        if !*self.closed.get_mut() {
            // SAFETY: nobody has the handle any more.
            unsafe { sys::rl_close(self.raw) };
        }
    }
}

/// When [`Db::set_with`] writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// Whatever there is.
    #[default]
    Always,
    /// NX: only when the key does not exist.
    New,
    /// XX: only when it does.
    Existing,
}

/// The conditions and the expiry of [`Db::set_with`]; the default is that of [`Db::set`].
#[derive(Clone, Copy, Debug, Default)]
pub struct SetOptions {
    /// Expires after this time.
    pub ttl: Option<Duration>,
    /// When to write.
    pub condition: Condition,
    /// Keeps the expiry that the key has.
    pub keep_ttl: bool,
}

/// How long a key lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl {
    /// There is no such key.
    Missing,
    /// It never expires.
    Never,
    /// It expires in this time.
    In(Duration),
}

/// The pointer and length that C is given.
pub(crate) fn bytes(of: &[u8]) -> (*const c_void, usize) {
    (of.as_ptr().cast(), of.len())
}

impl Db {
    pub(crate) fn from_raw(raw: *mut sys::rl_db, kept: Kept) -> Db {
        Db(Arc::new(Inner { raw, closed: AtomicBool::new(false), _kept: kept }))
    }

    /// Opens the store in the directory with the default options: durable, made when it is missing.
    pub fn open(path: impl AsRef<Path>) -> Result<Db> {
        Options::new().open(path)
    }

    /// Opens a store that keeps nothing on disk.
    pub fn open_in_memory() -> Result<Db> {
        Options::new().open_in_memory()
    }

    /// Waits for the calls under way, makes everything durable and releases the directory. Calls that come later, of
    /// any clone, answer [`Error::Closed`].
    pub fn close(&self) -> Result<()> {
        if self.0.closed.swap(true, Ordering::AcqRel) {
            return Err(closed());
        }
        // SAFETY: the handle is live; calls that are under way, or begin just now, are allowed.
        match unsafe { sys::rl_close(self.0.raw) } {
            sys::RL_OK => Ok(()),
            code => Err(Error::new(code, String::new())),
        }
    }

    /// Sets the key to the value, whatever it held, and removes its expiry.
    pub fn set(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Result<()> {
        let ((key, key_len), (value, value_len)) = (bytes(key.as_ref()), bytes(value.as_ref()));
        // SAFETY: here and below: a live handle, and pointers with their lengths that live during the call.
        self.0.check(unsafe { sys::rl_set(self.0.raw()?, key, key_len, value, value_len) })
    }

    /// Sets the key with an expiry and conditions; false when a condition said no.
    pub fn set_with(&self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>, options: SetOptions) -> Result<bool> {
        let ((key, key_len), (value, value_len)) = (bytes(key.as_ref()), bytes(value.as_ref()));
        let mut flags = match options.condition {
            Condition::Always => 0,
            Condition::New => sys::RL_SET_NX,
            Condition::Existing => sys::RL_SET_XX,
        };
        if options.keep_ttl {
            flags |= sys::RL_SET_KEEPTTL;
        }
        let ttl = options.ttl.map_or(0, milliseconds);
        let code = unsafe { sys::rl_set_with(self.0.raw()?, key, key_len, value, value_len, ttl, flags) };
        if code == sys::RL_CONDITION { Ok(false) } else { self.0.check(code).map(|()| true) }
    }

    /// Gets a copy of the string at the key.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Result<Option<Vec<u8>>> {
        let mut value = Vec::with_capacity(256);
        Ok(if self.get_into(key, &mut value)? { Some(value) } else { None })
    }

    /// Puts the string at the key in place of what the buffer has, and allocates only when it has too little room; false
    /// when there is no such key.
    pub fn get_into(&self, key: impl AsRef<[u8]>, buffer: &mut Vec<u8>) -> Result<bool> {
        let (key, key_len) = bytes(key.as_ref());
        buffer.clear();
        loop {
            let (room, mut length) = (buffer.capacity(), 0);
            let raw = self.0.raw()?;
            let code = unsafe { sys::rl_get_into(raw, key, key_len, buffer.as_mut_ptr().cast(), room, &mut length) };
            if !self.0.found(code)? {
                return Ok(false);
            }
            if length <= room {
                // SAFETY: the engine wrote that many bytes.
                unsafe { buffer.set_len(length) };
                return Ok(true);
            }
            // Another thread may make it longer before it is asked for again.
            buffer.reserve(length);
        }
    }

    /// Removes the key, of any type; false when there was none.
    pub fn del(&self, key: impl AsRef<[u8]>) -> Result<bool> {
        let (key, key_len) = bytes(key.as_ref());
        self.0.found(unsafe { sys::rl_del(self.0.raw()?, key, key_len) })
    }

    /// Whether there is such a key.
    pub fn exists(&self, key: impl AsRef<[u8]>) -> Result<bool> {
        let (key, key_len) = bytes(key.as_ref());
        self.0.found(unsafe { sys::rl_exists(self.0.raw()?, key, key_len) })
    }

    /// Adds to the integer at the key (0 when missing) and gives the sum.
    pub fn incr_by(&self, key: impl AsRef<[u8]>, delta: i64) -> Result<i64> {
        let (key, key_len) = bytes(key.as_ref());
        let mut sum = 0;
        self.0.check(unsafe { sys::rl_incr_by(self.0.raw()?, key, key_len, delta, &mut sum) })?;
        Ok(sum)
    }

    /// Makes the key expire after the time; false when there is no such key.
    pub fn expire(&self, key: impl AsRef<[u8]>, ttl: Duration) -> Result<bool> {
        let (key, key_len) = bytes(key.as_ref());
        self.0.found(unsafe { sys::rl_expire(self.0.raw()?, key, key_len, milliseconds(ttl)) })
    }

    /// Removes the key's expiry; false when there is no such key.
    pub fn persist(&self, key: impl AsRef<[u8]>) -> Result<bool> {
        let (key, key_len) = bytes(key.as_ref());
        self.0.found(unsafe { sys::rl_persist(self.0.raw()?, key, key_len) })
    }

    /// How long the key lives.
    pub fn ttl(&self, key: impl AsRef<[u8]>) -> Result<Ttl> {
        let (key, key_len) = bytes(key.as_ref());
        let mut ms = 0;
        if !self.0.found(unsafe { sys::rl_ttl(self.0.raw()?, key, key_len, &mut ms) })? {
            return Ok(Ttl::Missing);
        }
        Ok(u64::try_from(ms).map_or(Ttl::Never, |ms| Ttl::In(Duration::from_millis(ms))))
    }

    /// The number of keys in database 0.
    pub fn count(&self) -> Result<u64> {
        let mut keys = 0;
        self.0.check(unsafe { sys::rl_count(self.0.raw()?, &mut keys) })?;
        Ok(keys)
    }

    /// Runs one command of docs/COMMANDS.md on database 0. An error reply is an `Err`. What needs a connection (MULTI,
    /// WATCH, SUBSCRIBE) needs a [`Session`].
    ///
    /// ```
    /// # let db = redislite::Db::open_in_memory()?;
    /// db.command(["ZADD", "board", "1.5", "ada"])?;
    /// let score = db.command(["ZSCORE", "board", "ada"])?;
    /// assert_eq!(score.value(), redislite::Value::Double(1.5));
    /// # Ok::<(), redislite::Error>(())
    /// ```
    pub fn command<A: AsRef<[u8]>>(&self, arguments: impl IntoIterator<Item = A>) -> Result<Reply> {
        let arguments = Arguments::new(arguments);
        let mut reply = ptr::null_mut();
        let (count, pointers, lengths) = arguments.raw();
        self.0.check(unsafe { sys::rl_command(self.0.raw()?, count, pointers, lengths, &mut reply) })?;
        Reply::from_raw(reply).into_result()
    }

    /// Makes an empty batch.
    pub fn batch(&self) -> Result<Batch> {
        Batch::new(self)
    }

    /// Opens a session: a Redis client's connection without a socket.
    pub fn session(&self) -> Result<Session> {
        Session::new(self)
    }

    /// Returns when everything acknowledged before is on the device, whatever `appendfsync` says.
    pub fn sync(&self) -> Result<()> {
        self.0.check(unsafe { sys::rl_sync(self.0.raw()?) })
    }

    /// Takes a snapshot of the data, makes it durable and removes the log before it; readers and writers go on.
    pub fn snapshot(&self) -> Result<()> {
        self.0.check(unsafe { sys::rl_snapshot(self.0.raw()?) })
    }

    /// Writes a consistent copy, a store of its own, into the directory, which must not exist or be empty. `progress` is
    /// told the keys done and the total expected; a break cancels, and leaves nothing.
    pub fn backup<F>(&self, path: impl AsRef<Path>, progress: F) -> Result<()>
    where
        F: FnMut(u64, u64) -> ControlFlow<()>,
    {
        struct Watched<F> {
            progress: F,
            panic: Option<Box<dyn std::any::Any + Send>>,
        }
        unsafe extern "C" fn report<F: FnMut(u64, u64) -> ControlFlow<()>>(
            ctx: *mut c_void,
            done: u64,
            total: u64,
        ) -> c_int {
            // SAFETY: rl_backup calls this on its own thread, while `watched` lives.
            let watched = unsafe { &mut *ctx.cast::<Watched<F>>() };
            match catch_unwind(AssertUnwindSafe(|| (watched.progress)(done, total))) {
                Ok(flow) => c_int::from(flow.is_break()),
                Err(panic) => {
                    watched.panic = Some(panic);
                    1
                }
            }
        }
        let path = c_path(path.as_ref())?;
        let mut watched = Watched { progress, panic: None };
        let ctx = ptr::from_mut(&mut watched).cast();
        let code = unsafe { sys::rl_backup(self.0.raw()?, path.as_ptr(), Some(report::<F>), ctx) };
        if let Some(panic) = watched.panic {
            resume_unwind(panic);
        }
        if code == sys::RL_CONDITION {
            return Err(Error::Cancelled("the backup was cancelled".into()));
        }
        self.0.check(code)
    }

    /// INFO's text of one section ("memory", "persistence", "recovery", ...), of all when it is empty.
    pub fn info(&self, section: &str) -> Result<String> {
        let section_c = CString::new(section).map_err(|_| Error::Invalid("the section has a NUL byte".into()))?;
        let section = if section.is_empty() { ptr::null() } else { section_c.as_ptr() };
        let (mut text, mut length) = (ptr::null_mut(), 0);
        self.0.check(unsafe { sys::rl_info(self.0.raw()?, section, &mut text, &mut length) })?;
        Ok(take_text(text, length))
    }
}

fn c_path(path: &Path) -> Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| Error::Invalid("the path has a NUL byte".into()))
}

/// Copies a text of the library's and releases it.
fn take_text(text: *mut c_char, length: usize) -> String {
    // SAFETY: rl_info and rl_check give a buffer of that length, which is the caller's.
    unsafe {
        let copy = String::from_utf8_lossy(std::slice::from_raw_parts(text.cast(), length)).into_owned();
        sys::rl_buffer_free(text.cast());
        copy
    }
}

/// Verifies every checksum and every link of the store at the path, which nobody may have open for writing, and changes
/// nothing. The report is a JSON object (see `rl_check` in `redislite.h`); it comes with [`Error::Corrupt`] too.
pub fn check(path: impl AsRef<Path>) -> (Result<()>, String) {
    let path = match c_path(path.as_ref()) {
        Ok(path) => path,
        Err(error) => return (Err(error), String::new()),
    };
    let (mut text, mut length) = (ptr::null_mut(), 0);
    // SAFETY: a C string, and places for the results.
    let code = unsafe { sys::rl_check(path.as_ptr(), &mut text, &mut length) };
    let result = if code == sys::RL_OK { Ok(()) } else { Err(Error::new(code, last_message(ptr::null_mut()))) };
    (result, if text.is_null() { String::new() } else { take_text(text, length) })
}

/// The engine's version, "MAJOR.MINOR.PATCH".
pub fn version() -> &'static str {
    // SAFETY: static text.
    unsafe { CStr::from_ptr(sys::rl_version()) }.to_str().unwrap_or("")
}

/// A command's arguments as C is given them.
pub(crate) struct Arguments<A> {
    _owned: Vec<A>,
    pointers: Vec<*const c_char>,
    lengths: Vec<usize>,
}

impl<A: AsRef<[u8]>> Arguments<A> {
    pub(crate) fn new(arguments: impl IntoIterator<Item = A>) -> Arguments<A> {
        // What is pointed to must not move any more: the arguments come to rest first.
        let owned: Vec<A> = arguments.into_iter().collect();
        let pointers = owned.iter().map(|argument| argument.as_ref().as_ptr().cast()).collect();
        let lengths = owned.iter().map(|argument| argument.as_ref().len()).collect();
        Arguments { _owned: owned, pointers, lengths }
    }

    pub(crate) fn raw(&self) -> (usize, *const *const c_char, *const usize) {
        (self.pointers.len(), self.pointers.as_ptr(), self.lengths.as_ptr())
    }
}
