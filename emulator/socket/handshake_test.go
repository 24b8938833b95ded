package socket

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// theRoom is the room of a fakeToken.
var theRoom = ivschat.ARN{
	Owner:        ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"},
	ResourceType: ivschat.RoomResource, ID: "abcdefghijkl",
}

const theARN = "arn:aws:ivschat:us-east-1:123456789012:room/abcdefghijkl"

// A fakeToken opens every text as one token that expires in five minutes, unless it has an error. It is
// also the only room, unless it has an error.
type fakeToken struct {
	opening          error
	finding          error
	using            error
	used             bool
	expires, session time.Time
}

func newFakeToken() *fakeToken {
	now := time.Now().UTC()
	return &fakeToken{expires: now.Add(5 * time.Minute), session: now.Add(time.Hour)}
}

func (f *fakeToken) OpenChatToken(context.Context, string) (ivschat.ChatToken, error) {
	token := ivschat.ChatToken{
		ID: "token", Room: theRoom, UserID: "anna", Capabilities: []ivschat.Capability{ivschat.CapabilitySendMessage},
		TokenExpirationTime: f.expires, SessionExpirationTime: f.session,
	}
	if f.opening != nil {
		token = ivschat.ChatToken{}
	}
	return token, f.opening
}

func (f *fakeToken) UseToken(context.Context, string, time.Time, time.Time) (bool, error) {
	return !f.used, f.using
}

func (f *fakeToken) Room(context.Context, ivschat.ARN) (ivschat.Room, error) {
	return ivschat.Room{}, f.finding
}

// newFakeHandler returns an endpoint with the token, and its log.
func newFakeHandler(t *testing.T, token *fakeToken, change ...func(*Config)) (*Handler, *strings.Builder) {
	t.Helper()
	log, lines := newLog()
	return newHandler(t, append(change, func(c *Config) {
		c.Tokens, c.UsedTokens, c.Rooms, c.Logger = token, token, token, log
	})...), lines
}

func TestARefusedHandshakeIsAnsweredLoggedAndInTheJournal(t *testing.T) {
	everything := fault.Rule{
		Operation: fault.Handshake, Account: "123456789012", Room: theARN, UserID: "anna",
		Capability: ivschat.CapabilitySendMessage,
	}
	for name, test := range map[string]struct {
		token   func(*fakeToken)
		request func(*http.Request)
		fault   func(*fault.Rule)
		status  int
		kind    string // of the exception
		message string
		room    string // if it is known
		waited  time.Duration
		log     string // before the line of the refusal
	}{
		"malformed": {
			request: func(r *http.Request) { r.Header.Set("Sec-WebSocket-Version", "8") },
			status:  400, kind: "MalformedHttpRequestException", message: `the Sec-WebSocket-Version is "8", but must be 13`,
		},
		"without a token": {
			request: func(r *http.Request) { r.Header.Del("Sec-WebSocket-Protocol") },
			status:  401, kind: "NotAuthorized",
			message: "the request has no chat token: send one as the WebSocket subprotocol",
		},
		"with a token of another emulator": {
			token:  func(f *fakeToken) { f.opening = ivschat.ErrInvalidToken },
			status: 401, kind: "NotAuthorized",
			message: "the chat token was not issued by this emulator, or it was changed",
		},
		"with a token that cannot be opened": {
			token:  func(f *fakeToken) { f.opening = errors.New("no key") },
			status: 500, kind: "InternalServerException", message: "internal error",
			log: "level=ERROR msg=\"internal error\" error=\"no key\"\n",
		},
		"with a token that expires now": {
			token:  func(f *fakeToken) { f.expires = time.Now().UTC() },
			status: 401, kind: "NotAuthorized", room: theARN,
			message: "the chat token expired at 2000-01-01T00:00:00Z, and the service's clock is at " +
				"2000-01-01T00:00:00Z: create a new one",
		},
		"with a token that expires during a fault": {
			fault:  func(r *fault.Rule) { r.Delay = 10 * time.Minute },
			status: 401, kind: "NotAuthorized", room: theARN,
			message: "the chat token expired at 2000-01-01T00:05:00Z, and the service's clock is at " +
				"2000-01-01T00:10:00Z: create a new one",
			waited: 10 * time.Minute,
		},
		"for a room that does not exist": {
			token: func(f *fakeToken) {
				f.finding = &ivschat.Exception{Type: ivschat.ResourceNotFoundException, Message: "no room"}
			},
			status: 404, kind: "ResourceNotFoundException", room: theARN, message: "no room",
		},
		"when the use cannot be stored": {
			token:  func(f *fakeToken) { f.using = errors.New("disk full") },
			status: 500, kind: "InternalServerException", room: theARN, message: "internal error",
			log: "level=ERROR msg=\"internal error\" error=\"disk full\"\n",
		},
		"with a token that was used": {
			token:  func(f *fakeToken) { f.used = true },
			status: 401, kind: "NotAuthorized", room: theARN,
			message: "the chat token was already used, and a token opens only one connection: create a new one",
		},
		"with an exception of a fault": {
			fault: func(r *fault.Rule) {
				r.Effect = fault.ReturnException{Name: "ThrottlingException", Message: "slow down"}
			},
			status: 429, kind: "ThrottlingException", room: theARN, message: "slow down",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				token, rules := newFakeToken(), []fault.Rule{}
				if test.token != nil {
					test.token(token)
				}
				if test.fault != nil {
					rule := everything
					test.fault(&rule)
					rules = append(rules, rule)
				}
				h, log := newFakeHandler(t, token, func(c *Config) { c.Faults = newFaults(t, func() {}, rules...) })
				request := newHandshake()
				if test.request != nil {
					test.request(request)
				}
				start := time.Now()
				recorder := hijackable{httptest.NewRecorder()}
				h.ServeHTTP(recorder, request)

				entry := journal.Entry{
					ID: 1, Time: start.Add(test.waited), Kind: journal.Handshake, Status: test.status, Reason: test.message,
				}
				where := "unknown"
				if test.room != "" {
					where, entry.Room = test.room, test.room
					entry.Account, entry.Region, entry.UserID = "123456789012", "us-east-1", "anna"
				}
				quoted := strings.ReplaceAll(test.message, `"`, `\"`)
				if got, want := recorder.Body.String(), `{"message":"`+quoted+`"}`; got != want {
					t.Errorf("the body is %s, want %s", got, want)
				}
				header := http.Header{"Content-Type": {"application/json"}, "X-Amzn-Errortype": {test.kind}}
				if test.kind == "MalformedHttpRequestException" {
					header["Sec-Websocket-Version"], header["Connection"] = []string{"13"}, []string{"close"}
				}
				if !reflect.DeepEqual(recorder.Header(), header) || recorder.Code != test.status {
					t.Errorf("the status is %d and the header %v, want %d and %v",
						recorder.Code, recorder.Header(), test.status, header)
				}
				entries := h.Journal.Latest(10, journal.Filter{})
				if len(entries) != 1 || !entries[0].Time.Equal(entry.Time) {
					t.Fatalf("the journal has %+v", entries)
				}
				entries[0].Time = entry.Time
				if !reflect.DeepEqual(entries[0], entry) {
					t.Errorf("the journal has %+v, want %+v", entries[0], entry)
				}
				line := test.log + "level=WARN msg=\"a WebSocket handshake was refused\" status=" +
					strconv.Itoa(test.status) + " reason=\"" + quoted + "\" room=" + where + "\n"
				if log.String() != line {
					t.Errorf("the log is\n%swant\n%s", log, line)
				}
				h.Close(t.Context()) // which waits for handshakes
			})
		})
	}
}

func TestAHandshakeThatAFaultBreaksIsInTheJournal(t *testing.T) {
	for name, test := range map[string]struct {
		effect fault.Effect
		status int
	}{
		"with a status": {fault.ReturnStatus{Status: 418, Body: "teapot"}, 418},
		"by a reset":    {fault.ResetConnection{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, client := net.Pipe()
				defer client.Close()
				h, log := newFakeHandler(t, newFakeToken(), func(c *Config) {
					c.Faults = newFaults(t, func() {}, fault.Rule{Operation: fault.Handshake, Effect: test.effect})
				})
				recorder := memoryResponse{httptest.NewRecorder(), server}
				h.ServeHTTP(recorder, newHandshake())
				h.Close(t.Context()) // which waits for handshakes
				entries := h.Journal.Latest(10, journal.Filter{})
				if len(entries) != 1 || entries[0].Kind != journal.Handshake || entries[0].Status != test.status ||
					entries[0].Reason != "fault" || entries[0].Room != theARN {
					t.Errorf("the journal has %+v", entries)
				}
				if test.status != 0 && (recorder.Code != test.status || recorder.Body.String() != "teapot") {
					t.Errorf("the answer is %d with %s", recorder.Code, recorder.Body)
				}
				if log.String() != "" {
					t.Errorf("the log is %s", log)
				}
			})
		})
	}
}

func TestAClientHasTwoSecondsToReceiveTheAnswerToItsHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		h, log := newFakeHandler(t, newFakeToken())
		start := time.Now()
		h.ServeHTTP(memoryResponse{httptest.NewRecorder(), server}, newHandshake())
		if waited := time.Since(start); waited != 2*time.Second {
			t.Errorf("the handshake ended after %v", waited)
		}
		const reason = "write pipe: i/o timeout"
		line := "level=WARN msg=\"a WebSocket handshake failed\" error=\"" + reason + "\" room=" + theARN + "\n"
		if log.String() != line {
			t.Errorf("the log is\n%swant\n%s", log, line)
		}
		entries := h.Journal.Latest(10, journal.Filter{})
		if len(entries) != 1 || entries[0].Kind != journal.Handshake || entries[0].Status != 400 ||
			entries[0].Reason != reason || entries[0].Room != theARN {
			t.Errorf("the journal has %+v", entries)
		}
		if sessions := h.Live.Sessions("", ivschat.ARN{}); len(sessions) > 0 {
			t.Errorf("%d sessions are open", len(sessions))
		}
		h.Close(t.Context()) // which waits for sessions
	})
}

func TestAConnectionIsLoggedAndInTheJournalUntilItEnds(t *testing.T) {
	for reason, end := range map[string]func(*testing.T, *Handler, *websocket.Conn){
		"left":     func(_ *testing.T, _ *Handler, client *websocket.Conn) { _ = client.Close() },
		"shutdown": func(t *testing.T, h *Handler, _ *websocket.Conn) { h.Close(t.Context()) },
	} {
		t.Run(reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, log := newFakeHandler(t, newFakeToken(), func(c *Config) { c.PingInterval = 30 * time.Second })
				client, response := dialInMemory(t, h.ServeHTTP, http.Header{
					"Sec-Websocket-Protocol": {"the-token, another"}, "Origin": {"https://elsewhere.example"},
				})
				if got := response.Header["Sec-Websocket-Protocol"]; !reflect.DeepEqual(got, []string{"the-token"}) {
					t.Errorf("the answer has the subprotocols %q", got)
				}
				if h.enter() != nil { // a second session is still in its handshake
					t.Error("the endpoint is closed")
				}
				inHandshake := joined(t, h, ivschat.ChatToken{SessionExpirationTime: time.Now().Add(time.Hour)})
				pings := 0
				client.SetPingHandler(func(string) error {
					pings++
					return nil
				})
				go drain(client)
				time.Sleep(65 * time.Second)
				synctest.Wait()
				if pings != 2 {
					t.Errorf("the client received %d pings in 65 seconds", pings)
				}
				h.leave(inHandshake, "")
				end(t, h, client)
				synctest.Wait()
				want := "level=INFO msg=\"a client connected\" room=" + theARN +
					" session_expiration_time=2000-01-01T01:00:00.000Z service_time=2000-01-01T00:00:00.000Z\n" +
					"level=INFO msg=\"a client disconnected\" reason=" + reason + " room=" + theARN + "\n"
				if log.String() != want {
					t.Errorf("the log is\n%swant\n%s", log, want)
				}
				entries := h.Journal.Latest(10, journal.Filter{})
				if len(entries) != 2 || entries[0].Kind != journal.Connect || entries[1].Kind != journal.Disconnect ||
					entries[1].Reason != reason {
					t.Errorf("the journal has %+v", entries)
				}
				if len(h.sessions) > 0 || len(h.Live.Sessions("", ivschat.ARN{})) > 0 {
					t.Error("the session is kept")
				}
				h.Close(t.Context())
			})
		})
	}
}

// A fullRoom is a fan-out that no session can join.
type fullRoom struct{ *room.Local }

func (fullRoom) Join(ivschat.ARN, string, int) (room.Member, error) {
	return room.Member{}, errors.New("the other nodes cannot be reached")
}

func TestAHandshakeIsRefusedIfItsSessionCannotBegin(t *testing.T) {
	h, _ := newFakeHandler(t, newFakeToken())
	h.Live = room.New(room.Config{Clock: h.Clock, Journal: h.Journal, Fanout: fullRoom{new(room.Local)}})
	server, client := net.Pipe()
	defer client.Close()
	recorder := httptest.NewRecorder()
	h.ServeHTTP(memoryResponse{recorder, server}, newHandshake())
	if recorder.Code != 503 || recorder.Body.String() != `{"message":"the other nodes cannot be reached"}` ||
		recorder.Header().Get("x-amzn-ErrorType") != "ServiceUnavailable" {
		t.Errorf("the answer is %d %v with %s", recorder.Code, recorder.Header(), recorder.Body)
	}
	entries := h.Journal.Latest(10, journal.Filter{})
	if len(entries) != 1 || entries[0].Kind != journal.Handshake || entries[0].Status != 503 || entries[0].Room != theARN {
		t.Errorf("the journal has %+v", entries)
	}
	h.Close(t.Context()) // which waits for handshakes
}
