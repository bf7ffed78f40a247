package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"dspy/internal/service"
)

type override struct{ required bool }

type config struct {
	grpcAddr               string
	maxConcurrentStarts    int
	healthCheckTimeout     time.Duration
	healthCheckMaxAttempts int
	overrides              map[string]override
}

// readConfig reads the part of TOML that the file is written in: key = value, and [[service_overrides]].
func readConfig(path string) (config, error) {
	file, err := os.Open(path)
	if err != nil {
		return config{}, err
	}
	defer file.Close()
	tables := []map[string]string{{}}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		key, value, isPair := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case line == "[[service_overrides]]":
			tables = append(tables, map[string]string{})
		case isPair:
			value, _, _ = strings.Cut(value, " #")
			tables[len(tables)-1][strings.TrimSpace(key)] = strings.Trim(strings.TrimSpace(value), `"`)
		default:
			return config{}, fmt.Errorf("not understood: %s", line)
		}
	}
	return configOf(tables[0], tables[1:])
}

func configOf(top map[string]string, overrides []map[string]string) (config, error) {
	numbers := map[string]int{"max_concurrent_starts": 5, "health_check_timeout_secs": 60, "health_check_max_attempts": 30}
	for key := range numbers {
		if text, found := top[key]; found {
			number, err := strconv.Atoi(text)
			if err != nil || number < 1 {
				return config{}, fmt.Errorf("%s = %s is no number above 0", key, text)
			}
			numbers[key] = number
		}
	}
	read := config{
		grpcAddr:               service.Env("ENV_MANAGER_GRPC_ADDR", top["grpc_addr"]),
		maxConcurrentStarts:    numbers["max_concurrent_starts"],
		healthCheckTimeout:     time.Duration(numbers["health_check_timeout_secs"]) * time.Second,
		healthCheckMaxAttempts: numbers["health_check_max_attempts"],
		overrides:              map[string]override{},
	}
	for _, one := range overrides {
		read.overrides[one["name"]] = override{required: one["required"] != "false"}
	}
	return read, nil
}
