// The vectors' driver of the binding itself: DB.Do.
package main

import (
	"errors"

	redislite "github.com/redislite/redislite/bindings/go"
	"github.com/redislite/redislite/bindings/go/internal/driver"
)

type store struct{ db *redislite.DB }

func (s store) Do(words []string) redislite.Reply {
	args := make([]any, len(words))
	for i, word := range words {
		args[i] = word
	}
	reply, err := s.db.Do(args...)
	var failed *redislite.Error
	if errors.As(err, &failed) {
		return driver.Failure(errors.New(failed.Message))
	}
	return reply
}

func (s store) Close() error { return nil }

func main() {
	driver.Run(func(db *redislite.DB) (driver.Store, error) { return store{db}, nil })
}
