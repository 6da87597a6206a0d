// A rate limiter: so many requests a window and client, counted in a key that ends with the window.
package main

import (
	"fmt"
	"log"
	"time"

	redislite "github.com/redislite/redislite/bindings/go"
)

type limiter struct {
	db     *redislite.DB
	most   int64
	window time.Duration
}

func (l limiter) allow(client string) (bool, error) {
	key := []byte("rate:" + client)
	// The first of a window makes the key; IncrBy keeps its expiry.
	err := l.db.SetWith(key, []byte("0"), redislite.SetOptions{OnlyNew: true, TTL: l.window})
	if err != nil && err != redislite.ErrCondition {
		return false, err
	}
	count, err := l.db.IncrBy(key, 1)
	return count <= l.most, err
}

func main() {
	clock := redislite.NewClock(time.Now())
	// What a limiter counts may be lost with the power: no wait for the device.
	db, err := redislite.Open("limits", redislite.With("appendfsync", "no"), redislite.WithClock(clock))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	limit := limiter{db, 10, time.Minute}
	for window := range 3 {
		allowed := 0
		for range 25 {
			yes, err := limit.allow("203.0.113.7")
			if err != nil {
				log.Fatal(err)
			}
			if yes {
				allowed++
			}
		}
		if allowed != 10 {
			log.Fatalf("window %d: %d were allowed", window, allowed)
		}
		clock.Advance(time.Minute)
	}
	fmt.Println("10 of 25 in each minute")
}
