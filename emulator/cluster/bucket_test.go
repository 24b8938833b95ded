package cluster

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

// connect connects a process that does not join.
func connect(t *testing.T, url string) *Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	c, err := Dial(ctx, Config{
		URLs: []string{url}, Prefix: "test", Name: "node", Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// load returns a value, and fails the test if that fails.
func load(t *testing.T, v *Value) (string, uint64) {
	t.Helper()
	value, revision, err := v.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(value), revision
}

func TestOneOfManyCreatesAValueAndReadingMakesNothing(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	var values []*Value
	for range 3 {
		values = append(values, connect(t, server.URL).Value("keys", "keyring"))
	}
	for _, v := range values {
		if value, _, err := v.Load(t.Context()); value != nil || err != nil {
			t.Errorf("got %q (%v)", value, err)
		}
		if _, err := v.Update(t.Context(), []byte("x"), 0); !errors.Is(err, ErrUnavailable) && err == nil {
			t.Error("a value that does not exist was updated")
		}
	}
	for names := values[0].bucket.cluster.js.StreamNames(t.Context()); ; {
		name, more := <-names.Name()
		if !more {
			break
		}
		t.Errorf("there is a stream %s", name)
	}
	created := make([]bool, 30)
	var creating sync.WaitGroup
	for i := range created {
		creating.Go(func() {
			var err error
			if created[i], err = values[i%3].Create(t.Context(), []byte{byte(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	creating.Wait()
	winners := 0
	for i, won := range created {
		if value, _ := load(t, values[0]); won && value == string([]byte{byte(i)}) {
			winners++
		} else if won {
			t.Errorf("%d won, but the value is %q", i, value)
		}
	}
	if winners != 1 {
		t.Errorf("%d have created the value", winners)
	}
}

func TestAValueIsUpdatedOnlyWithItsRevision(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	a, b := connect(t, server.URL).Value("keys", "keyring"), connect(t, server.URL).Value("keys", "keyring")
	if created, err := a.Create(t.Context(), []byte("1")); !created || err != nil {
		t.Fatal(created, err)
	}
	_, revision := load(t, b)
	for i, want := range []bool{true, false} {
		updated, err := []*Value{a, b}[i].Update(t.Context(), []byte{byte('2' + i)}, revision)
		if updated != want || err != nil {
			t.Errorf("updated %t (%v), want %t", updated, err, want)
		}
	}
	if value, later := load(t, b); value != "2" || later <= revision {
		t.Errorf("the value is %q, with revision %d after %d", value, later, revision)
	}
}

func TestThoseWhoWatchAValueGetEachChangeAlsoAfterTheServerWasKilled(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	writer, watcher := connect(t, server.URL).Value("keys", "keyring"), connect(t, server.URL).Value("keys", "keyring")
	got := make(chan string, 10)
	watcher.Watch(func(value []byte, _ uint64) { got <- string(bytes.Clone(value)) }) // before there is a value
	if created, err := writer.Create(t.Context(), []byte("1")); !created || err != nil {
		t.Fatal(created, err)
	}
	expect := func(want string) {
		t.Helper()
		for timeout := time.After(30 * time.Second); ; {
			select {
			case value := <-got:
				if value == want {
					return
				}
			case <-timeout:
				t.Fatalf("%q does not arrive", want)
			}
		}
	}
	expect("1")
	for _, next := range []string{"2", "3"} {
		server.Restart()
		update := func() (bool, error) {
			_, revision, err := writer.Load(t.Context())
			if err != nil {
				return false, err
			}
			return writer.Update(t.Context(), []byte(next), revision)
		}
		timeout := time.Now().Add(30 * time.Second)
		for updated, err := update(); !updated; updated, err = update() {
			if time.Now().After(timeout) {
				t.Fatal(err)
			}
			sleep(t.Context(), connectWait)
		}
		expect(next)
	}
}

func TestAValueIsUnavailableWithoutTheServer(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	v := connect(t, server.URL).Value("keys", "keyring")
	if _, err := v.Create(t.Context(), []byte("1")); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, _, err := v.Load(ctx); !errors.Is(err, ErrUnavailable) {
		t.Errorf("loading: %v", err)
	}
	if _, err := v.Create(ctx, []byte("2")); !errors.Is(err, ErrUnavailable) {
		t.Errorf("creating: %v", err)
	}
	_, err := v.Update(ctx, []byte("2"), 1)
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "has lost its connection to NATS") {
		t.Errorf("updating: %v", err)
	}
}
