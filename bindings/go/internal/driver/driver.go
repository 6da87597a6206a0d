// Package driver is the loop of the programs that tests/vectors/runner/driver_store.h drives.
package driver

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"time"

	redislite "github.com/redislite/redislite/bindings/go"
)

// Store is what carries the commands out.
type Store interface {
	Do(words []string) redislite.Reply
	Close() error
}

// Run serves until the input ends.
func Run(on func(*redislite.DB) (Store, error)) {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	var store Store
	var db *redislite.DB
	var clock *redislite.Clock
	for {
		words, err := readRequest(in)
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		reply := redislite.Reply{Kind: redislite.Status, Bytes: []byte("OK")}
		switch words[0] {
		case "open":
			clock = redislite.NewClock(at(words[2]))
			options := []redislite.Option{redislite.WithClock(clock)}
			for i := 3; i < len(words); i += 2 {
				options = append(options, redislite.With(words[i], words[i+1]))
			}
			if db, err = redislite.Open(words[1], options...); err == nil {
				store, err = on(db)
			}
		case "close":
			if err = store.Close(); err == nil {
				err = db.Close()
			}
		case "clock":
			clock.Set(at(words[1]))
		case "do":
			reply = store.Do(words[1:])
		}
		if err != nil {
			reply = Failure(err)
		}
		writeReply(out, reply)
		if err := out.Flush(); err != nil {
			log.Fatal(err)
		}
	}
}

// Failure is the error as a reply.
func Failure(err error) redislite.Reply {
	return redislite.Reply{Kind: redislite.ErrorReply, Bytes: []byte(err.Error())}
}

func at(ms string) time.Time {
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return time.UnixMilli(n)
}

func readLength(in *bufio.Reader) (int, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(line[1 : len(line)-2])
}

func readRequest(in *bufio.Reader) ([]string, error) {
	count, err := readLength(in)
	if err != nil {
		return nil, err
	}
	words := make([]string, count)
	for i := range words {
		length, err := readLength(in)
		if err != nil {
			return nil, err
		}
		word := make([]byte, length+2)
		if _, err := io.ReadFull(in, word); err != nil {
			return nil, err
		}
		words[i] = string(word[:length])
	}
	return words, nil
}

func writeReply(out *bufio.Writer, reply redislite.Reply) {
	switch reply.Kind {
	case redislite.Nil:
		out.WriteString("_\r\n")
	case redislite.Status:
		fmt.Fprintf(out, "+%s\r\n", reply.Bytes)
	case redislite.ErrorReply:
		fmt.Fprintf(out, "-%s\r\n", reply.Bytes)
	case redislite.BigNumber:
		fmt.Fprintf(out, "(%s\r\n", reply.Bytes)
	case redislite.Integer:
		fmt.Fprintf(out, ":%d\r\n", reply.Integer)
	case redislite.Double:
		fmt.Fprintf(out, ",%s\r\n", reply.Text())
	case redislite.Boolean:
		fmt.Fprintf(out, "#%c\r\n", "ft"[reply.Integer])
	case redislite.String:
		fmt.Fprintf(out, "$%d\r\n%s\r\n", len(reply.Bytes), reply.Bytes)
	case redislite.Verbatim:
		fmt.Fprintf(out, "=%d\r\ntxt:%s\r\n", len(reply.Bytes)+4, reply.Bytes)
	default:
		count := len(reply.Elements)
		if reply.Kind == redislite.Map {
			count /= 2
		}
		marks := map[redislite.Kind]byte{redislite.Array: '*', redislite.Map: '%', redislite.Set: '~', redislite.Push: '>'}
		fmt.Fprintf(out, "%c%d\r\n", marks[reply.Kind], count)
		for _, element := range reply.Elements {
			writeReply(out, element)
		}
	}
}
