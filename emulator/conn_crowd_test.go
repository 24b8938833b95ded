//go:build unix && !race

package emulator_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestManyTLSClientsOfARoomReceiveEverythingInTheSameOrder(t *testing.T) {
	const clients, events = 2000, 20
	e, room := startTLS(t, emulator.Config{})
	var received [clients]bytes.Buffer
	var all sync.WaitGroup
	for i := range received {
		client := connectOverTLS(t, e, room)
		_ = client.SetReadDeadline(time.Now().Add(time.Minute)) // or a lost message would only end with the test
		all.Go(func() {
			for range events {
				_, text, err := client.ReadMessage()
				if err != nil {
					t.Error(err)
					return
				}
				received[i].Write(text)
			}
		})
	}
	for i := range events {
		post(t, e, "SendEvent", fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"e%d"}`, room, i))
	}
	all.Wait()
	rest := received[0].String()
	for i := range events {
		_, after, found := strings.Cut(rest, fmt.Sprintf(`"EventName":"e%d"`, i))
		if rest = after; !found {
			t.Fatalf("event %d is missing, or not in its order", i)
		}
	}
	for i := range received {
		if !bytes.Equal(received[i].Bytes(), received[0].Bytes()) {
			t.Errorf("client %d received something else than client 0", i)
		}
	}
}
