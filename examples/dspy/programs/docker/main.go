// The stand-in of Docker: two containers that env-manager starts and stops by the engine's own requests. Each is a
// listener, which answers as Redis answers a PING.
package main

import (
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"dspy/internal/service"
)

type container struct {
	address  string
	listener net.Listener
}

type engine struct {
	mutex      sync.Mutex
	containers map[string]*container
}

func main() {
	log := service.Log("docker")
	stopped := service.Stopped()
	socket := service.Env("DOCKER_SOCKET", "/run/docker.sock")
	os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		log.Fatal(err)
	}
	os.Chmod(socket, 0o660)
	engine := &engine{containers: map[string]*container{}}
	for _, one := range strings.Fields(service.Env("DOCKER_CONTAINERS", "redis=127.0.0.1:6379 ollama=127.0.0.1:11434")) {
		name, address, _ := strings.Cut(one, "=")
		engine.containers[name] = &container{address: address}
	}
	requests := http.NewServeMux()
	requests.HandleFunc("POST /containers/{name}/start", engine.handle((*container).start))
	requests.HandleFunc("POST /containers/{name}/stop", engine.handle((*container).stop))
	go http.Serve(listener, requests)
	<-stopped.Done()
}

func (e *engine) handle(act func(*container) (int, error)) http.HandlerFunc {
	return func(answer http.ResponseWriter, request *http.Request) {
		e.mutex.Lock()
		defer e.mutex.Unlock()
		found := e.containers[request.PathValue("name")]
		if found == nil {
			http.Error(answer, "no such container", http.StatusNotFound)
			return
		}
		status, err := act(found)
		if err != nil {
			http.Error(answer, err.Error(), http.StatusInternalServerError)
			return
		}
		answer.WriteHeader(status)
	}
}

func (c *container) start() (int, error) {
	if c.listener != nil {
		return http.StatusNotModified, nil
	}
	listener, err := net.Listen("tcp", c.address)
	if err != nil {
		return 0, err
	}
	c.listener = listener
	go serve(listener)
	return http.StatusNoContent, nil
}

func (c *container) stop() (int, error) {
	if c.listener == nil {
		return http.StatusNotModified, nil
	}
	err := c.listener.Close()
	c.listener = nil
	return http.StatusNoContent, err
}

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
