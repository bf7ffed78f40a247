// The stand-in of the application: it submits one task after the other to the orchestrator, as a gRPC client that
// waits for a server that restarts, and counts what became of them.
package main

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"dspy/internal/rpc"
	"dspy/internal/service"
)

type counts struct{ submitted, completed, lost atomic.Int64 }

func main() {
	log := service.Log("application")
	stopped := service.Stopped()
	var tasks counts
	server, err := service.ListenHTTP(service.Env("APPLICATION_HTTP_ADDR", ":8000"), pages(&tasks))
	if err != nil {
		log.Fatal(err)
	}
	orchestrator := rpc.Dial(service.Env("ORCHESTRATOR_ADDR", "localhost:50052"))
	for number := 1; stopped.Err() == nil; number++ {
		submit(orchestrator, &tasks, fmt.Sprintf("%s-%d", service.Version, number))
		select {
		case <-stopped.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	grace, cancel := service.Grace()
	defer cancel()
	server.Shutdown(grace)
	log.Printf("stopped: %d tasks submitted, %d completed, %d lost", tasks.submitted.Load(), tasks.completed.Load(), tasks.lost.Load())
}

// submit ends with the task: a stop waits for it.
func submit(orchestrator *rpc.Client, tasks *counts, task string) {
	limited, cancel := context.WithTimeout(context.Background(), 25*time.Second)
	defer cancel()
	tasks.submitted.Add(1)
	if _, err := orchestrator.CallReady(limited, "/orchestrator.v1.OrchestratorService/SubmitTask", rpc.Text(task)); err != nil {
		tasks.lost.Add(1)
		return
	}
	tasks.completed.Add(1)
}

func pages(tasks *counts) http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("/health", func(answer http.ResponseWriter, _ *http.Request) {
		ready := tasks.completed.Load() > 0 && !service.NeverReady()
		status := http.StatusOK
		if !ready {
			status = http.StatusServiceUnavailable
		}
		service.JSON(answer, status, map[string]any{
			"ready":     ready,
			"version":   service.Version,
			"submitted": tasks.submitted.Load(),
			"completed": tasks.completed.Load(),
			"lost":      tasks.lost.Load(),
		})
	})
	return pages
}
