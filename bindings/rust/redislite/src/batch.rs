use std::ptr;

use redislite_sys as sys;

use crate::db::Arguments;
use crate::{Db, Reply, Result};

/// Commands that happen together or not at all, in memory and across a crash.
///
/// ```
/// # let db = redislite::Db::open_in_memory()?;
/// let mut batch = db.batch()?;
/// batch.add(["DECRBY", "alice", "10"])?;
/// batch.add(["INCRBY", "bob", "10"])?;
/// batch.commit()?;
/// assert_eq!(db.get("bob")?.unwrap(), b"10");
/// # Ok::<(), redislite::Error>(())
/// ```
pub struct Batch {
    raw: *mut sys::rl_batch,
    db: Db,
}

// SAFETY: a batch is used by one thread at a time, whichever: &mut sees to that.
unsafe impl Send for Batch {}

impl Batch {
    pub(crate) fn new(db: &Db) -> Result<Batch> {
        let mut raw = ptr::null_mut();
        // SAFETY: a live handle, and a place for the result.
        db.0.check(unsafe { sys::rl_batch_new(db.0.raw()?, &mut raw) })?;
        Ok(Batch { raw, db: db.clone() })
    }

    /// Adds a command. What is seen to be wrong with it is said now, and leaves the batch as it was.
    pub fn add<A: AsRef<[u8]>>(&mut self, arguments: impl IntoIterator<Item = A>) -> Result<()> {
        let arguments = Arguments::new(arguments);
        let (count, pointers, lengths) = arguments.raw();
        self.db.0.raw()?;
        // SAFETY: a live batch; the arguments live during the call.
        self.db.0.check(unsafe { sys::rl_batch_add(self.raw, count, pointers, lengths) })
    }

    /// Does it all, with one sync. The reply is an array with an element a command: one that fails on the data is a
    /// [`crate::Value::Error`] and does not undo the others, as in Redis. The batch is empty afterwards; after an error
    /// it still holds its commands, of which none was done.
    pub fn commit(&mut self) -> Result<Reply> {
        let mut reply = ptr::null_mut();
        self.db.0.raw()?;
        // SAFETY: a live batch, and a place for the result.
        self.db.0.check(unsafe { sys::rl_batch_commit(self.raw, &mut reply) })?;
        Ok(Reply::from_raw(reply))
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // SAFETY: released once, before or after rl_close.
        unsafe { sys::rl_batch_free(self.raw) }
    }
}
