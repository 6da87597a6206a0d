// Package redislite is a store of Redis' data types in your own process, kept in a directory as SQLite keeps a file.
//
//	db, err := redislite.Open("data")
//	if err != nil { ... }
//	defer db.Close()
//	err = db.Set([]byte("name"), []byte("Ada")) // on the device when it returns
//	name, err := db.Get([]byte("name"))
//
// A DB may be used by any number of goroutines at once. One process at a time may have a directory open for writing.
package redislite

// #include <stdlib.h>
// #include "shim.h"
// #cgo noescape rl_buffer_free
// #cgo nocallback rl_buffer_free
// #cgo noescape rl_set
// #cgo nocallback rl_set
// #cgo noescape rl_set_with
// #cgo nocallback rl_set_with
// #cgo noescape rl_get_into
// #cgo nocallback rl_get_into
// #cgo noescape rl_del
// #cgo nocallback rl_del
// #cgo noescape rl_exists
// #cgo nocallback rl_exists
// #cgo noescape rl_incr_by
// #cgo nocallback rl_incr_by
// #cgo noescape rl_expire
// #cgo nocallback rl_expire
// #cgo noescape rl_persist
// #cgo nocallback rl_persist
// #cgo noescape rl_ttl
// #cgo nocallback rl_ttl
// #cgo noescape rl_count
// #cgo nocallback rl_count
import "C"

import (
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"
)

// Memory, given to Open as the path, keeps nothing on disk.
const Memory = ":memory:"

// DB is an open store.
type DB struct {
	handle  unsafe.Pointer // of rl_db; nil once closed
	path    string
	clock   *Clock // kept alive: the store reads it
	log     *logPipe
	cleanup runtime.Cleanup
}

// Option is how to open a store.
type Option func(*settings)

type settings struct {
	namesValues []byte
	count       int
	bad         string
	logger      *slog.Logger
	clock       *Clock
}

// With sets an option by its name in redislite.h: appendfsync, read-only, create, maxmemory, recovery and the rest.
func With(name, value string) Option {
	return func(s *settings) {
		if strings.ContainsRune(name+value, 0) {
			s.bad = name
			return
		}
		s.namesValues = append(append(append(append(s.namesValues, name...), 0), value...), 0)
		s.count++
	}
}

// WithLogger gives the store's messages (recovery reports, failures in the background) to the logger. They pass
// through a pipe, so that the store never waits for the logger; Close returns after the last.
func WithLogger(logger *slog.Logger) Option { return func(s *settings) { s.logger = logger } }

// WithClock has times to live measured by this clock in place of the system's.
func WithClock(clock *Clock) Option { return func(s *settings) { s.clock = clock } }

// Open opens the store in the directory, which is made when it is missing, and recovers what a crash left: what it
// shows is durable. The errors to expect are ErrBusy (another process has it), ErrCorrupt, ErrVersion, ErrIO.
func Open(path string, options ...Option) (*DB, error) {
	var s settings
	for _, option := range options {
		option(&s)
	}
	if s.bad != "" {
		return nil, &Error{Code: CodeInvalid, Message: "option " + s.bad + ": a NUL byte"}
	}
	if strings.ContainsRune(path, 0) {
		return nil, &Error{Code: CodeInvalid, Message: "the path has a NUL byte"}
	}
	db := &DB{path: path, clock: s.clock}
	logTo := -1
	if s.logger != nil {
		pipe, err := startLogPipe(s.logger)
		if err != nil {
			return nil, err
		}
		db.log, logTo = pipe, pipe.writeEnd
	}
	var now *C.int64_t
	if s.clock != nil {
		now = s.clock.now
	}
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	cOptions := C.CBytes(append(s.namesValues, 0))
	defer C.free(cOptions)
	var handle *C.rl_db
	var message *C.char
	code := C.rl_go_open(cPath, (*C.char)(cOptions), C.size_t(s.count), C.int(logTo), now, &handle, &message)
	if code != C.RL_OK {
		db.log.close()
		return nil, failOpen(code, message)
	}
	atomic.StorePointer(&db.handle, unsafe.Pointer(handle))
	// A store that is forgotten is closed all the same, some time.
	db.cleanup = runtime.AddCleanup(db, func(left leftBehind) {
		C.rl_close(left.handle)
		left.log.close()
		runtime.KeepAlive(left.clock)
	}, leftBehind{handle, db.log, s.clock})
	return db, nil
}

// leftBehind is what a store that nobody closed leaves to be released.
type leftBehind struct {
	handle *C.rl_db
	log    *logPipe
	clock  *Clock
}

// Close waits for the calls under way, makes everything durable and releases the directory. Calls that come later
// return ErrClosed; so does a second Close.
func (db *DB) Close() error {
	handle := (*C.rl_db)(atomic.SwapPointer(&db.handle, nil))
	if handle == nil {
		return ErrClosed
	}
	db.cleanup.Stop()
	code := C.rl_close(handle)
	db.log.close()
	runtime.KeepAlive(db)
	if code != C.RL_OK {
		return fail(nil, code)
	}
	return nil
}

// open is the handle, nil when the store is closed.
func (db *DB) open() *C.rl_db { return (*C.rl_db)(atomic.LoadPointer(&db.handle)) }

// Path is what Open was given.
func (db *DB) Path() string { return db.path }

// bytesOf is the pointer and length that C is given; the call it stands in keeps b alive.
func bytesOf(b []byte) (unsafe.Pointer, C.size_t) {
	return unsafe.Pointer(unsafe.SliceData(b)), C.size_t(len(b))
}

// Set sets the key to the value, whatever it held, and removes its expiry.
func (db *DB) Set(key, value []byte) error {
	h := db.open()
	k, kn := bytesOf(key)
	v, vn := bytesOf(value)
	code := C.rl_set(h, k, kn, v, vn)
	runtime.KeepAlive(db)
	return db.result(h, code)
}

// SetOptions are the conditions and the expiry of SetWith; the zero value is that of Set.
type SetOptions struct {
	TTL          time.Duration // 0: none
	OnlyNew      bool          // NX: only when the key does not exist
	OnlyExisting bool          // XX: only when it does
	KeepTTL      bool          // keeps the expiry that the key has
}

// SetWith is Set with an expiry and conditions; ErrCondition when they say no.
func (db *DB) SetWith(key, value []byte, options SetOptions) error {
	h := db.open()
	var flags C.uint
	if options.OnlyNew {
		flags |= C.RL_SET_NX
	}
	if options.OnlyExisting {
		flags |= C.RL_SET_XX
	}
	if options.KeepTTL {
		flags |= C.RL_SET_KEEPTTL
	}
	k, kn := bytesOf(key)
	v, vn := bytesOf(value)
	code := C.rl_set_with(h, k, kn, v, vn, milliseconds(options.TTL), flags)
	runtime.KeepAlive(db)
	return db.result(h, code)
}

// milliseconds rounds away from zero: a time to live of less than a millisecond is one, and not none.
func milliseconds(d time.Duration) C.int64_t {
	ms := d / time.Millisecond
	if rest := d % time.Millisecond; rest > 0 {
		ms++
	} else if rest < 0 {
		ms--
	}
	return C.int64_t(ms)
}

// Values up to this length are found without knowing theirs.
const smallValue = 512

// Get gives a copy of the string at the key, or ErrNotFound.
func (db *DB) Get(key []byte) ([]byte, error) {
	var small [smallValue]byte
	value, err := db.getInto(key, small[:0])
	if err != nil {
		return nil, err
	}
	if len(value) <= smallValue {
		return append(make([]byte, 0, len(value)), value...), nil
	}
	return value, nil
}

// GetInto appends the string at the key to the buffer and returns the extended one, as append does: with room enough
// nothing is allocated. The buffer is returned as it was with an error.
func (db *DB) GetInto(key, buffer []byte) ([]byte, error) { return db.getInto(key, buffer) }

func (db *DB) getInto(key, buffer []byte) ([]byte, error) {
	h := db.open()
	k, kn := bytesOf(key)
	for {
		room := buffer[len(buffer):cap(buffer)]
		r, rn := bytesOf(room)
		var length C.size_t
		code := C.rl_get_into(h, k, kn, r, rn, &length)
		if code != C.RL_OK {
			runtime.KeepAlive(db)
			return buffer, db.result(h, code)
		}
		if length <= rn {
			runtime.KeepAlive(db)
			return buffer[:len(buffer)+int(length)], nil
		}
		// Another goroutine may make it longer before it is asked for again.
		buffer = append(make([]byte, 0, len(buffer)+int(length)), buffer...)
	}
}

// Del removes the key, of any type; false when there was none.
func (db *DB) Del(key []byte) (bool, error) {
	h := db.open()
	k, kn := bytesOf(key)
	code := C.rl_del(h, k, kn)
	runtime.KeepAlive(db)
	return db.found(h, code)
}

// Exists says whether there is such a key.
func (db *DB) Exists(key []byte) (bool, error) {
	h := db.open()
	k, kn := bytesOf(key)
	code := C.rl_exists(h, k, kn)
	runtime.KeepAlive(db)
	return db.found(h, code)
}

// IncrBy adds to the integer at the key (0 when missing) and gives the sum.
func (db *DB) IncrBy(key []byte, delta int64) (int64, error) {
	h := db.open()
	k, kn := bytesOf(key)
	var sum C.int64_t
	code := C.rl_incr_by(h, k, kn, C.int64_t(delta), &sum)
	runtime.KeepAlive(db)
	return int64(sum), db.result(h, code)
}

// Expire makes the key expire after the time, at once when it is not positive; false when there is no such key.
func (db *DB) Expire(key []byte, ttl time.Duration) (bool, error) {
	h := db.open()
	k, kn := bytesOf(key)
	code := C.rl_expire(h, k, kn, milliseconds(ttl))
	runtime.KeepAlive(db)
	return db.found(h, code)
}

// Persist removes the key's expiry; false when there is no such key.
func (db *DB) Persist(key []byte) (bool, error) {
	h := db.open()
	k, kn := bytesOf(key)
	code := C.rl_persist(h, k, kn)
	runtime.KeepAlive(db)
	return db.found(h, code)
}

// NoExpiry is the TTL of a key that never expires.
const NoExpiry time.Duration = -1

// TTL gives the time until the key expires, NoExpiry when it never does, ErrNotFound when there is no such key.
func (db *DB) TTL(key []byte) (time.Duration, error) {
	h := db.open()
	k, kn := bytesOf(key)
	var ms C.int64_t
	code := C.rl_ttl(h, k, kn, &ms)
	runtime.KeepAlive(db)
	if err := db.result(h, code); err != nil {
		return 0, err
	}
	if ms < 0 {
		return NoExpiry, nil
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// Count gives the number of keys in database 0.
func (db *DB) Count() (uint64, error) {
	h := db.open()
	var keys C.uint64_t
	code := C.rl_count(h, &keys)
	runtime.KeepAlive(db)
	return uint64(keys), db.result(h, code)
}

// result is nil or the error of a call that was given the handle; a closed store's is nil, which C calls invalid.
func (db *DB) result(h *C.rl_db, code C.int) error {
	if code == C.RL_OK {
		return nil
	}
	if h == nil {
		return ErrClosed
	}
	return fail(h, code)
}

func (db *DB) found(h *C.rl_db, code C.int) (bool, error) {
	if code == C.RL_NOT_FOUND {
		return false, nil
	}
	err := db.result(h, code)
	return err == nil, err
}

// Version is that of the engine, "MAJOR.MINOR.PATCH".
func Version() string { return C.GoString(C.rl_version()) }

// bareCall is what a call into C costs at least: for the benchmark.
func bareCall() { C.rl_buffer_free(nil) }
