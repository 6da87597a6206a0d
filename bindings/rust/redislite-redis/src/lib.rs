//! redis-rs on a store in the process: no server, no socket, no port.
//!
//! ```
//! use redis::Commands;
//! let db = redislite::Db::open_in_memory()?;
//! let mut connection = redislite_redis::Connection::new(&db)?; // was: Client::open("redis://...")?.get_connection()?
//! let _: () = connection.set("name", "Ada")?;
//! let name: String = connection.get("name")?;
//! assert_eq!(name, "Ada");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Connection`] is a [`redis::ConnectionLike`], with commands, pipelines, transactions and WATCH. With the feature
//! `aio`, [`aio::connection`] gives redis-rs' own `MultiplexedConnection` and [`aio::pubsub`] its `PubSub`. redis-rs'
//! synchronous `PubSub` takes only a connection of its own, which cannot be made of anything but a socket.

#[cfg(feature = "aio")]
pub mod aio;

use redis::{RedisError, RedisResult, Value};
use redislite::{Db, Session};

/// A connection of redis-rs whose server is the store.
pub struct Connection {
    session: Session,
    parser: redis::Parser,
    open: bool,
}

pub(crate) fn failed(error: redislite::Error) -> RedisError {
    RedisError::from(std::io::Error::from(error))
}

impl Connection {
    /// Opens a connection that speaks RESP2, as redis-rs' do when nothing else is asked for.
    pub fn new(db: &Db) -> RedisResult<Connection> {
        let session = db.session().map_err(failed)?;
        Ok(Connection { session, parser: redis::Parser::new(), open: true })
    }

    /// Opens a connection that speaks RESP3.
    pub fn new_resp3(db: &Db) -> RedisResult<Connection> {
        let mut connection = Connection::new(db)?;
        redis::cmd("HELLO").arg(3).exec(&mut connection)?;
        Ok(connection)
    }

    /// How long a reply is waited for; `None`, the default, for ever.
    pub fn set_read_timeout(&mut self, timeout: Option<std::time::Duration>) {
        self.session.set_read_timeout(timeout);
    }

    fn send(&mut self, packed: &[u8]) -> RedisResult<()> {
        if !self.open {
            return Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
        }
        self.session.feed(packed).inspect_err(|_| self.open = false).map_err(failed)
    }

    /// The next reply; pushes that nobody here asked for are passed over.
    fn receive(&mut self) -> RedisResult<Value> {
        loop {
            let reply = self.parser.parse_value(&mut self.session);
            match reply {
                Ok(Value::Push { ref kind, .. }) if !is_confirmation(kind) => {}
                Ok(value) => return Ok(value),
                Err(error) => {
                    // What is left of the reply would be taken for that of the next command.
                    self.open = false;
                    return Err(error);
                }
            }
        }
    }
}

fn is_confirmation(kind: &redis::PushKind) -> bool {
    use redis::PushKind::{PSubscribe, PUnsubscribe, SSubscribe, SUnsubscribe, Subscribe, Unsubscribe};
    matches!(kind, Subscribe | PSubscribe | SSubscribe | Unsubscribe | PUnsubscribe | SUnsubscribe)
}

/// An error reply anywhere in a value is the outcome of a single command.
fn outcome(value: Value) -> RedisResult<Value> {
    match value {
        Value::ServerError(error) => Err(error.into()),
        value => Ok(value),
    }
}

impl redis::ConnectionLike for Connection {
    fn req_packed_command(&mut self, packed: &[u8]) -> RedisResult<Value> {
        self.send(packed)?;
        outcome(self.receive()?)
    }

    fn req_packed_commands(&mut self, packed: &[u8], offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        self.send(packed)?;
        let mut first_error = None;
        // Every reply is read, whatever becomes of the one before it.
        for _ in 0..offset {
            if let Err(error) = outcome(self.receive()?) {
                first_error.get_or_insert(error);
            }
        }
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(self.receive()?);
        }
        first_error.map_or(Ok(values), Err)
    }

    fn get_db(&self) -> i64 {
        0
    }

    fn check_connection(&mut self) -> bool {
        redis::cmd("PING").query::<String>(self).is_ok()
    }

    fn is_open(&self) -> bool {
        self.open
    }
}

/// The programs of the page are tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
