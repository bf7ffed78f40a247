package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"sync"
	"time"

	"dspy/internal/service"
)

type managed struct {
	name     string
	address  string
	required bool
	listener net.Listener
}

// manager starts services, and stops them when it stops.
type manager struct {
	log      *log.Logger
	mutex    sync.Mutex
	config   config
	services []*managed
}

func newManager(config config, log *log.Logger) *manager {
	m := &manager{log: log, services: []*managed{
		{name: "redis", address: service.Env("ENV_MANAGER_REDIS_ADDR", "127.0.0.1:6379"), required: true},
		{name: "ollama", address: service.Env("ENV_MANAGER_OLLAMA_ADDR", "127.0.0.1:11434"), required: true},
	}}
	m.configure(config)
	return m
}

func (m *manager) configure(config config) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.config = config
	for _, one := range m.services {
		if over, found := config.overrides[one.name]; found {
			one.required = over.required
		}
	}
}

// startAll starts a few at a time, and returns an error if a required one does not answer in time.
func (m *manager) startAll(stopped context.Context) error {
	places := make(chan struct{}, m.config.maxConcurrentStarts)
	ends := make(chan error, len(m.services))
	for _, one := range m.services {
		go func() {
			places <- struct{}{}
			defer func() { <-places }()
			err := m.start(stopped, one)
			if err != nil && !one.required {
				m.log.Printf("goes on without %s, which is not required: %v", one.name, err)
				err = nil
			}
			ends <- err
		}()
	}
	var first error
	for range m.services {
		if err := <-ends; err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (m *manager) start(stopped context.Context, one *managed) error {
	deadline := time.Now().Add(m.config.healthCheckTimeout)
	var err error
	for attempt := 1; attempt <= m.config.healthCheckMaxAttempts && time.Now().Before(deadline); attempt++ {
		var listener net.Listener
		if listener, err = net.Listen("tcp", one.address); err == nil {
			m.mutex.Lock()
			one.listener = listener
			m.mutex.Unlock()
			go serve(listener)
			return nil
		}
		select {
		case <-stopped.Done():
			return stopped.Err()
		case <-time.After(time.Second):
		}
	}
	return fmt.Errorf("%s did not start: %w", one.name, err)
}

// serve answers every line as Redis answers a PING.
func serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer client.Close()
			for buffer := make([]byte, 1024); ; {
				if _, err := client.Read(buffer); err != nil {
					return
				}
				client.Write([]byte("+PONG\r\n"))
			}
		}()
	}
}

func (m *manager) statusOf(name string) (string, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, one := range m.services {
		if one.name != name {
			continue
		}
		if one.listener != nil {
			return "running", true
		}
		return "stopped", true
	}
	return "", false
}

// stopAll stops all that it manages, as the original stops its containers.
func (m *manager) stopAll() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, one := range m.services {
		if one.listener == nil {
			continue
		}
		one.listener.Close()
		one.listener = nil
		m.log.Printf("stopped %s", one.name)
	}
}
