use std::collections::VecDeque;

use crate::{Db, Result, Value};

/// What the iterators give; the default is everything.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// A glob pattern.
    pub pattern: Option<String>,
    /// "string", "list", "hash", "set", "zset": of [`Db::keys`] only.
    pub kind: Option<String>,
    /// How many are looked at in one call.
    pub count: Option<usize>,
}

const COUNT: usize = 256;

struct Pages {
    db: Db,
    head: Vec<Vec<u8>>,
    tail: Vec<Vec<u8>>,
    cursor: Option<Vec<u8>>, // None behind the last page
    ready: VecDeque<Vec<u8>>,
}

impl Pages {
    fn new(db: &Db, head: Vec<Vec<u8>>, scan: Scan) -> Pages {
        let mut tail = vec![b"COUNT".to_vec(), scan.count.unwrap_or(COUNT).max(1).to_string().into_bytes()];
        if let Some(pattern) = scan.pattern {
            tail.extend([b"MATCH".to_vec(), pattern.into_bytes()]);
        }
        if let Some(kind) = scan.kind {
            tail.extend([b"TYPE".to_vec(), kind.into_bytes()]);
        }
        Pages { db: db.clone(), head, tail, cursor: Some(b"0".to_vec()), ready: VecDeque::new() }
    }

    fn next(&mut self) -> Option<Result<Vec<u8>>> {
        while self.ready.is_empty() {
            let cursor = self.cursor.take()?;
            let command = self.head.iter().chain([&cursor]).chain(&self.tail);
            let page = match self.db.command(command) {
                Ok(page) => page,
                Err(error) => return Some(Err(error)),
            };
            let mut parts = page.value().elements();
            let next = parts.next().and_then(|cursor| cursor.bytes().map(<[u8]>::to_vec));
            self.cursor = next.filter(|cursor| cursor != b"0");
            self.ready.extend(parts.next().iter().flat_map(Value::elements).map(text));
        }
        self.ready.pop_front().map(Ok)
    }
}

fn text(value: Value<'_>) -> Vec<u8> {
    match value {
        Value::Double(number) => number.to_string().into_bytes(),
        other => other.bytes().unwrap_or_default().to_vec(),
    }
}

/// Keys, or members of a set. An error is the last that comes.
pub struct Keys(Pages);

impl Iterator for Keys {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

/// Fields of a hash with their values, or members of a sorted set with their scores. An error is the last that comes.
pub struct Pairs(Pages);

impl Iterator for Pairs {
    type Item = Result<(Vec<u8>, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let name = match self.0.next()? {
            Ok(name) => name,
            Err(error) => return Some(Err(error)),
        };
        self.0.next().map(|value| value.map(|value| (name, value)))
    }
}

impl Db {
    /// The keys, with SCAN's promises: what is there all the while comes at least once.
    ///
    /// ```
    /// # let db = redislite::Db::open_in_memory()?;
    /// db.set("user:1", "")?;
    /// for key in db.keys(redislite::Scan { pattern: Some("user:*".into()), ..Default::default() }) {
    ///     assert_eq!(key?, b"user:1");
    /// }
    /// # Ok::<(), redislite::Error>(())
    /// ```
    pub fn keys(&self, scan: Scan) -> Keys {
        Keys(Pages::new(self, vec![b"SCAN".to_vec()], scan))
    }

    /// The members of a set.
    pub fn members(&self, key: impl AsRef<[u8]>, scan: Scan) -> Keys {
        Keys(Pages::new(self, vec![b"SSCAN".to_vec(), key.as_ref().to_vec()], scan))
    }

    /// The fields of a hash with their values.
    pub fn fields(&self, key: impl AsRef<[u8]>, scan: Scan) -> Pairs {
        Pairs(Pages::new(self, vec![b"HSCAN".to_vec(), key.as_ref().to_vec()], scan))
    }

    /// The members of a sorted set with their scores, in no order.
    pub fn scores(&self, key: impl AsRef<[u8]>, scan: Scan) -> Pairs {
        Pairs(Pages::new(self, vec![b"ZSCAN".to_vec(), key.as_ref().to_vec()], scan))
    }
}
