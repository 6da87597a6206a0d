package redislite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// Session is a connection's state: SELECT, MULTI and EXEC, WATCH, SUBSCRIBE, CLIENT and what blocks. It speaks RESP3.
// One goroutine at a time; a context that ends closes it when a reply is still owed.
type Session struct {
	conn   *Conn
	in     *bufio.Reader
	pushes []Reply // that came while a reply was waited for
}

// Session opens a session.
func (db *DB) Session() (*Session, error) {
	conn, err := db.Conn()
	if err != nil {
		return nil, err
	}
	s := &Session{conn: conn, in: bufio.NewReaderSize(conn, 4096)}
	if _, err := s.Do(context.Background(), "HELLO", "3"); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the session, and gives up what it waits for.
func (s *Session) Close() error { return s.conn.Close() }

// Do says one command and waits for its reply; an error reply is returned as an *Error. SUBSCRIBE and the like are
// answered by a push, which is the reply. Pushes that come meanwhile are kept for Receive.
func (s *Session) Do(ctx context.Context, args ...any) (Reply, error) {
	if err := s.send(args); err != nil {
		return Reply{}, err
	}
	confirms := isSubscription(args)
	for {
		reply, err := s.wait(ctx)
		if err != nil {
			// The reply that is owed would be taken for that of the next command.
			s.conn.Close()
			return Reply{}, err
		}
		if reply.Kind == Push && !(confirms && isConfirmation(reply)) {
			s.pushes = append(s.pushes, reply)
			continue
		}
		return reply, reply.Err()
	}
}

// Receive gives the next push: a message of a channel, a change of a subscription. It may be called again after its
// context has ended.
func (s *Session) Receive(ctx context.Context) (Reply, error) {
	if len(s.pushes) > 0 {
		push := s.pushes[0]
		s.pushes = s.pushes[1:]
		return push, nil
	}
	return s.wait(ctx)
}

func (s *Session) send(args []any) error {
	encoded, err := encodeArguments(args)
	if err != nil {
		return err
	}
	request := make([]byte, 0, len(encoded.bytes)+16*len(args)+16)
	request = append(strconv.AppendInt(append(request, '*'), int64(len(args)), 10), "\r\n"...)
	at := uint64(0)
	for _, length := range encoded.lengths {
		request = append(strconv.AppendUint(append(request, '$'), length, 10), "\r\n"...)
		request = append(append(request, encoded.bytes[at:at+length]...), "\r\n"...)
		at += length
	}
	_, err = s.conn.Write(request)
	return closedAs(err)
}

// wait reads one reply, until the context ends. Nothing of a reply is lost when it ends between two.
func (s *Session) wait(ctx context.Context) (Reply, error) {
	if err := ctx.Err(); err != nil {
		return Reply{}, context.Cause(ctx)
	}
	if ctx.Done() != nil {
		done := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			s.conn.SetReadDeadline(time.Unix(1, 0))
			close(done)
		})
		defer func() {
			if !stop() {
				<-done
				s.conn.SetReadDeadline(time.Time{})
			}
		}()
	}
	if _, err := s.in.Peek(1); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
			return Reply{}, context.Cause(ctx)
		}
		return Reply{}, closedAs(err)
	}
	reply, err := readReply(s.in)
	return reply, closedAs(err)
}

// closedAs makes ErrClosed of the errors of a connection that has ended.
func closedAs(err error) error {
	var own *Error
	if err == nil || errors.As(err, &own) || errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return &Error{Code: CodeClosed, Message: "the session is over: " + err.Error()}
}

func isSubscription(args []any) bool {
	if len(args) == 0 {
		return false
	}
	name := strings.ToLower(fmt.Sprintf("%s", args[0]))
	return strings.HasSuffix(name, "subscribe")
}

func isConfirmation(push Reply) bool {
	return len(push.Elements) > 0 && strings.HasSuffix(push.Elements[0].Text(), "subscribe")
}

// readReply reads one reply of RESP2 or RESP3.
func readReply(in *bufio.Reader) (Reply, error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return Reply{}, err
	}
	if len(line) < 3 {
		return Reply{}, malformed(line)
	}
	kind, text := line[0], string(line[1:len(line)-2])
	switch kind {
	case '+':
		return Reply{Kind: Status, Bytes: []byte(text)}, nil
	case '-':
		return errorReply(text), nil
	case '(':
		return Reply{Kind: BigNumber, Bytes: []byte(text)}, nil
	case '_':
		return Reply{}, nil
	case '#':
		return Reply{Kind: Boolean, Integer: map[string]int64{"t": 1}[text]}, nil
	case ',':
		number, err := strconv.ParseFloat(text, 64)
		return Reply{Kind: Double, Double: number}, err
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return Reply{}, malformed(line)
	}
	kinds := map[byte]Kind{'$': String, '=': Verbatim, '!': ErrorReply, '*': Array, '%': Map, '~': Set, '>': Push}
	switch kind {
	case ':':
		return Reply{Kind: Integer, Integer: number}, nil
	case '$', '=', '!':
		if number < 0 {
			return Reply{}, nil
		}
		bytes := make([]byte, number+2)
		if _, err := io.ReadFull(in, bytes); err != nil {
			return Reply{}, err
		}
		bytes = bytes[:number]
		if kind == '!' {
			return errorReply(string(bytes)), nil
		}
		if kind == '=' && len(bytes) >= 4 {
			bytes = bytes[4:]
		}
		return Reply{Kind: kinds[kind], Bytes: bytes}, nil
	case '*', '%', '~', '>':
		if number < 0 {
			return Reply{}, nil
		}
		if kind == '%' {
			number *= 2
		}
		reply := Reply{Kind: kinds[kind]}
		for range number {
			element, err := readReply(in)
			if err != nil {
				return Reply{}, err
			}
			reply.Elements = append(reply.Elements, element)
		}
		return reply, nil
	}
	return Reply{}, malformed(line)
}

// errorReply gives the code that the text stands for, as far as a text says.
func errorReply(text string) Reply {
	code := CodeCommand
	switch {
	case strings.HasPrefix(text, "WRONGTYPE"):
		code = CodeType
	case strings.HasPrefix(text, "OOM"):
		code = CodeMaxMemory
	case strings.HasPrefix(text, "READONLY"):
		code = CodeReadOnly
	case strings.HasPrefix(text, "MISCONF"):
		code = CodeIO
	}
	return Reply{Kind: ErrorReply, Bytes: []byte(text), Integer: int64(code)}
}

func malformed(line []byte) error { return fmt.Errorf("these bytes are no reply: %q", line) }
