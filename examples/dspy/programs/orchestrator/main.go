// The stand-in of the orchestrator: it takes tasks by gRPC, runs each in the environment that env-manager keeps, and
// tells its figures by HTTP.
package main

import (
	"os"

	"dspy/internal/rpc"
	"dspy/internal/service"
)

func main() {
	log := service.Log("orchestrator")
	stopped := service.Stopped()
	store := service.Env("WORKFLOW_STORE_DIR", "/opt/dspy-agent/data/workflows")
	queue := service.Env("ENV_QUEUE_DIR", "/opt/dspy-agent/logs/env_queue")
	for _, folder := range []string{store, queue} {
		if err := os.MkdirAll(folder, 0o750); err != nil {
			log.Fatal(err)
		}
	}
	tasks := newTasks(rpc.Dial(service.Env("ENV_MANAGER_ADDR", "localhost:50100")), store)
	server, err := rpc.Listen(service.Env("ORCHESTRATOR_GRPC_ADDR", ":50052"), map[string]rpc.Method{
		"/orchestrator.v1.OrchestratorService/SubmitTask": tasks.submit,
	})
	if err != nil {
		log.Fatal(err)
	}
	status, err := service.ListenHTTP(service.Env("ORCHESTRATOR_HTTP_ADDR", ":9097"), tasks.pages())
	if err != nil {
		log.Fatal(err)
	}
	if !service.NeverReady() {
		server.SetReady(true)
		log.Print("ready")
	}

	<-stopped.Done()
	log.Print("stopping")
	server.SetReady(false)
	tasks.stopping.Store(true)
	grace, cancel := service.Grace()
	defer cancel()
	err = server.Stop(grace)
	status.Shutdown(grace)
	if err != nil {
		log.Fatalf("tasks are cut off: %v", err)
	}
	log.Print("stopped")
}
