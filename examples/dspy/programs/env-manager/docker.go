package main

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"dspy/internal/service"
)

// docker asks the engine by its socket, as the group docker may.
var docker = http.Client{Transport: &http.Transport{
	DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", service.Env("DOCKER_SOCKET", "/run/docker.sock"))
	},
}}

// ask starts or stops a container; one that runs, or does not, stays so.
func ask(container, verb string) error {
	answer, err := docker.Post("http://docker/containers/"+container+"/"+verb, "", nil)
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode >= 400 {
		return fmt.Errorf("docker answered %s", answer.Status)
	}
	return nil
}
