package redislite

// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"errors"
	"unsafe"
)

// Code is a result code of the library; the numbers are those of redislite.h and never change.
type Code int

const (
	codeOK        Code = C.RL_OK
	CodeNoKey     Code = C.RL_NOT_FOUND
	CodeCondition Code = C.RL_CONDITION
	CodeInvalid   Code = C.RL_ERR_INVALID
	CodeType      Code = C.RL_ERR_TYPE
	CodeValue     Code = C.RL_ERR_VALUE
	CodeCommand   Code = C.RL_ERR_COMMAND
	CodeIO        Code = C.RL_ERR_IO
	CodeFull      Code = C.RL_ERR_FULL
	CodeNoMemory  Code = C.RL_ERR_NOMEM
	CodeMaxMemory Code = C.RL_ERR_MAXMEMORY
	CodeBusy      Code = C.RL_ERR_BUSY
	CodeCorrupt   Code = C.RL_ERR_CORRUPT
	CodeVersion   Code = C.RL_ERR_VERSION
	CodeClosed    Code = C.RL_ERR_CLOSED
	CodeForked    Code = C.RL_ERR_FORKED
	CodeReadOnly  Code = C.RL_ERR_READONLY
	CodeLimit     Code = C.RL_ERR_LIMIT
	CodeNoStore   Code = C.RL_ERR_NOT_FOUND
)

// String says what the code means.
func (c Code) String() string { return C.GoString(C.rl_strerror(C.int(c))) }

// Error is what every failed call returns. errors.Is compares only the code: errors.Is(err, redislite.ErrBusy).
type Error struct {
	Code    Code
	Message string // for a person: names the file, the option, the process; of an error reply, Redis' text
}

func (e *Error) Error() string {
	if e.Message == "" {
		return "redislite: " + e.Code.String()
	}
	return "redislite: " + e.Message
}

// Is makes errors.Is compare codes.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// For errors.Is. ErrNotFound is what Get and the like return when there is no such key.
var (
	ErrNotFound  = &Error{Code: CodeNoKey, Message: "no such key"}
	ErrCondition = &Error{Code: CodeCondition, Message: "the condition does not hold; nothing was written"}
	ErrInvalid   = &Error{Code: CodeInvalid}
	ErrType      = &Error{Code: CodeType}
	ErrValue     = &Error{Code: CodeValue}
	ErrCommand   = &Error{Code: CodeCommand}
	ErrIO        = &Error{Code: CodeIO}
	ErrFull      = &Error{Code: CodeFull}
	ErrNoMemory  = &Error{Code: CodeNoMemory}
	ErrMaxMemory = &Error{Code: CodeMaxMemory}
	ErrBusy      = &Error{Code: CodeBusy}
	ErrCorrupt   = &Error{Code: CodeCorrupt}
	ErrVersion   = &Error{Code: CodeVersion}
	ErrClosed    = &Error{Code: CodeClosed, Message: "the store is closed"}
	ErrForked    = &Error{Code: CodeForked}
	ErrReadOnly  = &Error{Code: CodeReadOnly}
	ErrLimit     = &Error{Code: CodeLimit}
	ErrNoStore   = &Error{Code: CodeNoStore}
)

// fail makes the error of a call on the handle that returned the code; nil for RL_OK. The outcomes that are ordinary
// allocate nothing.
func fail(db *C.rl_db, code C.int) error {
	switch Code(code) {
	case codeOK:
		return nil
	case CodeNoKey:
		return ErrNotFound
	case CodeCondition:
		return ErrCondition
	case CodeClosed:
		return ErrClosed
	}
	var text [1024]C.char
	length := C.rl_errmsg(db, &text[0], C.size_t(len(text)))
	if db == nil || length == 0 {
		return &Error{Code: Code(code)}
	}
	return &Error{Code: Code(code), Message: C.GoString(&text[0])}
}

// failOpen takes the message, which C allocated.
func failOpen(code C.int, message *C.char) error {
	err := &Error{Code: Code(code)}
	if message != nil {
		err.Message = C.GoString(message)
		C.free(unsafe.Pointer(message))
	}
	return err
}

// IsNotFound is errors.Is(err, ErrNotFound), for what is asked most often.
func IsNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
