package redislite

// #include <stdlib.h>
// #include "shim.h"
// #cgo noescape rl_go_command
// #cgo nocallback rl_go_command
// #cgo noescape rl_go_batch_add
// #cgo nocallback rl_go_batch_add
// #cgo noescape rl_go_batch_commit
// #cgo nocallback rl_go_batch_commit
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// pointers gives what C is given of the arguments.
func (a arguments) pointers() (*C.char, *C.size_t, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(a.bytes))),
		(*C.size_t)(unsafe.Pointer(unsafe.SliceData(a.lengths))), C.size_t(len(a.lengths))
}

// takeReply copies the reply out of C's memory, and releases that.
func takeReply(memory unsafe.Pointer, length C.size_t) Reply {
	flat := unsafe.Slice((*byte)(memory), int(length))
	reply, _ := decodeReply(append(make([]byte, 0, len(flat)), flat...))
	C.free(memory)
	return reply
}

// Do runs one command of docs/COMMANDS.md on database 0: strings, bytes and numbers are its arguments. An error reply is
// returned as an *Error. What needs a connection (MULTI, WATCH, SUBSCRIBE, SELECT) needs a Session; what blocks
// (BLPOP) blocks this goroutine's thread, and is better given to DoContext.
func (db *DB) Do(args ...any) (Reply, error) {
	encoded, err := encodeArguments(args)
	if err != nil {
		return Reply{}, err
	}
	h := db.open()
	bytes, lengths, count := encoded.pointers()
	var memory unsafe.Pointer
	var length C.size_t
	code := C.rl_go_command(h, bytes, lengths, count, &memory, &length)
	runtime.KeepAlive(db)
	if err := db.result(h, code); err != nil {
		return Reply{}, err
	}
	reply := takeReply(memory, length)
	return reply, reply.Err()
}

// DoContext is Do for commands that wait: it waits without a thread, and gives up when the context ends. A command
// that has begun to write is done all the same.
func (db *DB) DoContext(ctx context.Context, args ...any) (Reply, error) {
	session, err := db.Session()
	if err != nil {
		return Reply{}, err
	}
	defer session.Close()
	return session.Do(ctx, args...)
}

// Batch is commands that happen together or not at all, in memory and across a crash. One goroutine at a time.
type Batch struct {
	db      *DB
	handle  *C.rl_batch
	cleanup runtime.Cleanup
}

// NewBatch makes an empty batch, which may be committed many times, and should be closed.
func (db *DB) NewBatch() (*Batch, error) {
	h := db.open()
	batch := &Batch{db: db}
	code := C.rl_batch_new(h, &batch.handle)
	runtime.KeepAlive(db)
	if err := db.result(h, code); err != nil {
		return nil, err
	}
	batch.cleanup = runtime.AddCleanup(batch, func(handle *C.rl_batch) { C.rl_batch_free(handle) }, batch.handle)
	return batch, nil
}

// Add adds a command. What is seen to be wrong with it is said now, and leaves the batch as it was.
func (b *Batch) Add(args ...any) error {
	encoded, err := encodeArguments(args)
	if err != nil {
		return err
	}
	h := b.db.open()
	if b.handle == nil || h == nil {
		return ErrClosed
	}
	bytes, lengths, count := encoded.pointers()
	code := C.rl_go_batch_add(b.handle, bytes, lengths, count)
	runtime.KeepAlive(b)
	return b.db.result(h, code)
}

// Commit does it all, with one sync, and gives one reply a command: a command that fails on the data (Reply.Err) does
// not undo the others, as in Redis. The batch is empty afterwards; after an error it still holds its commands, of
// which none was done.
func (b *Batch) Commit() ([]Reply, error) {
	h := b.db.open()
	if b.handle == nil || h == nil {
		return nil, ErrClosed
	}
	var memory unsafe.Pointer
	var length C.size_t
	code := C.rl_go_batch_commit(b.handle, &memory, &length)
	runtime.KeepAlive(b)
	if err := b.db.result(h, code); err != nil {
		return nil, err
	}
	return takeReply(memory, length).Elements, nil
}

// Close releases the batch and what it holds.
func (b *Batch) Close() {
	if b.handle != nil {
		b.cleanup.Stop()
		C.rl_batch_free(b.handle)
		b.handle = nil
	}
}

// Atomically commits what fill adds, and nothing when fill returns an error.
func (db *DB) Atomically(fill func(*Batch) error) ([]Reply, error) {
	batch, err := db.NewBatch()
	if err != nil {
		return nil, err
	}
	defer batch.Close()
	if err := fill(batch); err != nil {
		return nil, err
	}
	return batch.Commit()
}
