package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

func TestThoseWhoWatchAValueLearnThatItWasDeletedAndCanMakeItAgain(t *testing.T) {
	t.Parallel()
	c := connect(t, natsserver.Start(t).URL)
	v := c.Value("keys", "keyring")
	if _, err := v.Create(t.Context(), []byte("1")); err != nil {
		t.Fatal(err)
	}
	changes := make(chan string, 100)
	v.Watch(func(value []byte, _ uint64) { changes <- string(value) })
	if value := <-changes; value != "1" {
		t.Fatalf("the value is %q", value)
	}
	if err := c.js.DeleteStream(t.Context(), "KV_test-keys"); err != nil {
		t.Fatal(err)
	}
	if value := <-changes; value != "" {
		t.Fatalf("the value is %q", value)
	}
	if created, err := v.Create(t.Context(), []byte("2")); !created || err != nil {
		t.Fatal(created, err)
	}
	value := ""
	for value == "" {
		value = <-changes
	}
	if value != "2" {
		t.Errorf("the value is %q", value)
	}
}

func TestTokensCanBeUsedOnceTheirBucketWasDeleted(t *testing.T) {
	t.Parallel()
	c := connect(t, natsserver.Start(t).URL)
	u, err := c.UsedTokens(t.Context(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.js.DeleteStream(t.Context(), "KV_test-tokens"); err != nil {
		t.Fatal(err)
	}
	use := func() (bool, error) {
		ctx, cancel := context.WithTimeout(t.Context(), useTime)
		defer cancel()
		return u.UseToken(ctx, "token", time.Now(), time.Now().Add(time.Hour))
	}
	if _, err := use(); err != nil && !errors.Is(err, ErrUnavailable) {
		t.Fatal(err)
	}
	if _, err := use(); err != nil {
		t.Fatal(err)
	}
	if first, err := use(); first || err != nil {
		t.Errorf("the second use returned %t, %v", first, err)
	}
}
