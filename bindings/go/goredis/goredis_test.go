package goredis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	redislite "github.com/redislite/redislite/bindings/go"
)

var ctx = context.Background()

// both runs the test with a client of each protocol.
func both(t *testing.T, test func(t *testing.T, client *redis.Client)) {
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			db, err := redislite.Open(t.TempDir())
			ok(t, err)
			client := NewClient(db, &redis.Options{Protocol: protocol})
			defer db.Close()
			defer client.Close()
			test(t, client)
		})
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCommandsAnswerAsAServerWould(t *testing.T) {
	both(t, func(t *testing.T, client *redis.Client) {
		ok(t, client.Set(ctx, "key", "value", 0).Err())
		value, err := client.Get(ctx, "key").Result()
		ok(t, err)
		if value != "value" {
			t.Fatal(value)
		}
		if err := client.Get(ctx, "none").Err(); !errors.Is(err, redis.Nil) {
			t.Fatal(err)
		}
		ok(t, client.HSet(ctx, "h", map[string]any{"a": 1, "b": "two"}).Err())
		hash, err := client.HGetAll(ctx, "h").Result()
		ok(t, err)
		if hash["a"] != "1" || hash["b"] != "two" {
			t.Fatal(hash)
		}
		ok(t, client.ZAdd(ctx, "z", redis.Z{Score: 1.5, Member: "x"}, redis.Z{Score: 2, Member: "y"}).Err())
		board, err := client.ZRevRangeWithScores(ctx, "z", 0, -1).Result()
		ok(t, err)
		if len(board) != 2 || board[1].Score != 1.5 || board[1].Member != "x" {
			t.Fatal(board)
		}
		big := string(make([]byte, 5_000_000))
		ok(t, client.Set(ctx, "big", big, 0).Err())
		if got, err := client.Get(ctx, "big").Result(); err != nil || got != big {
			t.Fatal(err, len(got))
		}
	})
}

func TestAPipelineAnswersInItsOrder(t *testing.T) {
	both(t, func(t *testing.T, client *redis.Client) {
		commands, err := client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for range 1000 {
				pipe.Incr(ctx, "n")
			}
			return nil
		})
		ok(t, err)
		for i, command := range commands {
			if command.(*redis.IntCmd).Val() != int64(i+1) {
				t.Fatal(i, command)
			}
		}
		_, err = client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Set(ctx, "a", 1, 0)
			pipe.Set(ctx, "b", 2, 0)
			return nil
		})
		ok(t, err)
	})
}

func TestAWatchedKeyThatChangedFailsTheTransaction(t *testing.T) {
	both(t, func(t *testing.T, client *redis.Client) {
		touched := false
		raise := func(tx *redis.Tx) error {
			n, err := tx.Get(ctx, "n").Int()
			if err != nil && !errors.Is(err, redis.Nil) {
				return err
			}
			if !touched {
				touched = true
				ok(t, client.Set(ctx, "n", 10, 0).Err())
			}
			_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
				pipe.Set(ctx, "n", n+1, 0)
				return nil
			})
			return err
		}
		if err := client.Watch(ctx, raise, "n"); !errors.Is(err, redis.TxFailedErr) {
			t.Fatal(err)
		}
		ok(t, client.Watch(ctx, raise, "n"))
		if n, err := client.Get(ctx, "n").Int(); n != 11 || err != nil {
			t.Fatal(n, err)
		}
	})
}

func TestMessagesComeToWhoSubscribed(t *testing.T) {
	both(t, func(t *testing.T, client *redis.Client) {
		subscription := client.PSubscribe(ctx, "news.*")
		defer subscription.Close()
		_, err := subscription.Receive(ctx)
		ok(t, err)
		messages := subscription.Channel()
		for i := range 100 {
			ok(t, client.Publish(ctx, "news.today", i).Err())
		}
		for i := range 100 {
			message := <-messages
			if message.Payload != fmt.Sprint(i) || message.Channel != "news.today" {
				t.Fatal(i, message)
			}
		}
	})
}

func TestABlockingPopWaitsForItsElementOrItsTimeout(t *testing.T) {
	both(t, func(t *testing.T, client *redis.Client) {
		popped := make(chan []string)
		go func() {
			element, err := client.BLPop(ctx, 0, "queue").Result()
			if err != nil {
				t.Error(err)
			}
			popped <- element
		}()
		ok(t, client.RPush(ctx, "queue", "job").Err())
		if element := <-popped; !slices.Equal(element, []string{"queue", "job"}) {
			t.Fatal(element)
		}
		if err := client.BLPop(ctx, time.Second, "queue").Err(); !errors.Is(err, redis.Nil) {
			t.Fatal(err)
		}
		ok(t, client.Ping(ctx).Err())
	})
}

func TestManyGoroutinesShareAClient(t *testing.T) {
	both(t, func(t *testing.T, client *redis.Client) {
		var all sync.WaitGroup
		for range 20 {
			all.Add(1)
			go func() {
				defer all.Done()
				for range 50 {
					if err := client.Incr(ctx, "n").Err(); err != nil {
						t.Error(err)
					}
				}
			}()
		}
		all.Wait()
		if n, err := client.Get(ctx, "n").Int(); n != 1000 || err != nil {
			t.Fatal(n, err)
		}
	})
}

func TestAClientOfAClosedStoreSaysSo(t *testing.T) {
	db, err := redislite.Open(redislite.Memory)
	ok(t, err)
	client := NewClient(db, &redis.Options{MaxRetries: -1})
	defer client.Close()
	ok(t, client.Ping(ctx).Err())
	ok(t, db.Close())
	if err := client.Ping(ctx).Err(); err == nil {
		t.Fatal("no error")
	}
}
