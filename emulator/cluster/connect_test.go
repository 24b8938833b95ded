package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

func TestANodeGoesOnOnceTheServerKnowsItsPasswordAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "nats.conf")
	setPassword := func(password string) {
		text := fmt.Appendf(nil, "authorization { user: u, password: %s }\n", password)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	setPassword("right")
	server := natsserver.Start(t, "-c", file)
	n := joinAt(t, strings.Replace(server.URL, "nats://", "nats://u:right@", 1), "a")
	setPassword("wrong")
	server.Restart()
	await(t, "an answer that says why", func() bool {
		return strings.Contains(fmt.Sprint(n.Ready()), "authorization violation: check the user and the password")
	})
	await(t, "three refusals", func() bool { return strings.Count(server.Log(), "authentication error") >= 3 })
	setPassword("right")
	server.Restart()
	n.awaitReady(t, true)
	n.do(t, "x")
}

func TestConnectWaitsForAServerBehindAProxyThatEndsConnections(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	go func() {
		for range 3 {
			if conn, err := listener.Accept(); err == nil {
				conn.Close()
			}
		}
		cancel() // it has tried again twice
	}()
	_, err = Dial(ctx, Config{
		URLs: []string{"nats://" + listener.Addr().String()}, Prefix: "test",
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err == nil || ctx.Err() != context.Canceled {
		t.Errorf("Dial returned %v before the end of its context", err)
	}
}

func TestNodesBeginAnewWhenNATSComesBackWithoutItsData(t *testing.T) {
	t.Parallel()
	store := filepath.Join(t.TempDir(), "store")
	server := natsserver.Start(t, "--store_dir", store)
	nodes := []storingNode{joinWithData(t, server.URL, "a"), joinWithData(t, server.URL, "b")}
	nodes[0].mustStore(t, "before")
	server.Kill()
	if err := os.RemoveAll(store); err != nil {
		t.Fatal(err)
	}
	server.Restart()
	for _, n := range nodes {
		select {
		case <-n.lost: // although no one asks it for anything
		case <-time.After(30 * time.Second):
			t.Fatal("a node goes on with a log that is gone")
		}
		n.awaitReady(t, true)
	}
	nodes[0].mustStore(t, "after")
	checkSame(t, 1, nodes...)
}

func TestANodeSaysAtOnceThatTheServerHasNoJetStream(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t, "--jetstream=false")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := Connect(ctx, Config{
		URLs: []string{server.URL}, Prefix: "test",
		Logger: slog.New(slog.NewTextHandler(writerFunc(func(text string) {
			if strings.Contains(text, "-js") {
				cancel() // there is no need to wait for the end
			}
		}), nil)),
	})
	if err == nil || !strings.Contains(err.Error(), "-js") || ctx.Err() != context.Canceled {
		t.Errorf("Connect returned %v, and the context ended with %v", err, ctx.Err())
	}
}

func TestTheFirstNodeSaysWhichOtherClustersAreInTheSameNATS(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	join(t, server, "a")
	var log strings.Builder
	c, err := Connect(t.Context(), Config{
		URLs: []string{server.URL}, Prefix: "tset", Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Join(t.Context()); err != nil {
		t.Fatal(err)
	}
	const want = `msg="this node is the first one of the cluster" prefix=tset other_clusters_in_this_nats=[test]`
	if !strings.Contains(log.String(), want) {
		t.Errorf("the log says:\n%s", log.String())
	}
}

func TestAConnectionThatIsRefusedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const users = `authorization { users = [
		{ user: all, password: right },
		{ user: some, password: right, permissions: { publish: ["test.>"], subscribe: ["test.>", "_INBOX.>"] } }
	] }`
	server, file := startWith(t, users)
	at := func(login string) string { return strings.Replace(server.URL, "nats://", login, 1) }
	for _, test := range []struct {
		config Config
		want   string
	}{
		{Config{URLs: []string{at("nats://all:wrong@")}}, "check the user and the password, or the token, in --nats"},
		{Config{URLs: []string{at("nats://")}}, "check the user and the password, or the token, in --nats"},
		{Config{URLs: []string{at("tls://all:right@")}}, "the server has no TLS"},
		{Config{URLs: []string{at("nats://all:right@")}, CA: file + ".pem"}, "check --nats-tls"},
		{Config{URLs: []string{at("nats://all:right@")}, CA: file}, "check --nats-tls"},
		{Config{URLs: []string{at("nats://some:right@")}}, "check the permissions of the user"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		test.config.Prefix, test.config.Logger = "test", slog.New(slog.NewTextHandler(t.Output(), nil))
		_, err := Connect(ctx, test.config)
		cancel()
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "right") {
			t.Errorf("with %s, Connect returned %v", test.config.URLs, err)
		}
	}
}

func TestTheSameErrorOfNATSIsLoggedOnceInAWhile(t *testing.T) {
	t.Parallel()
	var r reports
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	for range 100 {
		r.add(nats.ErrAuthorization, logger)
	}
	if n := strings.Count(log.String(), "NATS reports an error: check the user"); n != 1 {
		t.Errorf("it was said %d times:\n%s", n, log.String())
	}
}

func TestANodeSaysAtOnceThatTheServerMayNotStoreEnough(t *testing.T) {
	t.Parallel()
	server, _ := startWith(t, "jetstream { max_file_store: 50MB }\n")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := Connect(ctx, Config{URLs: []string{server.URL}, Prefix: "test", Logger: slog.New(slog.DiscardHandler)})
	const want = "create the stream test-log, which can take 1024 MiB: "
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "max_file_store") {
		t.Errorf("Connect returned %v", err)
	}
	if ctx.Err() != nil {
		t.Error("it took 30 seconds")
	}
}

// A writerFunc is called with what is written.
type writerFunc func(text string)

func (f writerFunc) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}
