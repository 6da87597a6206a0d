use std::ffi::{c_int, c_void};
use std::io;
use std::os::fd::RawFd;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use redislite_sys as sys;

use crate::{Db, Error, Result};

/// A Redis client's connection without a socket: RESP2 and RESP3 bytes in, reply bytes out, with databases,
/// transactions, WATCH, pub/sub and blocking commands. It is [`io::Read`] and [`io::Write`] as a socket is.
///
/// ```
/// # use std::io::{Read, Write};
/// # let db = redislite::Db::open_in_memory()?;
/// let mut session = db.session()?;
/// session.write_all(b"PING\r\n").unwrap();
/// let mut reply = [0; 7];
/// session.read_exact(&mut reply).unwrap();
/// assert_eq!(&reply, b"+PONG\r\n");
/// # Ok::<(), redislite::Error>(())
/// ```
pub struct Session {
    inner: Arc<Inner>,
    read_timeout: Option<Duration>,
}

struct Inner {
    raw: *mut sys::rl_session,
    // The callbacks of the store are kept as long as its sessions.
    _db: Db,
}

// SAFETY: only Session uses the session, by &mut alone, but for rl_session_interrupt, which any thread may call.
unsafe impl Send for Inner {}
// SAFETY: as above.
unsafe impl Sync for Inner {}

impl Drop for Inner {
    fn drop(&mut self) {
        // SAFETY: released once, before or after rl_close.
        unsafe { sys::rl_session_close(self.raw) }
    }
}

/// Wakes the [`Session::wait`] of a session, from any thread.
#[derive(Clone)]
pub struct Interrupter(Arc<Inner>);

impl Interrupter {
    /// Wakes the waiting that is under way, or the next.
    pub fn interrupt(&self) -> Result<()> {
        // SAFETY: any thread may call this on a session that is not released.
        check(unsafe { sys::rl_session_interrupt(self.0.raw) })
    }
}

fn check(code: c_int) -> Result<()> {
    if code == sys::RL_OK { Ok(()) } else { Err(error(code)) }
}

fn error(code: c_int) -> Error {
    Error::new(code, if code == sys::RL_ERR_CLOSED { "the session is over".into() } else { String::new() })
}

impl Session {
    pub(crate) fn new(db: &Db) -> Result<Session> {
        let mut raw = ptr::null_mut();
        // SAFETY: a live handle, and a place for the result.
        db.0.check(unsafe { sys::rl_session_open(db.0.raw()?, &mut raw) })?;
        Ok(Session { inner: Arc::new(Inner { raw, _db: db.clone() }), read_timeout: None })
    }

    /// Gives bytes, cut anywhere. Runs the whole commands among them, and never waits: what must wait is answered later.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        // SAFETY: here and below: a live session, used by one thread: &mut sees to that.
        check(unsafe { sys::rl_session_feed(self.inner.raw, bytes.as_ptr().cast(), bytes.len()) })
    }

    /// The reply bytes that are ready, empty when there are none now.
    pub fn peek(&mut self) -> Result<&[u8]> {
        let (mut bytes, mut length): (*const c_void, usize) = (ptr::null(), 0);
        check(unsafe { sys::rl_session_peek(self.inner.raw, &mut bytes, &mut length) })?;
        // SAFETY: valid until the next call on the session, which needs it exclusively.
        Ok(if length == 0 { &[] } else { unsafe { std::slice::from_raw_parts(bytes.cast(), length) } })
    }

    /// Drops the first of the bytes that are ready.
    pub fn consume(&mut self, length: usize) -> Result<()> {
        check(unsafe { sys::rl_session_consume(self.inner.raw, length) })
    }

    /// Whether [`Session::peek`] would give bytes. No system call.
    pub fn pending(&mut self) -> bool {
        unsafe { sys::rl_session_pending(self.inner.raw) == 1 }
    }

    /// Whether a command that was fed is not answered yet, other than a blocking one that waits for a key.
    pub fn busy(&mut self) -> bool {
        unsafe { sys::rl_session_busy(self.inner.raw) == 1 }
    }

    /// Waits until bytes are ready: true; false when the time has passed, or after an interrupt. `None` waits for ever.
    pub fn wait(&mut self, timeout: Option<Duration>) -> Result<bool> {
        let ms = timeout.map_or(-1, |span| c_int::try_from(span.as_millis()).unwrap_or(c_int::MAX));
        match unsafe { sys::rl_session_wait(self.inner.raw, ms) } {
            sys::RL_NOT_FOUND => Ok(false),
            code => check(code).map(|()| true),
        }
    }

    /// A descriptor that is readable while bytes are ready or the session is over; the session owns it.
    pub fn fd(&mut self) -> Result<RawFd> {
        let fd = unsafe { sys::rl_session_fd(self.inner.raw) };
        if fd < 0 { Err(error(fd)) } else { Ok(fd) }
    }

    /// What wakes [`Session::wait`] from another thread.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.inner.clone())
    }

    /// How long `read` waits; `None` for ever.
    pub fn set_read_timeout(&mut self, timeout: Option<Duration>) {
        self.read_timeout = timeout;
    }
}

impl io::Read for Session {
    /// Waits for bytes. 0 when the session is over, as at the end of a file.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if !self.pending() {
            match self.wait(self.read_timeout) {
                Ok(true) => {}
                Ok(false) => return Err(io::ErrorKind::TimedOut.into()),
                Err(Error::Closed(_)) => return Ok(0),
                Err(error) => return Err(error.into()),
            }
        }
        let ready = self.peek()?;
        let length = ready.len().min(buffer.len());
        buffer[..length].copy_from_slice(&ready[..length]);
        self.consume(length)?;
        Ok(length)
    }
}

impl io::Write for Session {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.feed(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(Error::Closed(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(error) => Err(error.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
