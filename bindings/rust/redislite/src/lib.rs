//! Redis' data types in your own process, kept in a directory as SQLite keeps a file.
//!
//! ```
//! # fn main() -> redislite::Result<()> {
//! # let directory = std::env::temp_dir().join(format!("redislite-doc-{}", std::process::id()));
//! let db = redislite::Db::open(&directory)?;
//! db.set("name", "Ada")?; // on the device when it returns
//! assert_eq!(db.get("name")?.as_deref(), Some(&b"Ada"[..]));
//! # db.close()?; std::fs::remove_dir_all(&directory).unwrap();
//! # Ok(()) }
//! ```
//!
//! A [`Db`] is cheap to clone and may be used by any number of threads at once. Keys and values are bytes. What writes
//! returns when the write is durable as the option `appendfsync` asks; `redislite.h` is the manual of all of it.
#![warn(unreachable_pub)]

mod batch;
mod db;
mod error;
mod options;
mod reply;
mod scan;
mod session;

pub use batch::Batch;
pub use db::{Condition, Db, SetOptions, Ttl, check, version};
pub use error::{Error, Result};
pub use options::{Clock, Level, Options};
pub use reply::{Elements, Reply, Value};
pub use scan::{Keys, Pairs, Scan};
pub use session::{Interrupter, Session};
