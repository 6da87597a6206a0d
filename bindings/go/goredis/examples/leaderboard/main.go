// A leaderboard: a sorted set, with go-redis on the store in the process.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/redis/go-redis/v9"

	redislite "github.com/redislite/redislite/bindings/go"
	"github.com/redislite/redislite/bindings/go/goredis"
)

func main() {
	ctx := context.Background()
	db, err := redislite.Open("board")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	client := goredis.NewClient(db, nil)
	defer client.Close()

	for player, points := range map[string]float64{"ada": 3, "grace": 7, "edsger": 5} {
		if err := client.ZAdd(ctx, "board", redis.Z{Score: points, Member: player}).Err(); err != nil {
			log.Fatal(err)
		}
	}
	client.ZIncrBy(ctx, "board", 6, "ada")
	best, err := client.ZRevRangeWithScores(ctx, "board", 0, 1).Result()
	if err != nil {
		log.Fatal(err)
	}
	rank, err := client.ZRevRank(ctx, "board", "edsger").Result()
	if err != nil || rank != 2 || len(best) != 2 || best[0].Member != "ada" {
		log.Fatal(err, rank, best)
	}
	for i, place := range best {
		fmt.Printf("%d. %v with %v\n", i+1, place.Member, place.Score)
	}
}
