// A session store: a user's session is a hash that ends half an hour after it was last used.
package main

import (
	"fmt"
	"log"
	"time"

	redislite "github.com/redislite/redislite/bindings/go"
)

const idle = 30 * time.Minute

type sessions struct{ db *redislite.DB }

func (s sessions) begin(id, user string) error {
	_, err := s.db.Atomically(func(b *redislite.Batch) error {
		if err := b.Add("HSET", "session:"+id, "user", user, "views", 0); err != nil {
			return err
		}
		return b.Add("PEXPIRE", "session:"+id, idle.Milliseconds())
	})
	return err
}

// use counts a view and gives the user; "" when there is no such session any more.
func (s sessions) use(id string) (user string, err error) {
	key := "session:" + id
	if alive, err := s.db.Expire([]byte(key), idle); err != nil || !alive {
		return "", err
	}
	if _, err := s.db.Do("HINCRBY", key, "views", 1); err != nil {
		return "", err
	}
	reply, err := s.db.Do("HGET", key, "user")
	return reply.Text(), err
}

func main() {
	clock := redislite.NewClock(time.Now()) // so that half an hour passes at once here
	db, err := redislite.Open("sessions", redislite.WithClock(clock))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	store := sessions{db}
	if err := store.begin("4711", "ada"); err != nil {
		log.Fatal(err)
	}
	for _, wait := range []time.Duration{0, 29 * time.Minute, 29 * time.Minute, 31 * time.Minute} {
		clock.Advance(wait)
		user, err := store.use("4711")
		if err != nil {
			log.Fatal(err)
		}
		if (user == "ada") != (wait < idle) {
			log.Fatalf("after %v the session is that of %q", wait, user)
		}
	}
	fmt.Println("the session lived while it was used")
}
