//! redis-rs' asynchronous connections on a store in the process, for tokio.
use std::io::{self, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use redis::aio::{MultiplexedConnection, PubSub};
use redis::{AsyncConnectionConfig, RedisConnectionInfo, RedisResult};
use redislite::{Db, Session};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

use crate::failed;

/// A session as a stream of bytes for tokio. It waits on the session's descriptor, and blocks nothing.
pub struct SessionStream {
    session: Session,
    // Behind the session in time: its descriptor is open as long as this.
    ready: Option<AsyncFd<Borrowed>>,
}

/// The session's descriptor, which stays the session's.
struct Borrowed(RawFd);

impl AsRawFd for Borrowed {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

impl SessionStream {
    /// Opens a session. Needs a runtime of tokio's around it.
    pub fn new(db: &Db) -> RedisResult<SessionStream> {
        let mut session = db.session().map_err(failed)?;
        let fd = session.fd().map_err(failed)?;
        // SAFETY: the descriptor stays open and the session's until `drop`, which takes it from tokio first.
        let ready = unsafe { AsyncFd::register_with_interest(Borrowed(fd), Interest::READABLE) };
        Ok(SessionStream { session, ready: Some(ready.map_err(io::Error::from)?) })
    }
}

impl Drop for SessionStream {
    fn drop(&mut self) {
        // Before the session closes the descriptor.
        self.ready = None;
    }
}

impl AsyncRead for SessionStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            match this.session.peek() {
                Ok([]) => {}
                Ok(bytes) => {
                    let length = bytes.len().min(out.remaining());
                    out.put_slice(&bytes[..length]);
                    return Poll::Ready(this.session.consume(length).map_err(io::Error::from));
                }
                Err(redislite::Error::Closed(_)) => return Poll::Ready(Ok(())), // the end, as of a file
                Err(error) => return Poll::Ready(Err(error.into())),
            }
            let Some(ready) = &this.ready else {
                return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
            };
            // Looks again behind this: what comes after it makes the descriptor ready anew.
            ready!(ready.poll_read_ready(cx))?.clear_ready();
        }
    }
}

impl AsyncWrite for SessionStream {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.session.write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// redis-rs' asynchronous connection on the store, which may be cloned and used by many tasks at once. It runs on a task
/// of its own, which ends with the last clone.
pub async fn connection(db: &Db, info: &RedisConnectionInfo) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new();
    let (connection, driver) = MultiplexedConnection::new_with_config(info, SessionStream::new(db)?, config).await?;
    tokio::spawn(driver);
    Ok(connection)
}

/// redis-rs' subscriber on the store.
pub async fn pubsub(db: &Db, info: &RedisConnectionInfo) -> RedisResult<PubSub> {
    PubSub::new(info, SessionStream::new(db)?).await
}
