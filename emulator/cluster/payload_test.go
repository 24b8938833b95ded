package cluster

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// startWithPayload starts a server that takes messages of at most so many bytes.
func startWithPayload(t *testing.T, limit int) *natsserver.Server {
	t.Helper()
	server, _ := startWith(t, fmt.Sprintf("max_payload: %d\n", limit))
	return server
}

func TestNodesKeepToTheLimitOfTheServerForMessages(t *testing.T) {
	t.Parallel()
	server := startWithPayload(t, minimumPayload)
	first := joinWithData(t, server.URL, "first")
	long := strings.Repeat("long", 50_000)
	first.mustStore(t, long)
	first.do(t, long)
	for range 100 {
		first.Post("record", []byte(long[:1000]))
	}
	first.do(t, "short")
	if err := first.Data().writeContent(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := joinWithData(t, server.URL, "second")
	checkSame(t, 1, first, second)
	if all := second.record.all(); !slices.Equal(all, first.record.all()) || len(all) != 102 {
		t.Errorf("the node that joined has %d entries", len(all))
	}
}

func TestANodeDoesNotUseAServerThatTakesOnlySmallMessages(t *testing.T) {
	t.Parallel()
	server := startWithPayload(t, minimumPayload-1)
	_, err := Connect(t.Context(), Config{
		URLs: []string{server.URL}, Prefix: "test", Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err == nil || !strings.Contains(err.Error(), "max_payload") {
		t.Error(err)
	}
}
