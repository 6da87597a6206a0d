//go:build libredislite

// What DB.GetInto costs above rl_get_into and above a call into C that does nothing: nanoseconds a call of each, a line a
// turn. With the library of the system, so that the loop in C calls the same one.
//
// A turn is short slices of all three, one behind the other, and the medians count: what else the machine does meets all.
//
// Usage: getcost CALLS TURNS
package main

// #cgo pkg-config: redislite
// #include <redislite.h>
// #include <time.h>
//
// static rl_db *open_store(void) {
//   char value[100] = {0};
//   rl_db *db = NULL;
//   if (rl_open(":memory:", NULL, &db) != RL_OK) return NULL;
//   return rl_set(db, "key:000042", 10, value, sizeof value) == RL_OK ? db : NULL;
// }
//
// static double loop(rl_db *db, int calls) {
//   char value[256];
//   size_t length = 0;
//   struct timespec began, ended;
//   clock_gettime(CLOCK_MONOTONIC, &began);
//   for (int i = 0; i < calls; ++i) {
//     if (rl_get_into(db, "key:000042", 10, value, sizeof value, &length) != RL_OK || length != 100) return -1;
//   }
//   clock_gettime(CLOCK_MONOTONIC, &ended);
//   return ((double)(ended.tv_sec - began.tv_sec) * 1e9 + (double)(ended.tv_nsec - began.tv_nsec)) / calls;
// }
//
// static void nothing(void) {}
import "C"

import (
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"time"

	redislite "github.com/redislite/redislite/bindings/go"
)

const slices = 41

func median(of []float64) float64 {
	sort.Float64s(of)
	return of[len(of)/2]
}

func nanoseconds(calls int, call func()) float64 {
	began := time.Now()
	for range calls {
		call()
	}
	return float64(time.Since(began)) / float64(calls)
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return n
}

func main() {
	calls, turns := number(os.Args[1]), number(os.Args[2])
	db, err := redislite.Open(redislite.Memory)
	if err != nil {
		log.Fatal(err)
	}
	key, buffer := []byte("key:000042"), make([]byte, 0, 256)
	if err := db.Set(key, make([]byte, 100)); err != nil {
		log.Fatal(err)
	}
	store := C.open_store()
	if store == nil {
		log.Fatal("the store does not open")
	}
	for range turns {
		var native, c, bare []float64
		for range slices {
			native = append(native, nanoseconds(calls/slices, func() {
				if value, err := db.GetInto(key, buffer); err != nil || len(value) != 100 {
					log.Fatal(err)
				}
			}))
			c = append(c, float64(C.loop(store, C.int(calls/slices))))
			bare = append(bare, nanoseconds(calls/slices, func() { C.nothing() }))
		}
		fmt.Printf("%.2f %.2f %.2f\n", median(native), median(c), median(bare))
	}
}
