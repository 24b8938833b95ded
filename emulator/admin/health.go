package admin

import (
	"net/http"
	"time"
)

// The health paths that other tools expect, outside Prefix.
const (
	healthPath           = "/health"
	localStackHealthPath = "/_localstack/health"
)

// IsHealth reports whether a path is one of the two at which other tools check the emulator's health.
// They are always served, to every origin, because their answers contain nothing to protect.
func IsHealth(path string) bool { return path == healthPath || path == localStackHealthPath }

func (a *api) getHealth(w http.ResponseWriter, _ *http.Request) error {
	status, answer := http.StatusOK, map[string]any{
		"status":        "ok",
		"ready":         true,
		"version":       a.Version,
		"uptimeSeconds": int(time.Since(a.Started).Seconds()),
		"randomSeed":    a.RandomSeed,
	}
	if problem := a.problem(); problem != "" {
		status = http.StatusServiceUnavailable
		answer["status"], answer["ready"], answer["reason"] = "error", false, problem
	}
	return send(w, status, answer)
}

// problem returns why the emulator does not work, "" if it does.
func (a *api) problem() string {
	if a.Cluster != nil { // it says more about what is shared
		if err := a.Cluster.Ready(); err != nil {
			return err.Error()
		}
	}
	return a.Problem()
}

// getLocalStackHealth answers wait strategies that are written for LocalStack.
func (a *api) getLocalStackHealth(w http.ResponseWriter, _ *http.Request) error {
	status, service := http.StatusOK, "running"
	if a.problem() != "" {
		status, service = http.StatusServiceUnavailable, "error"
	}
	return send(w, status, map[string]any{
		"services": map[string]string{"ivschat": service}, "version": a.Version,
	})
}
