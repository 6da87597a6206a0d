use std::ffi::{CStr, c_int};
use std::fmt;

use redislite_sys as sys;

/// What every call returns.
pub type Result<T> = std::result::Result<T, Error>;

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $code:ident,)*) => {
        /// Why a call failed. Each carries a message for a person, which names the file, the option or the process; of
        /// a command's error reply it is Redis' text.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Error {
            $($(#[$doc])* $name(String),)*
            /// A code that this version of the crate does not know.
            Other(i32, String),
        }

        impl Error {
            /// The number of the code in `redislite.h`.
            pub fn code(&self) -> i32 {
                match self {
                    $(Error::$name(_) => sys::$code,)*
                    Error::Other(code, _) => *code,
                }
            }

            /// The message.
            pub fn message(&self) -> &str {
                match self {
                    $(Error::$name(message) => message,)*
                    Error::Other(_, message) => message,
                }
            }

            pub(crate) fn new(code: c_int, message: String) -> Error {
                match code {
                    $(sys::$code => Error::$name(message),)*
                    _ => Error::Other(code, message),
                }
            }
        }
    };
}

errors! {
    /// Misuse: an unknown option, a bad value of one.
    Invalid = RL_ERR_INVALID,
    /// The key holds another type.
    WrongType = RL_ERR_TYPE,
    /// Not an integer or float, out of range.
    Value = RL_ERR_VALUE,
    /// Unknown command, wrong number of arguments, syntax error, not allowed here.
    Command = RL_ERR_COMMAND,
    /// A write or sync failed: reads go on, later writes fail until the store is opened again.
    Io = RL_ERR_IO,
    /// No space on the device: nothing was written, later writes may succeed.
    Full = RL_ERR_FULL,
    /// Out of memory: nothing was written.
    NoMemory = RL_ERR_NOMEM,
    /// Over `maxmemory` with nothing to evict.
    MaxMemory = RL_ERR_MAXMEMORY,
    /// Another process, or another handle of this one, has the store open.
    Busy = RL_ERR_BUSY,
    /// Damage beyond a torn tail.
    Corrupt = RL_ERR_CORRUPT,
    /// The files were written by a newer format.
    Version = RL_ERR_VERSION,
    /// The store, or the session, was closed.
    Closed = RL_ERR_CLOSED,
    /// Used in a forked child of the process that opened it.
    Forked = RL_ERR_FORKED,
    /// A write to a store that was opened read-only.
    ReadOnly = RL_ERR_READONLY,
    /// A key or value above 512 MiB, a record above 1 GiB, or a session too many.
    Limit = RL_ERR_LIMIT,
    /// There is no such directory, and `create` is `no`.
    NoStore = RL_ERR_NOT_FOUND,
    /// The backup was cancelled by its progress.
    Cancelled = RL_CONDITION,
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.message().is_empty() {
            return out.write_str(self.message());
        }
        // SAFETY: the text is static and never NULL.
        out.write_str(&unsafe { CStr::from_ptr(sys::rl_strerror(self.code())) }.to_string_lossy())
    }
}

impl std::error::Error for Error {}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        use std::io::ErrorKind;
        let kind = match error {
            Error::Invalid(_) => ErrorKind::InvalidInput,
            Error::NoMemory(_) => ErrorKind::OutOfMemory,
            Error::NoStore(_) => ErrorKind::NotFound,
            Error::Closed(_) => ErrorKind::NotConnected,
            _ => ErrorKind::Other,
        };
        std::io::Error::new(kind, error)
    }
}

/// The message of the last failed call on the handle, or with NULL of this thread's last failed opening.
pub(crate) fn last_message(db: *mut sys::rl_db) -> String {
    let mut text = vec![0u8; 1024];
    // SAFETY: the buffer has that many bytes; a NULL handle is allowed.
    let length = unsafe { sys::rl_errmsg(db, text.as_mut_ptr().cast(), text.len()) };
    text.truncate(length.min(1023));
    String::from_utf8_lossy(&text).into_owned()
}
