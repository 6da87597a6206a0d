"""The first process that opens a directory serves the others, over a Unix socket in it: sessions behind a socket.

One thread for all connections. It ends with the store; what a killed process leaves of the socket is replaced by the
next one that opens the directory."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
import weakref
from typing import TYPE_CHECKING, Any

from ._errors import Error
from ._session import Session

if TYPE_CHECKING:
    from ._store import RedisLite

NAME = "redislite.sock"
_CHUNK = 1 << 16
_servers: weakref.WeakSet[Server] = weakref.WeakSet()


class _Client:
    """One accepted socket and its session."""

    def __init__(self, server: Server, sock: socket.socket, session: Session) -> None:
        self.server, self.sock, self.session = server, sock, session
        self.unsent = b""
        sock.setblocking(False)
        self.descriptor = session.fd()
        server.selector.register(sock, selectors.EVENT_READ, self.read)
        server.selector.register(self.descriptor, selectors.EVENT_READ, self.write)

    def read(self) -> None:
        try:
            data = self.sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            return self.close()
        self.session.feed(data)
        self.write()

    def write(self) -> None:
        """Sends what is ready. What the socket does not take stays, and is all that is kept of it: the session goes on
        when it has been taken."""
        while True:
            if not self.unsent:
                ready = self.session.take(_CHUNK)
                if ready is None:
                    return self.close()
                if not ready:
                    break
                self.unsent = ready
            try:
                self.unsent = self.unsent[self.sock.send(self.unsent) :]
            except BlockingIOError:
                break
            except OSError:
                return self.close()
        self._await(bool(self.unsent))

    def _await(self, is_full: bool) -> None:
        """While the socket is full, that it has room is waited for, and not what the session has ready."""
        selector = self.server.selector
        if is_full:
            selector.modify(self.sock, selectors.EVENT_WRITE, self.write)
            with contextlib.suppress(KeyError):
                selector.unregister(self.descriptor)
        elif self.descriptor not in selector.get_map():
            selector.modify(self.sock, selectors.EVENT_READ, self.read)
            selector.register(self.descriptor, selectors.EVENT_READ, self.write)

    def close(self) -> None:
        for registered in (self.sock, self.descriptor):
            with contextlib.suppress(KeyError, ValueError):
                self.server.selector.unregister(registered)
        self.sock.close()
        self.session.close()
        self.server.clients.discard(self)


class Server:
    def __init__(self, store: RedisLite[Any]) -> None:
        # The store ends the server, and is not kept by it.
        self._store = weakref.ref(store)
        self._path = os.path.join(store.path, NAME)
        self.selector = selectors.DefaultSelector()
        self.clients: set[_Client] = set()
        self._stopping = False
        self._wake, self._woken = socket.socketpair()
        self._listener = socket.socket(socket.AF_UNIX)
        # Under its name it is there when it can be connected to, and only by its owner.
        early = f"{self._path}.{os.getpid()}"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(early)
        self._listener.bind(early)
        os.chmod(early, 0o600)
        self._listener.listen(128)
        self._listener.setblocking(False)
        os.rename(early, self._path)
        self.selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self.selector.register(self._woken, selectors.EVENT_READ, self._wake_up)
        self._thread = threading.Thread(target=self._run, name="redislite-server", daemon=True)
        _servers.add(self)
        self._thread.start()

    def _accept(self) -> None:
        store = self._store()
        if store is None:
            return
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return
        try:
            self.clients.add(_Client(self, sock, store.session()))
        except Exception:
            # The store is being closed, or there is no descriptor left: this connection ends, the others go on.
            sock.close()

    def _wake_up(self) -> None:
        """The loop has gone round, and sees that it is to stop."""

    def _run(self) -> None:
        while not self._stopping:
            for key, _ in self.selector.select():
                # An earlier event of this round may have ended the connection.
                if key.fd not in self.selector.get_map():
                    continue
                try:
                    key.data()
                except Error:
                    # Out of memory, say: this connection ends, the others go on.
                    if isinstance(client := key.data.__self__, _Client):
                        client.close()
        for client in list(self.clients):
            client.close()
        self.forget()

    def stop(self) -> None:
        """Ends all connections. The name goes first, while the directory is still ours."""
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        self._stopping = True
        self._wake.send(b"x")
        # The thread may have held the store last, and be what ends it.
        if self._thread is not threading.current_thread():
            self._thread.join()

    def forget(self) -> None:
        """Closes the descriptors; in a forked child, whose parent goes on serving, nothing else."""
        for sock in (self._listener, self._wake, self._woken):
            sock.close()
        self.selector.close()


def _forget_in_child() -> None:
    """A child that kept the listening socket would let others connect to nobody when its parent is gone."""
    for server in list(_servers):
        for client in list(server.clients):
            client.sock.close()
        server.forget()


os.register_at_fork(after_in_child=_forget_in_child)
