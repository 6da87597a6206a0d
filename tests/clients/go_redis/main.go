// What go_redis_test.py runs of go-redis. Usage: client PORT
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func same[T comparable](found, wanted T) {
	if found != wanted {
		log.Fatalf("found %v, wanted %v", found, wanted)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, protocol := range []int{2, 3} {
		client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + os.Args[1], Protocol: protocol})
		must(client.FlushAll(ctx).Err())
		must(client.Set(ctx, "k", "v", time.Minute).Err())
		same(client.Get(ctx, "k").Val(), "v")
		same(errors.Is(client.Get(ctx, "missing").Err(), redis.Nil), true)
		same(client.HSet(ctx, "h", "a", 1, "b", 2).Val(), int64(2))
		same(client.HGetAll(ctx, "h").Val()["b"], "2")
		must(client.ZAdd(ctx, "z", redis.Z{Score: 2.5, Member: "m"}).Err())
		same(client.ZRangeWithScores(ctx, "z", 0, -1).Val()[0].Score, 2.5)
		same(strings.HasPrefix(client.LPush(ctx, "k", "x").Err().Error(), "WRONGTYPE"), true)

		replies, err := client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i := 0; i < 1000; i++ {
				pipe.Incr(ctx, "n")
			}
			return nil
		})
		must(err)
		same(replies[999].(*redis.IntCmd).Val(), int64(1000))
		err = client.Watch(ctx, func(tx *redis.Tx) error {
			must(client.Set(ctx, "n", "changed", 0).Err())
			_, err := tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error { return pipe.Set(ctx, "n", 1, 0).Err() })
			return err
		}, "n")
		same(errors.Is(err, redis.TxFailedErr), true)

		listener := client.Subscribe(ctx, "news")
		_, err = listener.Receive(ctx)
		must(err)
		same(client.Publish(ctx, "news", "hello").Val(), int64(1))
		message, err := listener.ReceiveMessage(ctx)
		must(err)
		same(message.Payload, "hello")
		must(listener.Close())

		popped := make(chan []string)
		go func() { popped <- client.BLPop(ctx, 30*time.Second, "queue").Val() }()
		must(client.RPush(ctx, "queue", "job").Err())
		same((<-popped)[1], "job")
		must(client.Close())
		fmt.Printf("go-redis, RESP%d: content\n", protocol)
	}
}
