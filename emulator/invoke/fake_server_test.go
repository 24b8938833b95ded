package invoke

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

const (
	reviewARN = "arn:aws:lambda:eu-west-1:123456789012:function:review"
	aliasARN  = reviewARN + ":live"
	allowed   = `{"ReviewResult":"ALLOW","Content":"hello!"}`
)

var (
	owner = ivschat.Owner{AccountID: "123456789012", Region: "eu-west-1"}
	room  = ivschat.ARN{Owner: owner, ResourceType: ivschat.RoomResource, ID: "abcdefghijkl"}
)

// callOf returns a call of a function.
func callOf(function string) Call {
	return Call{Function: function, Owner: owner, Event: []byte(`{"Content":"hello"}`)}
}

// A server records the paths of its requests as they were sent, and answers with its handler.
type server struct {
	*httptest.Server
	mu      sync.Mutex // guards what follows
	handler http.HandlerFunc
	paths   []string
}

func newServer(t *testing.T, handler http.HandlerFunc) *server {
	s := &server{handler: handler}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.paths = append(s.paths, r.URL.EscapedPath())
		handler := s.handler
		s.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// become replaces the server at its URL.
func (s *server) become(handler http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = handler
}

// names returns the names in the paths of Invoke since the last call, decoded.
func (s *server) names() (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, path := range s.paths {
		name := strings.TrimSuffix(strings.TrimPrefix(path, functionsPath), "/invocations")
		names = append(names, strings.ReplaceAll(name, "%3A", ":"))
	}
	s.paths = nil
	return names
}

// nameIn returns the name of the function in a request of Invoke.
func nameIn(r *http.Request) string {
	return strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, functionsPath), "/invocations")
}

// exceptionOf answers as servers with Lambda's API do. Only some have a request ID.
func exceptionOf(w http.ResponseWriter, status int, requestID, name, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", name)
	if requestID != "" {
		w.Header().Set("X-Amzn-RequestId", requestID)
	}
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// likeMoto answers as moto and LocalStack do, which know ARNs. It has the functions.
func likeMoto(functions ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := nameIn(r)
		for _, function := range functions {
			bare, _ := split(function)
			if name == function || name == bare {
				w.Header().Set("X-Amzn-RequestId", "1")
				io.WriteString(w, allowed)
				return
			}
		}
		exceptionOf(w, 404, "1", "ResourceNotFoundException",
			`{"__type": "ResourceNotFoundException", "message": "Function not found: `+name+`"}`)
	}
}

// likeServerlessOffline answers as serverless-offline does, which knows only names.
func likeServerlessOffline(functions ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, function := range functions {
			if nameIn(r) == function {
				io.WriteString(w, allowed)
				return
			}
		}
		exceptionOf(w, 404, "", "ResourceNotFoundException",
			`{"Message":"Function not found: `+nameIn(r)+`","Type":"User"}`)
	}
}

// likeEmulator answers as the Runtime Interface Emulator does, which knows only the name function, and runs it.
func likeEmulator(run http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != fixedPath {
			http.NotFound(w, r)
			return
		}
		run(w, r)
	}
}

// answering answers each request in the same way.
func answering(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// targets returns the Invoker of a config, which the end of the test closes.
func targets(t *testing.T, config Config) *Targets {
	t.Helper()
	targets, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(targets.Close)
	return targets
}

// at returns the Invoker of a Lambda endpoint.
func at(t *testing.T, endpoint string) *Targets {
	t.Helper()
	return targets(t, Config{LambdaEndpoint: endpoint})
}

// invoke invokes the function and checks its answer.
func invoke(t *testing.T, invoker Invoker, function string) {
	t.Helper()
	answer, err := invoker.Invoke(context.Background(), callOf(function))
	if err != nil || string(answer) != allowed {
		t.Errorf("%s: %q, %v", function, answer, err)
	}
}
