package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"dspy/internal/rpc"
	"dspy/internal/service"
)

type tasks struct {
	environment *rpc.Client
	store       string
	queued      atomic.Int64
	finished    atomic.Int64
	failed      atomic.Int64
	stopping    atomic.Bool
}

func newTasks(environment *rpc.Client, store string) *tasks {
	return &tasks{environment: environment, store: store}
}

// submit runs a task, and waits while env-manager restarts. The same task may come again: it is done again.
func (t *tasks) submit(ctx context.Context, request []byte) ([]byte, error) {
	fields, err := rpc.Fields(request)
	if err != nil || len(fields) == 0 {
		return nil, &rpc.Error{Code: 3, Message: "task_id is missing"}
	}
	if t.stopping.Load() {
		return nil, &rpc.Error{Code: rpc.Unavailable, Message: "orchestrator is stopping"}
	}
	t.queued.Add(1)
	defer t.queued.Add(-1)
	if err := t.run(ctx, fields[0]); err != nil {
		t.failed.Add(1)
		return nil, err
	}
	t.finished.Add(1)
	return rpc.Text(fields[0], "completed", service.Version), nil
}

func (t *tasks) run(ctx context.Context, task string) error {
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		status, err := t.environment.CallReady(limited, "/env_manager.v1.EnvManagerService/GetServiceStatus", rpc.Text("redis"))
		if err != nil {
			return err
		}
		if fields, _ := rpc.Fields(status); len(fields) > 1 && fields[1] == "running" {
			return os.WriteFile(filepath.Join(t.store, "last-task"), []byte(task+"\n"), 0o640)
		}
		select {
		case <-limited.Done():
			return limited.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (t *tasks) pages() http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("/metrics", t.metrics)
	pages.HandleFunc("/queue/status", t.queueStatus)
	return pages
}

func (t *tasks) queueStatus(answer http.ResponseWriter, _ *http.Request) {
	service.JSON(answer, http.StatusOK, map[string]any{
		"version":  service.Version,
		"queued":   t.queued.Load(),
		"finished": t.finished.Load(),
		"failed":   t.failed.Load(),
	})
}

func (t *tasks) metrics(answer http.ResponseWriter, _ *http.Request) {
	answer.Header().Set("content-type", "text/plain; version=0.0.4")
	finished, failed := t.finished.Load(), t.failed.Load()
	rate := 0.0
	if all := finished + failed; all > 0 {
		rate = float64(failed) / float64(all)
	}
	gauge := func(name, help string, value any) {
		fmt.Fprintf(answer, "# HELP %s %s\n# TYPE %s gauge\n%s %v\n", name, help, name, name, value)
	}
	gauge("env_queue_depth", "Number of queued tasks", t.queued.Load())
	gauge("gpu_wait_seconds", "Average GPU wait time", 0)
	gauge("env_error_rate", "Task error rate", rate)
	gauge("workflows_total", "Registered workflows", 1)
	gauge("runner_gpu_total", "Detected GPUs", 0)
}
