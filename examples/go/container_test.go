package main

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/gorilla/websocket"
	"github.com/testcontainers/testcontainers-go"

	ivschatlocal "github.com/ivschat-local/ivschat-local/packages/testcontainers-go"
)

// The emulator can also run in a container. This test uses the back end as it is deployed: it reads the environment,
// and a chat client connects to the URL that it answers.
func TestWithAContainer(t *testing.T) {
	testcontainers.SkipIfProviderIsNotHealthy(t)
	emulator, err := ivschatlocal.Run(t.Context(), "")
	testcontainers.CleanupContainer(t, emulator)
	ivschatlocal.LogOnFailure(t, emulator)
	if err != nil {
		t.Fatal(err)
	}
	host, err := emulator.FromHost(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range host.Env() {
		t.Setenv(name, value)
	}

	backend, err := configure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settings, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	room, err := ivschat.NewFromConfig(settings).CreateRoom(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}

	joined := join(t, backend, *room.Arn, "anna")
	dialer := websocket.Dialer{Subprotocols: []string{joined.Token}}
	anna, _, err := dialer.DialContext(t.Context(), joined.MessagingURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer anna.Close()
	if err := emulator.Advance(t.Context(), 61*time.Minute); err != nil { // the session expires
		t.Fatal(err)
	}
	var frame struct{ ErrorCode int }
	if err := anna.ReadJSON(&frame); err != nil || frame.ErrorCode != 401 {
		t.Errorf("got error code %d, %v, want 401", frame.ErrorCode, err)
	}
}
