package redislite

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"
)

// Clock is a clock that stands still until it is moved, for tests of what expires. Give it to Open by WithClock; any
// goroutine may move it. It lives in C's memory, where the store reads it without calling Go.
type Clock struct{ now *C.int64_t }

// NewClock makes a clock that shows this time.
func NewClock(now time.Time) *Clock {
	clock := &Clock{now: (*C.int64_t)(C.malloc(8))}
	clock.Set(now)
	runtime.AddCleanup(clock, func(memory unsafe.Pointer) { C.free(memory) }, unsafe.Pointer(clock.now))
	return clock
}

// Set makes the clock show this time.
func (c *Clock) Set(now time.Time) { atomic.StoreInt64((*int64)(c.now), now.UnixMilli()) }

// Advance moves the clock.
func (c *Clock) Advance(by time.Duration) { atomic.AddInt64((*int64)(c.now), by.Milliseconds()) }

// Now is what the clock shows.
func (c *Clock) Now() time.Time { return time.UnixMilli(atomic.LoadInt64((*int64)(c.now))) }
