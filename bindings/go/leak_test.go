package redislite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"testing"
)

// resident is what the process has of the machine's memory, once everything that is released has been given back.
func resident(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/statm")
	ok(t, err)
	var size, pages int
	_, err = fmt.Sscan(string(data), &size, &pages)
	ok(t, err)
	return pages * os.Getpagesize()
}

// Each round is given 64 KiB by C in some way: were it kept, the rounds would keep 64 MiB and more.
func TestNothingIsKeptOfWhatIsReleased(t *testing.T) {
	const rounds, most = 1000, 24 << 20
	large := bytes.Repeat([]byte("v"), 64<<10)
	for name, round := range map[string]func(*DB) error{
		"values": func(db *DB) error {
			_, err := db.Get([]byte("large"))
			return err
		},
		"replies": func(db *DB) error {
			_, err := db.Do("GET", "large")
			return err
		},
		"batches": func(db *DB) error {
			_, err := db.Atomically(func(batch *Batch) error { return batch.Add("SET", "other", large) })
			return err
		},
		"batches that are given up": func(db *DB) error {
			_, err := db.Atomically(func(batch *Batch) error {
				if err := batch.Add("SET", "other", large); err != nil {
					return err
				}
				return errGivenUp
			})
			if err == errGivenUp {
				return nil
			}
			return fmt.Errorf("the batch answered %v", err)
		},
		"sessions": func(db *DB) error {
			session, err := db.Session()
			if err != nil {
				return err
			}
			if _, err := session.Do(context.Background(), "GET", "large"); err != nil {
				return err
			}
			return session.Close()
		},
		"sessions that are not read": func(db *DB) error {
			conn, err := db.Conn()
			if err != nil {
				return err
			}
			if _, err := conn.Write([]byte("GET large\r\n")); err != nil {
				return err
			}
			return conn.Close()
		},
		"stores": func(*DB) error {
			other, err := Open(Memory)
			if err != nil {
				return err
			}
			if err := other.Set([]byte("large"), large); err != nil {
				return err
			}
			return other.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			ok(t, db.Set([]byte("large"), large))
			before := 0
			// What the first rounds take is the store's own, and the runtime's.
			for i := range rounds + rounds/4 {
				if i == rounds/4 {
					before = resident(t)
				}
				ok(t, round(db))
			}
			if grown := resident(t) - before; grown > most {
				t.Fatalf("%d rounds have left %d KiB", rounds, grown>>10)
			}
		})
	}
}

var errGivenUp = fmt.Errorf("given up")
