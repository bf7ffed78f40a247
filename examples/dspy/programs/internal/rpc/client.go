package rpc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Client calls the methods of one address.
type Client struct {
	address string
	http    http.Client
}

// Dial returns a client; it connects with its first call.
func Dial(address string) *Client {
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	return &Client{address: address, http: http.Client{Transport: transport}}
}

// Call sends a request once. A server that cannot be reached is Unavailable.
func (c *Client) Call(ctx context.Context, path string, request []byte) ([]byte, error) {
	asked, err := http.NewRequestWithContext(ctx, "POST", "http://"+c.address+path, bytes.NewReader(frame(request)))
	if err != nil {
		return nil, err
	}
	asked.Header.Set("content-type", "application/grpc")
	asked.Header.Set("te", "trailers")
	answer, err := c.http.Do(asked)
	if err != nil {
		return nil, &Error{Code: Unavailable, Message: err.Error()}
	}
	defer answer.Body.Close()
	// The trailers are there once the body has been read.
	body, broken := io.ReadAll(answer.Body)
	code, err := strconv.Atoi(answer.Trailer.Get("grpc-status"))
	if broken != nil || err != nil {
		return nil, &Error{Code: Unavailable, Message: fmt.Sprintf("%s broke off: %v", c.address, broken)}
	}
	if code != OK {
		return nil, &Error{Code: code, Message: answer.Trailer.Get("grpc-message")}
	}
	return unframe(bytes.NewReader(body))
}

// CallReady is Call, repeated until the server is available: gRPC's wait-for-ready. It ends with the context.
func (c *Client) CallReady(ctx context.Context, path string, request []byte) ([]byte, error) {
	for {
		message, err := c.Call(ctx, path, request)
		var status *Error
		if err == nil || !errors.As(err, &status) || status.Code != Unavailable || ctx.Err() != nil {
			return message, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}
