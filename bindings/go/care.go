package redislite

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"context"
	"runtime"
	"runtime/cgo"
	"unsafe"
)

// Sync returns when everything acknowledged before is on the device, whatever appendfsync says.
func (db *DB) Sync() error {
	h := db.open()
	code := C.rl_sync(h)
	runtime.KeepAlive(db)
	return db.result(h, code)
}

// Snapshot takes a snapshot of the data, makes it durable and removes the log before it; readers and writers go on.
func (db *DB) Snapshot() error {
	h := db.open()
	code := C.rl_snapshot(h)
	runtime.KeepAlive(db)
	return db.result(h, code)
}

// Backup writes a consistent copy, a store of its own, into the directory, which must not exist or be empty. When the
// context ends first, nothing is left of the copy. `progress` may be nil.
func (db *DB) Backup(ctx context.Context, path string, progress func(done, total uint64)) error {
	watched := &backup{ctx: ctx, progress: progress}
	handle := cgo.NewHandle(watched)
	defer handle.Delete()
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	h := db.open()
	code := C.rl_go_backup(h, cPath, C.uintptr_t(handle))
	runtime.KeepAlive(db)
	if code == C.RL_CONDITION {
		return context.Cause(ctx)
	}
	return db.result(h, code)
}

type backup struct {
	ctx      context.Context
	progress func(done, total uint64)
}

//export rlGoProgress
func rlGoProgress(handle C.uintptr_t, done, total C.uint64_t) C.int {
	watched := cgo.Handle(handle).Value().(*backup)
	if watched.ctx.Err() != nil {
		return 1
	}
	if watched.progress != nil {
		watched.progress(uint64(done), uint64(total))
	}
	return 0
}

// takeText copies a text of the library's and releases it.
func takeText(text *C.char, length C.size_t) string {
	out := C.GoStringN(text, C.int(length))
	C.rl_buffer_free(unsafe.Pointer(text))
	return out
}

// Info gives INFO's text of one section ("memory", "persistence", "recovery", ...), of all when it is empty.
func (db *DB) Info(section string) (string, error) {
	var cSection *C.char
	if section != "" {
		cSection = C.CString(section)
		defer C.free(unsafe.Pointer(cSection))
	}
	h := db.open()
	var text *C.char
	var length C.size_t
	code := C.rl_info(h, cSection, &text, &length)
	runtime.KeepAlive(db)
	if err := db.result(h, code); err != nil {
		return "", err
	}
	return takeText(text, length), nil
}

// Check verifies every checksum and every link of the store at the path, which nobody may have open for writing, and
// changes nothing. The report is a JSON object (see rl_check in redislite.h); it comes with ErrCorrupt too.
func Check(path string) (report string, err error) {
	// The message of a failed check is the thread's.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	var text *C.char
	var length C.size_t
	code := C.rl_check(cPath, &text, &length)
	if text != nil {
		report = takeText(text, length)
	}
	if code == C.RL_OK {
		return report, nil
	}
	var message [1024]C.char
	C.rl_errmsg(nil, &message[0], C.size_t(len(message)))
	return report, &Error{Code: Code(code), Message: C.GoString(&message[0])}
}
