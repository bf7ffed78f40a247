package rpc

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
)

// Codes of gRPC.
const (
	OK          = 0
	NotFound    = 5
	Unavailable = 14
)

// Error is a status of gRPC other than OK.
type Error struct {
	Code    int
	Message string
}

func (e *Error) Error() string { return e.Message }

// Method answers a request, or returns an *Error.
type Method func(ctx context.Context, request []byte) ([]byte, error)

// Server serves methods, and gRPC's standard health check.
type Server struct {
	http  http.Server
	ready atomic.Bool
}

// Listen opens the address. methods are by their paths: /package.Service/Method.
func Listen(address string, methods map[string]Method) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	server := &Server{}
	mux := http.NewServeMux()
	for path, method := range methods {
		mux.HandleFunc(path, handler(method))
	}
	mux.HandleFunc("/grpc.health.v1.Health/Check", handler(server.check))
	mux.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) {
		reply(answer, nil, &Error{Code: 12, Message: "unknown method"})
	})
	server.http.Handler = mux
	server.http.Protocols = new(http.Protocols)
	server.http.Protocols.SetUnencryptedHTTP2(true)
	go server.http.Serve(listener)
	return server, nil
}

// SetReady decides what the health check says of the server as a whole.
func (s *Server) SetReady(ready bool) { s.ready.Store(ready) }

// Stop finishes the requests in flight, and takes no others.
func (s *Server) Stop(ctx context.Context) error { return s.http.Shutdown(ctx) }

const serving, notServing = 1, 2

func (s *Server) check(_ context.Context, request []byte) ([]byte, error) {
	// No name, or an empty one, is the server as a whole.
	if names, err := Fields(request); err != nil || len(names) > 0 && names[0] != "" {
		return nil, &Error{Code: NotFound, Message: "unknown service"}
	}
	if s.ready.Load() {
		return []byte{1 << 3, serving}, nil
	}
	return []byte{1 << 3, notServing}, nil
}

func handler(method Method) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		message, err := unframe(request.Body)
		if err == nil {
			message, err = method(request.Context(), message)
		}
		reply(answer, message, err)
	}
}

// reply ends with gRPC's status as trailers, which come after the message.
func reply(answer http.ResponseWriter, message []byte, err error) {
	answer.Header().Set("content-type", "application/grpc")
	code, text := OK, ""
	if err != nil {
		code, text = statusOf(err)
	} else {
		answer.Write(frame(message))
	}
	answer.Header().Set(http.TrailerPrefix+"grpc-status", strconv.Itoa(code))
	answer.Header().Set(http.TrailerPrefix+"grpc-message", url.PathEscape(text))
}

func statusOf(err error) (int, string) {
	if status, ok := err.(*Error); ok {
		return status.Code, status.Message
	}
	return 13, err.Error()
}
