package conformance

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// A register makes rooms, and knows which are there.
type register struct {
	made   int
	rooms  []string
	broken bool // nothing can be deleted
}

func (r *register) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	switch {
	case request.URL.Path == "/CreateRoom":
		r.made++
		arn := fmt.Sprint("arn:aws:ivschat:us-east-1:123456789012:room/", r.made)
		r.rooms = append(r.rooms, arn)
		fmt.Fprintf(w, `{"arn":%q}`, arn)
	case r.broken:
		w.Header().Set("x-amzn-ErrorType", "AccessDeniedException")
		w.WriteHeader(http.StatusForbidden)
	default:
		r.rooms = slices.DeleteFunc(r.rooms, func(arn string) bool { return strings.Contains(string(body), `"`+arn+`"`) })
		w.WriteHeader(http.StatusNoContent)
	}
}

func TestWhatACheckMadeIsRemovedHoweverItEnds(t *testing.T) {
	for name, check := range map[string]func(p *probe, stop func()){
		"it holds":       func(p *probe, _ func()) { p.room() },
		"it fails":       func(p *probe, _ func()) { p.room(); p.fatal("no") },
		"it panics":      func(p *probe, _ func()) { p.room(); panic("broken") },
		"it is stopped":  func(p *probe, stop func()) { p.room(); stop(); p.room() },
		"without an SDK": func(p *probe, _ func()) { p.post("CreateRoom", "{}"); p.fatal("no") },
		"many at once":   func(p *probe, _ func()) { p.atOnce(20, "CreateRoom") },
	} {
		t.Run(name, func(t *testing.T) {
			rooms := &register{}
			server := httptest.NewServer(inTurn(rooms))
			defer server.Close()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			Check(ctx, Target{Endpoint: server.URL, Region: "us-east-1"}, Claim{ID: "X0", Source: model, check: func(p *probe) { check(p, stop) }})
			if rooms.made == 0 || len(rooms.rooms) > 0 {
				t.Errorf("of %d rooms these are left: %v", rooms.made, rooms.rooms)
			}
		})
	}
}

func TestWhatCannotBeRemovedIsTold(t *testing.T) {
	server := httptest.NewServer(inTurn(&register{broken: true}))
	defer server.Close()
	result := Check(t.Context(), Target{Endpoint: server.URL, Region: "us-east-1"}, Claim{ID: "X0", Source: model, check: func(p *probe) { p.room() }})
	if want := "left behind: arn:aws:ivschat:us-east-1:123456789012:room/1"; result.Outcome != Failed || result.Detail != want {
		t.Errorf("it is %s, %q, want %q", result.Outcome, result.Detail, want)
	}
}

// inTurn serves one request after the other.
func inTurn(handler http.Handler) http.Handler {
	turn := make(chan struct{}, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn <- struct{}{}
		defer func() { <-turn }()
		handler.ServeHTTP(w, r)
	})
}
