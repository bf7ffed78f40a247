// Package service is what the programs have in common: a version, a log, and an end on SIGTERM.
package service

import (
	"context"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Version and Fault are set by the build: -ldflags "-X dspy/internal/service.Version=0.2.0".
var (
	Version = "0.0.0"
	// Fault is never-ready in a version that starts and never gets ready.
	Fault = ""
)

// Log names the program and its version at each line; systemd adds the time.
func Log(name string) *log.Logger { return log.New(os.Stderr, name+" "+Version+": ", 0) }

// Env returns a variable, or what stands for it where it is not set.
func Env(name, otherwise string) string {
	if value, found := os.LookupEnv(name); found {
		return value
	}
	return otherwise
}

// NeverReady is true in a version that was built not to get ready.
func NeverReady() bool { return Fault == "never-ready" }

// Stopped ends with the first SIGTERM or SIGINT.
func Stopped() context.Context {
	stopped, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	return stopped
}

// Grace is the time for requests in flight: less than TimeoutStopSec of the units.
func Grace() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 25*time.Second)
}

// ListenHTTP serves a handler, which answers with the version in x-version.
func ListenHTTP(address string, handler http.Handler) (*http.Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		answer.Header().Set("x-version", Version)
		handler.ServeHTTP(answer, request)
	})}
	go server.Serve(listener)
	return server, nil
}

// JSON answers with a value and a status.
func JSON(answer http.ResponseWriter, status int, value any) {
	answer.Header().Set("content-type", "application/json")
	answer.WriteHeader(status)
	json.NewEncoder(answer).Encode(value)
}
