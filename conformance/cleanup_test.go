package conformance_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// A roomServer creates rooms and remembers which ones exist.
type roomServer struct {
	undeletable bool

	mu      sync.Mutex
	created int
	rooms   []string
}

func (s *roomServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.URL.Path == "/CreateRoom":
		s.created++
		arn := fmt.Sprint("arn:aws:ivschat:us-east-1:123456789012:room/", s.created)
		s.rooms = append(s.rooms, arn)
		fmt.Fprintf(w, `{"arn":%q}`, arn)
	case s.undeletable:
		w.Header().Set("x-amzn-ErrorType", "AccessDeniedException")
		w.WriteHeader(http.StatusForbidden)
	default:
		s.rooms = slices.DeleteFunc(s.rooms, func(arn string) bool {
			return strings.Contains(string(body), `"`+arn+`"`)
		})
		w.WriteHeader(http.StatusNoContent)
	}
}

// claimOf returns a claim with the check.
func claimOf(check func(*conformance.Probe)) conformance.Claim {
	return conformance.Claim{ID: "X0", Source: "a document", Check: check}
}

func TestEverythingThatACheckCreatedIsRemoved(t *testing.T) {
	for name, check := range map[string]func(p *conformance.Probe, stop func()){
		"the check succeeds": func(p *conformance.Probe, _ func()) { p.Room() },
		"the check fails":    func(p *conformance.Probe, _ func()) { p.Room(); p.Fatalf("no") },
		"the check panics":   func(p *conformance.Probe, _ func()) { p.Room(); panic("broken") },
		"the check is stopped": func(p *conformance.Probe, stop func()) {
			p.Room()
			stop()
			p.Room()
		},
		"without the SDK": func(p *conformance.Probe, _ func()) {
			p.Post("CreateRoom", "{}")
			p.Fatalf("no")
		},
		"concurrently": func(p *conformance.Probe, _ func()) {
			p.Concurrently(10, func(p *conformance.Probe) {
				p.Post("CreateRoom", "{}")
				p.Room()
			})
		},
		"one of many fails": func(p *conformance.Probe, _ func()) {
			p.Concurrently(10, func(p *conformance.Probe) {
				p.Require(!strings.HasSuffix(p.Room(), "/5"), "no")
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			rooms := &roomServer{}
			server := httptest.NewServer(rooms)
			defer server.Close()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			target := conformance.Target{Endpoint: server.URL, Region: "us-east-1"}
			conformance.Check(ctx, target, claimOf(func(p *conformance.Probe) { check(p, stop) }))
			if rooms.created == 0 || len(rooms.rooms) > 0 {
				t.Errorf("of %d rooms these still exist: %v", rooms.created, rooms.rooms)
			}
		})
	}
}

func TestAFailureOfOneOfManyCallersFailsTheCheck(t *testing.T) {
	claim := claimOf(func(p *conformance.Probe) {
		p.Concurrently(3, func(p *conformance.Probe) { p.Fatalf("no") })
	})
	result := conformance.Check(t.Context(), conformance.Target{}, claim)
	if result.Outcome != conformance.Failed || result.Detail != "no" {
		t.Errorf("the outcome is %s, %q", result.Outcome, result.Detail)
	}
}

func TestAResourceThatCannotBeRemovedIsReported(t *testing.T) {
	server := httptest.NewServer(&roomServer{undeletable: true})
	defer server.Close()
	target := conformance.Target{Endpoint: server.URL, Region: "us-east-1"}
	result := conformance.Check(t.Context(), target,
		claimOf(func(p *conformance.Probe) { p.Room() }))
	want := "left behind: arn:aws:ivschat:us-east-1:123456789012:room/1"
	if result.Outcome != conformance.Failed || result.Detail != want {
		t.Errorf("the outcome is %s, %q, want %q", result.Outcome, result.Detail, want)
	}
}

func TestARedirectOfTheTargetIsNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another server got %s %s with %v", r.Method, r.URL, r.Header)
	}))
	defer other.Close()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		server := httptest.NewServer(http.RedirectHandler(other.URL, status))
		defer server.Close()
		target := conformance.Target{Endpoint: server.URL, Region: "us-east-1"}
		result := conformance.Check(t.Context(), target, claimOf(func(p *conformance.Probe) { p.Room() }))
		if result.Outcome != conformance.Failed || !strings.Contains(result.Detail, fmt.Sprint(status)) {
			t.Errorf("%d: the outcome is %s, %q", status, result.Outcome, result.Detail)
		}
	}
}
