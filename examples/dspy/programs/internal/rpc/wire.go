// Package rpc serves and calls unary gRPC methods with the standard library alone.
package rpc

import (
	"encoding/binary"
	"errors"
	"io"
)

// Text returns a protobuf message whose fields 1, 2, 3 … are these strings.
func Text(fields ...string) []byte {
	var message []byte
	for index, field := range fields {
		message = binary.AppendUvarint(message, uint64(index+1)<<3|2)
		message = binary.AppendUvarint(message, uint64(len(field)))
		message = append(message, field...)
	}
	return message
}

// Fields returns the strings of a message of strings; the first one is field 1.
func Fields(message []byte) ([]string, error) {
	var fields []string
	for len(message) > 0 {
		tag, size := binary.Uvarint(message)
		if size <= 0 || tag&7 != 2 || tag>>3 == 0 || tag>>3 > 16 {
			return nil, errors.New("not a message of strings")
		}
		length, more := binary.Uvarint(message[size:])
		if more <= 0 || uint64(len(message)-size-more) < length {
			return nil, errors.New("a message that ends early")
		}
		start := size + more
		for len(fields) < int(tag>>3) {
			fields = append(fields, "")
		}
		fields[tag>>3-1] = string(message[start : start+int(length)])
		message = message[start+int(length):]
	}
	return fields, nil
}

// frame puts gRPC's prefix before a message: not compressed, and its length.
func frame(message []byte) []byte {
	framed := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	return append(framed, message...)
}

func unframe(from io.Reader) ([]byte, error) {
	var prefix [5]byte
	if _, err := io.ReadFull(from, prefix[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(prefix[1:])
	if prefix[0] != 0 || length > 1<<20 {
		return nil, errors.New("a compressed or too long message")
	}
	message := make([]byte, length)
	_, err := io.ReadFull(from, message)
	return message, err
}
