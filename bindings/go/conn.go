package redislite

// #include "shim.h"
// #cgo noescape rl_session_feed
// #cgo nocallback rl_session_feed
// #cgo noescape rl_go_session_take
// #cgo nocallback rl_go_session_take
import "C"

import (
	"context"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Conn is a connection to a Redis server without server and socket: what a client library writes is carried out, what
// it reads are the replies. It is a net.Conn; Read and Write may be called by different goroutines at once, and Read
// waits in Go's poller, without a thread.
type Conn struct {
	db      *DB
	cleanup runtime.Cleanup

	// One goroutine at a time may use the session. Nobody waits while holding it.
	mu       sync.Mutex
	session  *C.rl_session // nil once closed
	wake     *os.File      // readable while the session has something to say; made when somebody must wait
	deadline time.Time     // of reads
}

// Conn opens a connection: RESP2 until HELLO 3 is said.
func (db *DB) Conn() (*Conn, error) {
	h := db.open()
	conn := &Conn{db: db}
	code := C.rl_session_open(h, &conn.session)
	runtime.KeepAlive(db)
	if err := db.result(h, code); err != nil {
		return nil, err
	}
	conn.cleanup = runtime.AddCleanup(conn, func(session *C.rl_session) { C.rl_session_close(session) }, conn.session)
	return conn, nil
}

// Dial is Conn in the shape that client libraries ask for: go-redis' Options.Dialer, redigo's DialNetDial and others.
// Network and address are not looked at.
func (db *DB) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return db.Conn()
}

// take is Read without waiting: 0 and nil when there is nothing now.
func (c *Conn) take(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		return 0, net.ErrClosed
	}
	var n C.size_t
	buffer, capacity := bytesOf(p)
	code := C.rl_go_session_take(c.session, buffer, capacity, &n)
	if n == 0 && code != C.RL_OK {
		if code == C.RL_ERR_CLOSED {
			return 0, io.EOF
		}
		return 0, fail(nil, code)
	}
	return int(n), nil
}

// Read gives what the store has to say, and waits for it until the deadline. io.EOF when the other side has ended.
func (c *Conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := c.take(p)
	if n > 0 || err != nil {
		return n, err
	}
	wake, err := c.wakeUp()
	if err != nil {
		return 0, err
	}
	raw, err := wake.SyscallConn()
	if err != nil {
		return 0, net.ErrClosed
	}
	// Looks before it waits, and again after it has waited.
	waited := raw.Read(func(uintptr) bool {
		n, err = c.take(p)
		return n > 0 || err != nil
	})
	if n == 0 && err == nil {
		err = waited
		if !os.IsTimeout(err) {
			err = net.ErrClosed
		}
	}
	return n, err
}

// wakeUp gives the file that Read waits for. It is a duplicate, as the session closes its own.
func (c *Conn) wakeUp() (*os.File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		return nil, net.ErrClosed
	}
	if c.wake != nil {
		return c.wake, nil
	}
	fd := C.rl_session_fd(c.session)
	if fd < 0 {
		return nil, fail(nil, fd)
	}
	syscall.ForkLock.RLock()
	own, err := syscall.Dup(int(fd))
	if err == nil {
		syscall.CloseOnExec(own)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	c.wake = os.NewFile(uintptr(own), "redislite-session") // non-blocking already: Go's poller takes it
	if !c.deadline.IsZero() {
		if err := c.wake.SetReadDeadline(c.deadline); err != nil {
			return nil, err
		}
	}
	return c.wake, nil
}

// Write has the commands carried out. It never waits: what must wait is answered later.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		return 0, net.ErrClosed
	}
	bytes, length := bytesOf(p)
	code := C.rl_session_feed(c.session, bytes, length)
	switch code {
	case C.RL_OK:
		return len(p), nil
	case C.RL_ERR_CLOSED:
		return 0, syscall.EPIPE
	}
	return 0, fail(nil, code)
}

// Close ends the connection: a Read that waits returns, a blocking command is given up.
func (c *Conn) Close() error {
	c.mu.Lock()
	session, wake := c.session, c.wake
	c.session = nil
	if session != nil {
		c.cleanup.Stop()
		C.rl_session_close(session)
	}
	c.mu.Unlock()
	if session == nil {
		return net.ErrClosed
	}
	if wake != nil {
		return wake.Close()
	}
	return nil
}

// SetReadDeadline makes a Read return os.ErrDeadlineExceeded when it would wait longer; zero: never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		return net.ErrClosed
	}
	c.deadline = t
	if c.wake != nil {
		return c.wake.SetReadDeadline(t)
	}
	return nil
}

// SetWriteDeadline does nothing: Write never waits.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline is SetReadDeadline.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

type address string

func (address) Network() string  { return "redislite" }
func (a address) String() string { return string(a) }

// LocalAddr is the path of the store, of network "redislite".
func (c *Conn) LocalAddr() net.Addr { return address(c.db.path) }

// RemoteAddr is LocalAddr.
func (c *Conn) RemoteAddr() net.Addr { return address(c.db.path) }
