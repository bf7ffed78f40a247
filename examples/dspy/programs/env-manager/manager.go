package main

import (
	"context"
	"fmt"
	"log"
	"sync"
	"time"
)

type managed struct {
	name     string
	required bool
	running  bool
}

// manager starts containers, and stops them when it stops.
type manager struct {
	log      *log.Logger
	mutex    sync.Mutex
	config   config
	services []*managed
}

func newManager(config config, log *log.Logger) *manager {
	m := &manager{log: log, services: []*managed{
		{name: "redis", required: true},
		{name: "ollama", required: true},
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
		if err = ask(one.name, "start"); err == nil {
			m.mutex.Lock()
			one.running = true
			m.mutex.Unlock()
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

func (m *manager) statusOf(name string) (string, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, one := range m.services {
		if one.name != name {
			continue
		}
		if one.running {
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
		if !one.running {
			continue
		}
		if err := ask(one.name, "stop"); err != nil {
			m.log.Printf("could not stop %s: %v", one.name, err)
			continue
		}
		one.running = false
		m.log.Printf("stopped %s", one.name)
	}
}
