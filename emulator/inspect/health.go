// Package inspect is the other door: what the emulator tells of itself, which
// is not part of AWS's API.
package inspect

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// Prefix begins the path of everything that is the emulator's own, but for
// the two health paths that other tools expect.
const Prefix = "/_ivschat/v1/"

const (
	healthPath           = "/health"
	localstackHealthPath = "/_localstack/health"
)

// Serves reports whether a path belongs to this door and not to AWS's API.
func Serves(path string) bool {
	return path == healthPath || path == localstackHealthPath || strings.HasPrefix(path, Prefix)
}

// Handler answers for the paths that it serves:
//
//	GET /health, /_ivschat/v1/health   {"status": "ok", "version": "…"}
//	GET /_localstack/health            {"services": {"ivschat": "running"}, "version": "…"}
//
// The last is where wait strategies written for LocalStack look.
func Handler(version string) http.Handler {
	router := mux.NewRouter()
	health := constant(map[string]any{"status": "ok", "version": version})
	router.Methods(http.MethodGet, http.MethodHead).Path(healthPath).Handler(health)
	router.Methods(http.MethodGet, http.MethodHead).Path(Prefix + "health").Handler(health)
	router.Methods(http.MethodGet, http.MethodHead).Path(localstackHealthPath).Handler(
		constant(map[string]any{"services": map[string]string{"ivschat": "running"}, "version": version}))
	return router
}

func constant(body any) http.Handler {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // the bodies are above
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
	})
}
