package redislite

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

// Kind is what a Reply holds: the types of RESP3, with the numbers of redislite.h.
type Kind uint8

const (
	Nil Kind = iota
	Status
	ErrorReply
	Integer
	String
	Array
	Double
	Boolean
	Map // key, value, key, value, ...
	Set
	BigNumber
	Verbatim
	Push
)

// Reply is what a command answered.
type Reply struct {
	Kind     Kind
	Bytes    []byte  // Status, ErrorReply, String, BigNumber, Verbatim
	Integer  int64   // Integer; Boolean: 0 or 1; ErrorReply: the Code
	Double   float64 // Double
	Elements []Reply // Array, Map, Set, Push
}

// Err is the error that an ErrorReply stands for, nil for every other.
func (r Reply) Err() error {
	if r.Kind != ErrorReply {
		return nil
	}
	return &Error{Code: Code(r.Integer), Message: string(r.Bytes)}
}

// Text is the reply as text: of a scalar its value, "" of nil and of what has elements.
func (r Reply) Text() string {
	switch r.Kind {
	case Integer, Boolean:
		return strconv.FormatInt(r.Integer, 10)
	case Double:
		return strconv.FormatFloat(r.Double, 'g', -1, 64)
	}
	return string(r.Bytes)
}

// Strings is the text of each element.
func (r Reply) Strings() []string {
	out := make([]string, len(r.Elements))
	for i, element := range r.Elements {
		out[i] = element.Text()
	}
	return out
}

// decodeReply reads what flatten in shim.c wrote and gives the rest. Texts share the buffer.
func decodeReply(flat []byte) (Reply, []byte) {
	native := binary.NativeEndian
	reply := Reply{Kind: Kind(flat[0]), Integer: int64(native.Uint64(flat[1:])),
		Double: math.Float64frombits(native.Uint64(flat[9:]))}
	count := int(native.Uint64(flat[17:]))
	flat = flat[25:]
	switch reply.Kind {
	case Status, ErrorReply, String, BigNumber, Verbatim:
		reply.Bytes = flat[:count:count]
		return reply, flat[count:]
	}
	if count > 0 {
		reply.Elements = make([]Reply, count)
		for i := range reply.Elements {
			reply.Elements[i], flat = decodeReply(flat)
		}
	}
	return reply, flat
}

// arguments are a command's, one behind the other, as C is given them.
type arguments struct {
	bytes   []byte
	lengths []uint64
}

func encodeArguments(args []any) (arguments, error) {
	out := arguments{lengths: make([]uint64, 0, len(args))}
	for _, arg := range args {
		before := len(out.bytes)
		switch value := arg.(type) {
		case string:
			out.bytes = append(out.bytes, value...)
		case []byte:
			out.bytes = append(out.bytes, value...)
		case int:
			out.bytes = strconv.AppendInt(out.bytes, int64(value), 10)
		case int64:
			out.bytes = strconv.AppendInt(out.bytes, value, 10)
		case uint64:
			out.bytes = strconv.AppendUint(out.bytes, value, 10)
		case float64:
			out.bytes = strconv.AppendFloat(out.bytes, value, 'g', -1, 64)
		default:
			return out, &Error{Code: CodeInvalid,
				Message: fmt.Sprintf("an argument of type %T; give a string, bytes or a number", arg)}
		}
		out.lengths = append(out.lengths, uint64(len(out.bytes)-before))
	}
	return out, nil
}
