package emulator

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/pipenet"
)

// late is longer than every timeout of the HTTP servers.
const late = 9 * time.Minute

// A slowTest is an emulator with its own HTTP server, on a network in memory.
type slowTest struct {
	*testing.T
	*Emulator
	plane chatclient.ControlPlane
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	room  string // ARN
}

// slowly runs a test in a bubble, so that late takes no real time.
func slowly(t *testing.T, test func(t *slowTest)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e, err := New(Config{})
		if err != nil {
			t.Fatal(err)
		}
		network := pipenet.New()
		e.servers.listen = func(string, string) (net.Listener, error) { return network, nil }
		if err := e.Start(); err != nil {
			t.Fatal(err)
		}
		// Without keep-alive, because a request that is lost on a used connection is sent again.
		transport := &http.Transport{DialContext: network.Dial, DisableKeepAlives: true}
		t.Cleanup(func() {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
		plane := chatclient.ControlPlane{
			Endpoint: "http://127.0.0.1", AccountID: "123456789012", Region: "us-east-1",
			HTTPClient: &http.Client{Transport: transport},
		}
		room, err := plane.CreateRoom(t.Context(), chatclient.CreateRoomInput{})
		if err != nil {
			t.Fatal(err)
		}
		test(&slowTest{t, e, plane, network.Dial, room})
	})
}

// connect connects a user who may send messages.
func (t *slowTest) connect(user string) *chatclient.Client {
	t.Helper()
	token, err := t.plane.CreateChatToken(t.Context(), chatclient.CreateChatTokenInput{
		RoomIdentifier: t.room, UserID: user, Capabilities: []string{"SEND_MESSAGE"},
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := chatclient.Dial(t.Context(), t.plane.Endpoint, token, chatclient.Options{NetDial: t.dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Drop()
		<-c.Done()
	})
	return c
}

// sendLate sends a message at the time late.
func (t *slowTest) sendLate() {
	anna := t.connect("anna")
	time.AfterFunc(late, func() {
		if _, err := anna.SendMessage("late", nil); err != nil {
			t.Error(err)
		}
	})
}

// get sends a request to the admin API.
func (t *slowTest) get(path string) io.Reader {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", t.plane.Endpoint+"/_ivschat/v1/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := t.plane.HTTPClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatal(response.Status)
	}
	return response.Body
}

func TestAWaitForFramesOutlivesTheServersTimeouts(t *testing.T) {
	slowly(t, func(t *slowTest) {
		t.sendLate()
		path := "rooms/" + t.room + "/frames?direction=out&after=0&count=1&timeout=10m"
		body, err := io.ReadAll(t.get(path))
		if err != nil || !strings.Contains(string(body), `"Content":"late"`) {
			t.Errorf("%s, %v", body, err)
		}
	})
}

func TestTheEventStreamOutlivesTheServersTimeouts(t *testing.T) {
	slowly(t, func(t *slowTest) {
		t.sendLate()
		lines := bufio.NewScanner(t.get("events"))
		for lines.Scan() && !strings.Contains(lines.Text(), `"direction":"out"`) {
		}
		if !strings.Contains(lines.Text(), `"Content":"late"`) {
			t.Errorf("the stream ended with %q, %v", lines.Text(), lines.Err())
		}
	})
}

func TestAnIdleChatConnectionOutlivesTheServersTimeouts(t *testing.T) {
	slowly(t, func(t *slowTest) {
		ben := t.connect("ben")
		t.sendLate()
		if frame, err := ben.Receive(t.Context()); err != nil || frame.Content != "late" {
			t.Errorf("received %s, %v", frame.Raw, err)
		}
	})
}

func TestAnAnswerThatAFaultDelaysOutlivesTheServersTimeouts(t *testing.T) {
	slowly(t, func(t *slowTest) {
		for _, operation := range []string{"CreateChatToken", fault.Handshake} {
			if _, err := t.Faults().Add(fault.Rule{Operation: operation, Times: 1, Delay: late}); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		token, err := t.plane.CreateChatToken(t.Context(), chatclient.CreateChatTokenInput{
			RoomIdentifier: t.room, UserID: "anna",
		})
		if took := time.Since(began); err != nil || took != late {
			t.Fatalf("CreateChatToken took %v: %v", took, err)
		}
		began = time.Now()
		options := chatclient.Options{NetDial: t.dial, HandshakeTimeout: 2 * late}
		c, err := chatclient.Dial(t.Context(), t.plane.Endpoint, token, options)
		if took := time.Since(began); err != nil || took != late {
			t.Fatalf("the handshake took %v: %v", took, err)
		}
		c.Close()
	})
}
