// What tests/bindings/programs/README.md asks of a tester, in Go.
//
// Usage: programs PROGRAM DIRECTORY FIRST
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	redislite "github.com/redislite/redislite/bindings/go"
)

const (
	stackDepth  = 16
	pushedBytes = 100
)

type program struct {
	StartMS int64             `json:"start_ms"`
	Options map[string]string `json:"options"`
	Steps   [][]any           `json:"steps"`
}

// answer is what a step replied: its line, and what the stack gets.
type answer struct {
	text   string
	pushed []byte
}

func quoted(data []byte) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, b := range data {
		if b < 0x20 || b > 0x7e || b == '"' || b == '\\' {
			fmt.Fprintf(&out, `\x%02x`, b)
		} else {
			out.WriteByte(b)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func text(line string) answer     { return answer{line, []byte(line)} }
func str(data []byte) answer      { return answer{quoted(data), data} }
func integer(n int64) answer      { return answer{fmt.Sprintf(":%d", n), strconv.AppendInt(nil, n, 10)} }
func array(parts []string) answer { return text("[" + strings.Join(parts, " ") + "]") }
func ok() answer                  { return answer{`+"OK"`, []byte("OK")} }

func yes(is bool) answer {
	if is {
		return integer(1)
	}
	return integer(0)
}

func sorted(parts []string) []string {
	sort.Strings(parts)
	return parts
}

func texts(elements []redislite.Reply) []string {
	out := make([]string, len(elements))
	for i, element := range elements {
		out[i] = fromReply(element).text
	}
	return out
}

func fromReply(reply redislite.Reply) answer {
	switch reply.Kind {
	case redislite.Nil:
		return text("nil")
	case redislite.Status:
		return answer{"+" + quoted(reply.Bytes), reply.Bytes}
	case redislite.ErrorReply:
		return fromError(reply.Err(), true)
	case redislite.Integer:
		return integer(reply.Integer)
	case redislite.String:
		return str(reply.Bytes)
	case redislite.Double:
		return text(fmt.Sprintf(",%016x", math.Float64bits(reply.Double)))
	case redislite.Boolean:
		return text("#" + "ft"[reply.Integer:reply.Integer+1])
	case redislite.Array:
		return array(texts(reply.Elements))
	case redislite.Set:
		return text("~[" + strings.Join(sorted(texts(reply.Elements)), " ") + "]")
	case redislite.Map:
		elements := texts(reply.Elements)
		var pairs []string
		for i := 0; i+1 < len(elements); i += 2 {
			pairs = append(pairs, elements[i]+" "+elements[i+1])
		}
		return text("{" + strings.Join(sorted(pairs), ", ") + "}")
	}
	log.Fatalf("a reply of kind %d", reply.Kind)
	return answer{}
}

// code is the number that a failed call returned.
func code(err error) int64 {
	var failed *redislite.Error
	if !errors.As(err, &failed) {
		log.Fatal(err)
	}
	return int64(failed.Code)
}

func fromError(err error, withText bool) answer {
	line := fmt.Sprintf("!%d", code(err))
	if withText {
		var failed *redislite.Error
		errors.As(err, &failed)
		line += " " + quoted([]byte(failed.Message))
	}
	return text(line)
}

type machine struct {
	program
	directory string
	clock     *redislite.Clock
	db        *redislite.DB
	stack     [][]byte
}

func newMachine(p program, directory string, first int) *machine {
	now := p.StartMS
	for _, step := range p.Steps[:first] {
		if step[0] == "clock" {
			now += number([]byte(step[1].(string)))
		}
	}
	m := &machine{program: p, directory: directory, clock: redislite.NewClock(time.UnixMilli(now))}
	m.open()
	return m
}

func (m *machine) open() {
	options := []redislite.Option{redislite.WithClock(m.clock)}
	for name, value := range m.Options {
		options = append(options, redislite.With(name, value))
	}
	var err error
	if m.db, err = redislite.Open(m.directory, options...); err != nil {
		log.Fatal(err)
	}
}

func (m *machine) operand(operand any) []byte {
	switch value := operand.(type) {
	case string:
		var out []byte
		for _, character := range value {
			if character > 0xff {
				log.Fatal("a character above U+00FF")
			}
			out = append(out, byte(character))
		}
		return out
	case float64:
		if depth := int(value); depth < len(m.stack) {
			return m.stack[len(m.stack)-1-depth]
		}
		return nil
	}
	log.Fatalf("an operand of type %T", operand)
	return nil
}

func (m *machine) words(operands []any) []any {
	out := make([]any, len(operands))
	for i, operand := range operands {
		out[i] = m.operand(operand)
	}
	return out
}

func number(digits []byte) int64 {
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return n
}

func milliseconds(digits []byte) time.Duration {
	return time.Duration(number(digits)) * time.Millisecond
}

func (m *machine) run(step []any) string {
	name := step[0].(string)
	var reply answer
	if name == "batch" {
		reply = m.batch(step[1:])
	} else {
		var err error
		if reply, err = m.do(name, m.words(step[1:])); err != nil {
			reply = fromError(err, name == "command" || name == "sorted")
		}
	}
	pushed := reply.pushed
	if name != "push" && name != "concat" && name != "repeat" && len(pushed) > pushedBytes {
		pushed = pushed[:pushedBytes]
	}
	// A copy: that of a reply may be a piece of a buffer.
	m.stack = append(m.stack, append([]byte(nil), pushed...))
	if len(m.stack) > stackDepth {
		m.stack = m.stack[1:]
	}
	return reply.text
}

func (m *machine) batch(commands []any) answer {
	batch, err := m.db.NewBatch()
	if err != nil {
		log.Fatal(err)
	}
	defer batch.Close()
	added := make([]string, len(commands))
	for i, command := range commands {
		added[i] = ":0"
		if err := batch.Add(m.words(command.([]any))...); err != nil {
			added[i] = fmt.Sprintf(":%d", code(err))
		}
	}
	var committed answer
	if replies, err := batch.Commit(); err != nil {
		committed = fromError(err, false)
	} else {
		committed = array(texts(replies))
	}
	return array([]string{array(added).text, committed.text})
}

func (m *machine) setWith(key, value, ttl, how []byte) (answer, error) {
	options := redislite.SetOptions{TTL: milliseconds(ttl)}
	switch string(how) {
	case "NX":
		options.OnlyNew = true
	case "XX":
		options.OnlyExisting = true
	case "KEEPTTL":
		options.KeepTTL = true
	}
	err := m.db.SetWith(key, value, options)
	if errors.Is(err, redislite.ErrCondition) {
		return text("nil"), nil
	}
	return ok(), err
}

func (m *machine) get(key []byte) (answer, error) {
	value, err := m.db.Get(key)
	if redislite.IsNotFound(err) {
		return text("nil"), nil
	}
	return str(value), err
}

func (m *machine) ttl(key []byte) (answer, error) {
	ttl, err := m.db.TTL(key)
	switch {
	case redislite.IsNotFound(err):
		return integer(-2), nil
	case ttl == redislite.NoExpiry:
		return integer(-1), err
	}
	return integer(ttl.Milliseconds()), err
}

func (m *machine) scan(pattern []byte) (answer, error) {
	var keys []string
	for key, err := range m.db.Keys(redislite.ScanOptions{Match: string(pattern)}) {
		if err != nil {
			return answer{}, err
		}
		keys = append(keys, quoted(key))
	}
	return array(sorted(keys)), nil
}

func (m *machine) command(words []any, withoutOrder bool) (answer, error) {
	reply, err := m.db.Do(words...)
	if err != nil {
		return answer{}, err
	}
	if withoutOrder && reply.Kind == redislite.Array {
		return array(sorted(texts(reply.Elements))), nil
	}
	return fromReply(reply), nil
}

func (m *machine) do(name string, words []any) (answer, error) {
	operand := func(i int) []byte { return words[i].([]byte) }
	switch name {
	case "push":
		return str(operand(0)), nil
	case "concat":
		return str(append(append([]byte(nil), operand(0)...), operand(1)...)), nil
	case "repeat":
		return str([]byte(strings.Repeat(string(operand(0)), int(number(operand(1)))))), nil
	case "set":
		return ok(), m.db.Set(operand(0), operand(1))
	case "set_with":
		return m.setWith(operand(0), operand(1), operand(2), operand(3))
	case "get":
		return m.get(operand(0))
	case "del":
		found, err := m.db.Del(operand(0))
		return yes(found), err
	case "exists":
		found, err := m.db.Exists(operand(0))
		return yes(found), err
	case "incr_by":
		sum, err := m.db.IncrBy(operand(0), number(operand(1)))
		return integer(sum), err
	case "expire":
		found, err := m.db.Expire(operand(0), milliseconds(operand(1)))
		return yes(found), err
	case "persist":
		_, err := m.db.Persist(operand(0))
		return ok(), err
	case "ttl":
		return m.ttl(operand(0))
	case "count":
		keys, err := m.db.Count()
		return integer(int64(keys)), err
	case "scan":
		return m.scan(operand(0))
	case "command", "sorted":
		return m.command(words, name == "sorted")
	case "clock":
		m.clock.Advance(milliseconds(operand(0)))
		return integer(m.clock.Now().UnixMilli()), nil
	case "sync":
		return ok(), m.db.Sync()
	case "snapshot":
		return ok(), m.db.Snapshot()
	case "reopen":
		if err := m.db.Close(); err != nil {
			return answer{}, err
		}
		m.open()
		return ok(), nil
	case "kill":
		return ok(), nil
	}
	log.Fatalf("no step %q", name)
	return answer{}, nil
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var p program
	if err := json.Unmarshal(data, &p); err != nil {
		log.Fatal(err)
	}
	first := int(number([]byte(os.Args[3])))
	m := newMachine(p, os.Args[2], first)
	out := bufio.NewWriter(os.Stdout)
	for i, step := range p.Steps[first:] {
		fmt.Fprintf(out, "%d %s\n", first+i, m.run(step))
		if step[0] == "kill" {
			out.Flush()
			io.Copy(io.Discard, os.Stdin)
			log.Fatal("nobody has killed it")
		}
	}
	if err := m.db.Close(); err != nil {
		log.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}
