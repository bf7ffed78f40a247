// The stand-in of the environment manager: it lets Docker start the services that the agents use, tells their states,
// and lets Docker stop them when it stops.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"dspy/internal/rpc"
	"dspy/internal/service"
)

func main() {
	log := service.Log("env-manager")
	path := service.Env("ENV_MANAGER_CONFIG", "/opt/dspy-agent/config/env-manager.toml")
	config, err := readConfig(path)
	if err != nil {
		log.Fatalf("%s: %v", path, err)
	}
	stopped := service.Stopped()
	manager := newManager(config, log)
	server, err := rpc.Listen(config.grpcAddr, map[string]rpc.Method{
		"/env_manager.v1.EnvManagerService/GetServiceStatus": manager.getServiceStatus,
	})
	if err != nil {
		log.Fatal(err)
	}
	go reload(path, manager)
	log.Printf("listening at %s", config.grpcAddr)
	if err := manager.startAll(stopped); err != nil {
		log.Printf("not ready: %v", err)
	} else if !service.NeverReady() {
		server.SetReady(true)
		log.Print("ready")
	}

	<-stopped.Done()
	log.Print("stopping")
	server.SetReady(false)
	grace, cancel := service.Grace()
	defer cancel()
	server.Stop(grace)
	manager.stopAll()
	log.Print("stopped")
}

// reload reads the configuration anew on SIGHUP; an unhandled one would end the program.
func reload(path string, manager *manager) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	for range hangups {
		config, err := readConfig(path)
		if err != nil {
			manager.log.Printf("keeps its configuration: %v", err)
			continue
		}
		manager.configure(config)
		manager.log.Printf("has read %s", path)
	}
}

func (m *manager) getServiceStatus(_ context.Context, request []byte) ([]byte, error) {
	fields, err := rpc.Fields(request)
	if err != nil || len(fields) == 0 {
		return nil, &rpc.Error{Code: 3, Message: "service_name is missing"}
	}
	status, found := m.statusOf(fields[0])
	if !found {
		return nil, &rpc.Error{Code: rpc.NotFound, Message: "no service " + fields[0]}
	}
	return rpc.Text(fields[0], status), nil
}
