package redislite

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"sync"
	"syscall"
)

// logPipe carries the store's messages to a logger. C writes into it and never calls into Go, so that the fast calls
// may promise that they do not.
type logPipe struct {
	writeEnd int
	once     sync.Once
	done     chan struct{} // closed after the last message was logged
}

var logLevels = map[byte]slog.Level{'0': slog.LevelDebug, '1': slog.LevelInfo, '2': slog.LevelWarn, '3': slog.LevelError}

func startLogPipe(logger *slog.Logger) (*logPipe, error) {
	var ends [2]int
	if err := syscall.Pipe2(ends[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		return nil, os.NewSyscallError("pipe2", err)
	}
	pipe := &logPipe{writeEnd: ends[1], done: make(chan struct{})}
	reader := os.NewFile(uintptr(ends[0]), "redislite-log")
	go func() {
		defer close(pipe.done)
		defer reader.Close()
		lines := bufio.NewScanner(reader)
		for lines.Scan() {
			if line := lines.Bytes(); len(line) > 0 {
				logger.Log(context.Background(), logLevels[line[0]], string(line[1:]))
			}
		}
	}()
	return pipe, nil
}

// close is called when nobody writes any more; a nil pipe has nothing to close.
func (p *logPipe) close() {
	if p != nil {
		p.once.Do(func() { syscall.Close(p.writeEnd) })
		<-p.done
	}
}
