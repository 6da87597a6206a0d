// Package goredis makes a go-redis client of a store in the process: no server, no socket, no port.
//
//	db, err := redislite.Open("data")
//	client := goredis.NewClient(db, nil) // a *redis.Client like any other
//	defer db.Close()                     // after the client's Close
//	defer client.Close()
//	err = client.Set(ctx, "name", "Ada", 0).Err()
//
// Everything that go-redis has works on it: pipelines, transactions, WATCH, pub/sub, blocking commands, hooks, RESP2
// and RESP3, and what others build on a *redis.Client.
package goredis

import (
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	redislite "github.com/redislite/redislite/bindings/go"
)

// Options gives a copy of go-redis' options (nil: the defaults) whose connections are the store's. It is for what
// makes its own client of options; what speaks of addresses, TLS and maintenance of a server means nothing.
func Options(db *redislite.DB, options *redis.Options) *redis.Options {
	var own redis.Options
	if options != nil {
		own = *options
	}
	own.Dialer = db.Dial
	own.Addr = db.Path()
	own.TLSConfig = nil
	own.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &own
}

// NewClient makes a client whose server is the store. Closing the client leaves the store open.
func NewClient(db *redislite.DB, options *redis.Options) *redis.Client {
	return redis.NewClient(Options(db, options))
}
