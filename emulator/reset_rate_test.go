package emulator_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator"
)

const defaultAccount = "123456789012"

// A usedUp is an account that has used up its rate of events, and has a room that has used up its rate
// of messages.
type usedUp struct {
	account string
	room    string
	handler http.Handler
	n       *network
}

func useUpRates(t *testing.T, n *network, account string) *usedUp {
	t.Helper()
	handler := as(account, n)
	l := &usedUp{account, createRoom(t, handler, `{"maximumMessageRatePerSecond":1}`), handler, n}
	if events, messages := l.limited(t); events || messages {
		t.Errorf("account %s is limited at first: events %v, messages %v", account, events, messages)
	}
	if events, messages := l.limited(t); !events || !messages {
		t.Errorf("account %s is not limited: events %v, messages %v", account, events, messages)
	}
	return l
}

// limited reports whether one more event and one more message are refused.
func (l *usedUp) limited(t *testing.T) (events, messages bool) {
	t.Helper()
	answer := call(l.handler, "SendEvent", fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"e"}`, l.room))
	c := l.n.connectWith(t, createToken(t, l.handler, l.room, "anna", ""))
	c.sendMessage("x")
	return answer.Code == http.StatusTooManyRequests, c.receive().ErrorCode == 429
}

// expect checks whether the rates of the account are still used up, in the same room.
func (l *usedUp) expect(t *testing.T, want bool) {
	t.Helper()
	if events, messages := l.limited(t); events != want || messages != want {
		t.Errorf("account %s: events are limited: %v, messages are limited: %v, want %v",
			l.account, events, messages, want)
	}
}

func TestARestoreRefillsTheRatesOfExactlyItsAccounts(t *testing.T) {
	for account, both := range map[string]bool{defaultAccount: false, "": true} {
		t.Run("account "+account, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := serveInMemory(t, emulator.Config{SendEventRate: 1})
				n.Clock().SetScale(0) // or rates refill by themselves
				restored, other := useUpRates(t, n, defaultAccount), useUpRates(t, n, otherAccount)
				document, err := n.Snapshot(context.Background(), account)
				if err != nil {
					t.Fatal(err)
				}
				if err := n.Restore(context.Background(), account, document); err != nil {
					t.Fatal(err)
				}
				restored.expect(t, false)
				other.expect(t, !both)
			})
		})
	}
}

func TestAResetRefillsTheRatesOfExactlyItsAccounts(t *testing.T) {
	for account, both := range map[string]bool{defaultAccount: false, "": true} {
		t.Run("account "+account, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := serveInMemory(t, emulator.Config{SendEventRate: 1})
				for _, of := range []string{defaultAccount, otherAccount} {
					n.Clock().Account(of).SetScale(0) // or rates refill by themselves
				}
				reset, other := useUpRates(t, n, defaultAccount), useUpRates(t, n, otherAccount)
				if err := n.Reset(context.Background(), account); err != nil {
					t.Fatal(err)
				}
				for l, limited := range map[*usedUp]bool{reset: false, other: !both} {
					room := createRoom(t, l.handler, "")
					answer := call(l.handler, "SendEvent", fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"e"}`, room))
					if got := answer.Code == http.StatusTooManyRequests; got != limited {
						t.Errorf("account %s: events are limited: %v, want %v", l.account, got, limited)
					}
				}
			})
		})
	}
}
