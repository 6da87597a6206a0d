// The vectors' driver of go-redis on a store. Its first argument is the protocol: 2 or 3.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"

	"github.com/redis/go-redis/v9"

	redislite "github.com/redislite/redislite/bindings/go"
	"github.com/redislite/redislite/bindings/go/goredis"
	"github.com/redislite/redislite/bindings/go/internal/driver"
)

type store struct{ client *redis.Client }

func (s store) Do(words []string) redislite.Reply {
	args := make([]any, len(words))
	for i, word := range words {
		args[i] = word
	}
	value, err := s.client.Do(context.Background(), args...).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return driver.Failure(err)
	}
	return reply(value)
}

func (s store) Close() error { return s.client.Close() }

// reply is go-redis' value as a reply; a status comes as a string.
func reply(value any) redislite.Reply {
	switch v := value.(type) {
	case nil:
		return redislite.Reply{}
	case error:
		return driver.Failure(v)
	case string:
		return redislite.Reply{Kind: redislite.String, Bytes: []byte(v)}
	case int64:
		return redislite.Reply{Kind: redislite.Integer, Integer: v}
	case float64:
		return redislite.Reply{Kind: redislite.Double, Double: v}
	case bool:
		out := redislite.Reply{Kind: redislite.Boolean}
		if v {
			out.Integer = 1
		}
		return out
	case *big.Int:
		return redislite.Reply{Kind: redislite.BigNumber, Bytes: []byte(v.String())}
	case []any:
		out := redislite.Reply{Kind: redislite.Array}
		for _, element := range v {
			out.Elements = append(out.Elements, reply(element))
		}
		return out
	case map[any]any:
		out := redislite.Reply{Kind: redislite.Map}
		for key, element := range v {
			out.Elements = append(out.Elements, reply(key), reply(element))
		}
		return out
	}
	return driver.Failure(fmt.Errorf("go-redis gives a %T", value))
}

func main() {
	options := &redis.Options{Protocol: 3, PoolSize: 1, MaxRetries: -1}
	if len(os.Args) > 1 && os.Args[1] == "2" {
		options.Protocol = 2
	}
	driver.Run(func(db *redislite.DB) (driver.Store, error) { return store{goredis.NewClient(db, options)}, nil })
}
