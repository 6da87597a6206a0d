package redislite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func open(t *testing.T, options ...Option) *DB {
	t.Helper()
	db, err := Open(t.TempDir(), append([]Option{With("appendfsync", "no")}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%v is not %v", err, want)
	}
}

func TestWhatIsSetIsThereAgainAfterReopening(t *testing.T) {
	path := t.TempDir()
	db, err := Open(path)
	ok(t, err)
	ok(t, db.Set([]byte("a\x00b"), []byte("x\x00y")))
	ok(t, db.Set([]byte(""), nil))
	_, err = Open(path)
	is(t, err, ErrBusy)
	if !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Fatalf("%v does not name this process", err)
	}
	ok(t, db.Close())
	is(t, db.Close(), ErrClosed)
	db, err = Open(path, With("read-only", "yes"))
	ok(t, err)
	defer db.Close()
	value, err := db.Get([]byte("a\x00b"))
	ok(t, err)
	if string(value) != "x\x00y" {
		t.Fatalf("%q", value)
	}
	value, err = db.Get(nil)
	ok(t, err)
	if value == nil || len(value) != 0 {
		t.Fatalf("%v", value)
	}
	is(t, db.Set([]byte("k"), nil), ErrReadOnly)
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	_, err := Open(t.TempDir()+"/none", With("create", "no"))
	is(t, err, ErrNoStore)
	_, err = Open(Memory, With("colour", "red"))
	is(t, err, ErrInvalid)
	if !strings.Contains(err.Error(), "colour") {
		t.Fatal(err)
	}
	_, err = Open("a\x00b")
	is(t, err, ErrInvalid)
}

func TestEachCallSaysWhatHappened(t *testing.T) {
	clock := NewClock(time.UnixMilli(1_700_000_000_000))
	db := open(t, WithClock(clock))
	key := []byte("k")
	_, err := db.Get(key)
	is(t, err, ErrNotFound)
	_, err = db.TTL(key)
	is(t, err, ErrNotFound)
	is(t, db.SetWith(key, nil, SetOptions{OnlyExisting: true}), ErrCondition)
	ok(t, db.SetWith(key, []byte("1"), SetOptions{OnlyNew: true, TTL: time.Minute}))
	sum, err := db.IncrBy(key, 41)
	ok(t, err)
	ttl, err := db.TTL(key)
	ok(t, err)
	if sum != 42 || ttl != time.Minute {
		t.Fatal(sum, ttl)
	}
	clock.Advance(59 * time.Second)
	found, err := db.Persist(key)
	ok(t, err)
	clock.Advance(time.Hour)
	ttl, err = db.TTL(key)
	ok(t, err)
	if !found || ttl != NoExpiry {
		t.Fatal(found, ttl)
	}
	found, err = db.Expire(key, time.Microsecond)
	ok(t, err)
	if !found {
		t.Fatal("not found")
	}
	clock.Advance(time.Millisecond)
	if found, err = db.Exists(key); found || err != nil {
		t.Fatal(found, err)
	}
	_, err = db.Do("RPUSH", "list", "x")
	ok(t, err)
	_, err = db.Get([]byte("list"))
	is(t, err, ErrType)
	_, err = db.IncrBy([]byte("list"), 1)
	is(t, err, ErrType)
	if count, err := db.Count(); count != 1 || err != nil {
		t.Fatal(count, err)
	}
	if found, err = db.Del([]byte("list")); !found || err != nil {
		t.Fatal(found, err)
	}
	if found, err = db.Del([]byte("list")); found || err != nil {
		t.Fatal(found, err)
	}
}

func TestGetIntoAppendsAndAllocatesNothing(t *testing.T) {
	db := open(t)
	for _, size := range []int{0, 1, smallValue, smallValue + 1, 100_000} {
		value := bytes.Repeat([]byte("v"), size)
		ok(t, db.Set([]byte("k"), value))
		got, err := db.Get([]byte("k"))
		ok(t, err)
		into, err := db.GetInto([]byte("k"), []byte("before:"))
		ok(t, err)
		if !bytes.Equal(got, value) || string(into) != "before:"+string(value) {
			t.Fatal(size)
		}
	}
	key, buffer := []byte("k"), make([]byte, 0, 100_000)
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := db.GetInto(key, buffer); err != nil {
			t.Error(err)
		}
	})
	if allocations != 0 {
		t.Fatal(allocations)
	}
}

func TestRepliesHaveTheirTypes(t *testing.T) {
	db := open(t)
	reply, err := db.Do("HSET", "h", "a", 1, "b", 2.5)
	ok(t, err)
	if reply.Kind != Integer || reply.Integer != 2 {
		t.Fatal(reply)
	}
	reply, err = db.Do("HGETALL", []byte("h"))
	ok(t, err)
	if reply.Kind != Map || strings.Join(reply.Strings(), " ") != "a 1 b 2.5" {
		t.Fatal(reply.Strings())
	}
	reply, err = db.Do("GET", "none")
	ok(t, err)
	if reply.Kind != Nil {
		t.Fatal(reply)
	}
	_, err = db.Do("ZADD", "z", 1.5, "m")
	ok(t, err)
	reply, err = db.Do("ZSCORE", "z", "m")
	ok(t, err)
	if reply.Kind != Double || reply.Double != 1.5 {
		t.Fatal(reply)
	}
	_, err = db.Do("GET", "h")
	is(t, err, ErrType)
	if err.Error() != "redislite: WRONGTYPE Operation against a key holding the wrong kind of value" {
		t.Fatal(err)
	}
	_, err = db.Do("NOSUCH")
	is(t, err, ErrCommand)
	_, err = db.Do()
	is(t, err, ErrInvalid)
	_, err = db.Do("GET", struct{}{})
	is(t, err, ErrInvalid)
	many := []any{"SADD", "s"}
	for i := range 1000 {
		many = append(many, i)
	}
	reply, err = db.Do(many...)
	ok(t, err)
	if reply.Integer != 1000 {
		t.Fatal(reply)
	}
}

func TestABatchIsDoneAsAWhole(t *testing.T) {
	db := open(t)
	replies, err := db.Atomically(func(b *Batch) error {
		ok(t, b.Add("SET", "a", "x"))
		is(t, b.Add("GET"), ErrCommand)
		return b.Add("INCR", "a")
	})
	ok(t, err)
	if len(replies) != 2 || replies[0].Text() != "OK" || !errors.Is(replies[1].Err(), ErrValue) {
		t.Fatal(replies)
	}
	_, err = db.Atomically(func(b *Batch) error {
		ok(t, b.Add("SET", "never", "x"))
		return io.ErrUnexpectedEOF
	})
	is(t, err, io.ErrUnexpectedEOF)
	_, err = db.Get([]byte("never"))
	is(t, err, ErrNotFound)
}

func TestIteratorsGiveEverythingOnceAndStopWhenAsked(t *testing.T) {
	db := open(t)
	want := map[string]bool{}
	for i := range 1000 {
		name := fmt.Sprintf("u:%d", i)
		want[name] = true
		ok(t, db.Set([]byte(name), nil))
		_, err := db.Do("HSET", "hash", name, i)
		ok(t, err)
		_, err = db.Do("SADD", "set", name)
		ok(t, err)
		_, err = db.Do("ZADD", "zset", i, name)
		ok(t, err)
	}
	keys, members := map[string]bool{}, map[string]bool{}
	for key, err := range db.Keys(ScanOptions{Match: "u:*", Type: "string", Count: 10}) {
		ok(t, err)
		keys[string(key)] = true
	}
	for member, err := range db.Members([]byte("set"), "") {
		ok(t, err)
		members[string(member)] = true
	}
	if len(keys) != 1000 || len(members) != 1000 {
		t.Fatal(len(keys), len(members))
	}
	for _, each := range []func([]byte, string) func(func(Pair, error) bool){
		func(k []byte, m string) func(func(Pair, error) bool) { return db.Fields([]byte("hash"), m) },
		func(k []byte, m string) func(func(Pair, error) bool) { return db.Scores([]byte("zset"), m) },
	} {
		seen := map[string]bool{}
		for pair, err := range each(nil, "") {
			ok(t, err)
			if string(pair.Name) != "u:"+string(pair.Value) {
				t.Fatalf("%q %q", pair.Name, pair.Value)
			}
			seen[string(pair.Name)] = true
		}
		if len(seen) != 1000 {
			t.Fatal(len(seen))
		}
	}
	count := 0
	for range db.Keys(ScanOptions{}) {
		if count++; count == 3 {
			break
		}
	}
	for _, err := range db.Members([]byte("hash"), "") {
		is(t, err, ErrType)
	}
}

func TestASessionHasTransactionsAndMessages(t *testing.T) {
	db := open(t)
	ctx := context.Background()
	a, err := db.Session()
	ok(t, err)
	defer a.Close()
	b, err := db.Session()
	ok(t, err)
	defer b.Close()
	_, err = a.Do(ctx, "WATCH", "k")
	ok(t, err)
	_, err = b.Do(ctx, "SET", "k", "theirs")
	ok(t, err)
	_, err = a.Do(ctx, "MULTI")
	ok(t, err)
	_, err = a.Do(ctx, "SET", "k", "mine")
	ok(t, err)
	reply, err := a.Do(ctx, "EXEC")
	ok(t, err)
	if reply.Kind != Nil {
		t.Fatal(reply)
	}
	reply, err = a.Do(ctx, "SUBSCRIBE", "news")
	ok(t, err)
	if reply.Kind != Push {
		t.Fatal(reply)
	}
	_, err = db.Do("PUBLISH", "news", "first")
	ok(t, err)
	_, err = b.Do(ctx, "PUBLISH", "news", "second")
	ok(t, err)
	for _, want := range []string{"first", "second"} {
		push, err := a.Receive(ctx)
		ok(t, err)
		if strings.Join(push.Strings(), " ") != "message news "+want {
			t.Fatal(push.Strings())
		}
	}
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	_, err = a.Receive(short)
	is(t, err, context.DeadlineExceeded)
	_, err = b.Do(ctx, "PUBLISH", "news", "third")
	ok(t, err)
	push, err := a.Receive(ctx)
	ok(t, err)
	if push.Elements[2].Text() != "third" {
		t.Fatal(push)
	}
}

func TestABlockingCommandEndsWithItsContextAndWithTheStore(t *testing.T) {
	db := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	waiting := make(chan error)
	go func() {
		_, err := db.DoContext(ctx, "BLPOP", "queue", 0)
		waiting <- err
	}()
	waitFor(t, db, "blocked_clients:1")
	cancel()
	is(t, <-waiting, context.Canceled)
	go func() {
		reply, err := db.DoContext(context.Background(), "BLPOP", "queue", 0)
		if err == nil && reply.Elements[1].Text() != "job" {
			err = fmt.Errorf("%v", reply)
		}
		waiting <- err
	}()
	waitFor(t, db, "blocked_clients:1")
	_, err := db.Do("RPUSH", "queue", "job")
	ok(t, err)
	ok(t, <-waiting)
	go func() {
		_, err := db.DoContext(context.Background(), "BLPOP", "queue", 0)
		waiting <- err
	}()
	waitFor(t, db, "blocked_clients:1")
	ok(t, db.Close())
	is(t, <-waiting, ErrClosed)
}

// waitFor waits until INFO says it.
func waitFor(t *testing.T, db *DB, line string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
		info, err := db.Info("clients")
		ok(t, err)
		if strings.Contains(info, line) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("INFO never said %s: %s", line, info)
		}
	}
}

func TestACopyIsAStoreAndACancelledOneIsNothing(t *testing.T) {
	db := open(t)
	for i := range 3000 {
		ok(t, db.Set(fmt.Append(nil, i), bytes.Repeat([]byte("x"), 100)))
	}
	ok(t, db.Snapshot())
	ok(t, db.Sync())
	path := t.TempDir() + "/copy"
	var last, total uint64
	ok(t, db.Backup(context.Background(), path, func(d, n uint64) { last, total = d, n }))
	if last != 3000 || total < last {
		t.Fatal(last, total)
	}
	report, err := Check(path)
	ok(t, err)
	if !strings.Contains(report, `"ok"`) {
		t.Fatal(report)
	}
	copied, err := Open(path)
	ok(t, err)
	defer copied.Close()
	if count, err := copied.Count(); count != 3000 || err != nil {
		t.Fatal(count, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = db.Backup(ctx, path+"2", func(uint64, uint64) { cancel() })
	is(t, err, context.Canceled)
	_, err = Check(path + "2")
	is(t, err, ErrNoStore)
	is(t, db.Backup(context.Background(), path, nil), ErrInvalid)
}

func TestMessagesComeToTheLogger(t *testing.T) {
	var text bytes.Buffer
	path := t.TempDir()
	db, err := Open(path)
	ok(t, err)
	ok(t, db.Set([]byte("k"), []byte("v")))
	ok(t, db.Close())
	files, err := os.ReadDir(path)
	ok(t, err)
	for _, file := range files {
		// Damage: a salvage has something to report.
		if info, err := file.Info(); err == nil && info.Size() > 0 {
			data, err := os.ReadFile(path + "/" + file.Name())
			ok(t, err)
			data[len(data)-1] ^= 1
			ok(t, os.WriteFile(path+"/"+file.Name(), data, 0o600))
		}
	}
	_, err = Open(path)
	is(t, err, ErrCorrupt)
	db, err = Open(path, With("recovery", "salvage"), WithLogger(slog.New(slog.NewTextHandler(&text, nil))))
	ok(t, err)
	ok(t, db.Close())
	if !strings.Contains(text.String(), "level=WARN") && !strings.Contains(text.String(), "level=ERROR") {
		t.Fatal(text.String())
	}
}

func TestManyGoroutinesMayUseAStoreThatIsClosed(t *testing.T) {
	db := open(t)
	var all sync.WaitGroup
	for g := range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			key := fmt.Append(nil, g)
			for i := 0; ; i++ {
				if i == 200 && g == 0 {
					db.Close()
				}
				err := db.Set(key, key)
				if err == nil {
					_, err = db.Do("GET", key)
				}
				if err != nil {
					if !errors.Is(err, ErrClosed) {
						t.Error(err)
					}
					return
				}
			}
		}()
	}
	all.Wait()
}

func TestWhatIsForgottenIsReleased(t *testing.T) {
	path := t.TempDir()
	func() {
		db, err := Open(path)
		ok(t, err)
		_, err = db.NewBatch()
		ok(t, err)
		_, err = db.Conn()
		ok(t, err)
	}()
	for end := time.Now().Add(20 * time.Second); ; runtime.GC() {
		db, err := Open(path)
		if err == nil {
			ok(t, db.Close())
			return
		}
		is(t, err, ErrBusy)
		if time.Now().After(end) {
			t.Fatal("the store that was forgotten is still open")
		}
	}
}

func BenchmarkSet(b *testing.B) {
	db, err := Open(Memory)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	key, value := []byte("key"), bytes.Repeat([]byte("v"), 100)
	for b.Loop() {
		db.Set(key, value)
	}
}

func BenchmarkGetInto(b *testing.B) {
	db, err := Open(Memory)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	key := []byte("key")
	db.Set(key, bytes.Repeat([]byte("v"), 100))
	buffer := make([]byte, 0, 128)
	for b.Loop() {
		buffer, _ = db.GetInto(key, buffer[:0])
	}
}

// The bare call into C, for comparison.
func BenchmarkVersion(b *testing.B) {
	for b.Loop() {
		bareCall()
	}
}
