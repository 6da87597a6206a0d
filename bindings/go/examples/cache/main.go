// A cache in memory: what is found lives for a minute, and when there is no room what was used least goes.
package main

import (
	"fmt"
	"log"
	"strings"
	"time"

	redislite "github.com/redislite/redislite/bindings/go"
)

func main() {
	clock := redislite.NewClock(time.Now())
	db, err := redislite.Open(redislite.Memory, redislite.WithClock(clock),
		redislite.With("maxmemory", "64mb"), redislite.With("maxmemory-policy", "allkeys-lru"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	computed := 0
	page := func(name string) []byte {
		if found, err := db.Get([]byte(name)); err == nil {
			return found
		}
		computed++
		made := []byte(strings.Repeat(name, 100))
		if err := db.SetWith([]byte(name), made, redislite.SetOptions{TTL: time.Minute}); err != nil {
			log.Fatal(err)
		}
		return made
	}
	page("home")
	page("home")
	clock.Advance(61 * time.Second)
	page("home")
	if computed != 2 {
		log.Fatalf("computed %d times", computed)
	}
	fmt.Println("found again for a minute, and then made anew")
}
