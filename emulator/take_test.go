package emulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// A takeTest is an emulator that answers handshakes with net/http or without.
type takeTest struct {
	*testing.T
	*Emulator
	room string
}

// call calls an operation and returns a member of the answer.
func (t *takeTest) call(operation, body, member string) (value string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	t.ServeHTTP(recorder, httptest.NewRequest("POST", "/"+operation, strings.NewReader(body)))
	var answer map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	value, _ = answer[member].(string)
	return value
}

func (t *takeTest) token() string {
	t.Helper()
	return t.call("CreateChatToken", fmt.Sprintf(`{"userId":"anna","roomIdentifier":%q}`, t.room), "token")
}

// send sends texts, waits for the answer to each, and returns the answers.
func (t *takeTest) send(texts ...string) (answers []string) {
	t.Helper()
	conn, err := net.Dial("tcp", t.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for _, text := range texts {
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			answers = append(answers, err.Error())
			continue
		}
		body, err := io.ReadAll(io.LimitReader(response.Body, max(0, response.ContentLength)))
		if err != nil {
			t.Error(err)
		}
		response.Header.Del("Date")
		answers = append(answers, fmt.Sprintf("%s %v %s", response.Status, response.Header, body))
	}
	return answers
}

// A handshake is answered in the same way, whether or not net/http sees it.
func TestAHandshakeIsAnsweredAsByNetHTTP(t *testing.T) {
	const handshake = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: TOKEN\r\n\r\n"
	const other = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
	with := func(t *takeTest, text string) string { return strings.ReplaceAll(text, "TOKEN", t.token()) }
	changed := func(replace, by string) func(*takeTest) []string {
		return func(t *takeTest) []string { return t.send(with(t, strings.Replace(handshake, replace, by, 1))) }
	}
	tests := map[string]func(*takeTest) []string{
		"an ordinary one":    changed("", ""),
		"a forged token":     changed("TOKEN", "AQICAHg!#0"),
		"no token":           changed("Sec-WebSocket-Protocol: TOKEN\r\n", ""),
		"two protocols":      changed("TOKEN", "TOKEN, chat"),
		"another method":     changed("GET", "POST"),
		"no host":            changed("Host: localhost\r\n", ""),
		"another version":    changed("13", "8"),
		"no Connection":      changed("Connection: Upgrade\r\n", ""),
		"the path of an API": changed("GET /", "GET /_ivschat/v1/clock"),
		"another page":       changed("Host", "Origin: https://example.com\r\nHost"),
		"frames that follow": changed("\r\n\r\n", "\r\n\r\n\x81\x80\x00\x00\x00\x00"),
		"after a request":    func(t *takeTest) []string { return t.send(other, with(t, handshake)) },
		"after a refused one": func(t *takeTest) []string {
			return t.send(strings.Replace(handshake, "TOKEN", "x", 1), with(t, handshake))
		},
		"a used token": func(t *takeTest) []string {
			text := with(t, handshake)
			return append(t.send(text), t.send(text)...)
		},
		"a deleted room": func(t *takeTest) []string {
			text := with(t, handshake)
			t.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/DeleteRoom",
				strings.NewReader(fmt.Sprintf(`{"identifier":%q}`, t.room))))
			return t.send(text)
		},
		"a fault": func(t *takeTest) []string {
			_, err := t.Faults().Add(fault.Rule{Operation: fault.Handshake, Effect: fault.ReturnStatus{Status: 502}})
			if err != nil {
				t.Fatal(err)
			}
			return t.send(with(t, handshake))
		},
	}
	ordinary := map[string]bool{
		"an ordinary one": true, "the path of an API": true, "another page": true, "frames that follow": true,
	}
	variable := regexp.MustCompile(`AQICAH[A-Za-z0-9_-]+!{0,2}#0|time=\S+ |_time=\S+|duration=\S+`)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observe := func(direct bool) string {
				t.Helper()
				var log bytes.Buffer
				e, err := New(Config{
					Listen: "127.0.0.1:0", RandomSeed: 1, Logger: slog.New(slog.NewTextHandler(&log, nil)),
				})
				if err != nil {
					t.Fatal(err)
				}
				var passed atomic.Bool // set before net/http answers, so before the client goes on
				e.servers.main.take = nil
				if direct {
					e.servers.main.take = func(conn net.Conn, first []byte) bool {
						taken := e.socket.Take(conn, first)
						if !taken {
							passed.Store(true)
						}
						return taken
					}
				}
				if err := e.Start(); err != nil {
					t.Fatal(err)
				}
				tt := &takeTest{T: t, Emulator: e}
				tt.room = tt.call("CreateRoom", "{}", "arn")
				seen := test(tt)
				if err := e.Close(); err != nil {
					t.Error(err)
				}
				var entries []string // a client has its answer before the entry is written, so their order varies
				for entry := range e.Journal().All(0, journal.Filter{}) {
					if entry.Kind == journal.Handshake || entry.Kind == journal.Connect {
						entries = append(entries, fmt.Sprint(entry.Kind, entry.UserID, entry.Room, entry.Status, entry.Reason))
					}
				}
				slices.Sort(entries)
				seen = append(seen, entries...)
				if direct && passed.Load() == ordinary[name] {
					t.Errorf("net/http gets a connection: %t, want %t", passed.Load(), !ordinary[name])
				}
				lines := strings.Split(variable.ReplaceAllString(log.String(), "…"), "\n")
				// It gives as a reason that the client left, or the shutdown, whichever comes first.
				lines = slices.DeleteFunc(lines, func(line string) bool {
					return strings.Contains(line, "a client disconnected")
				})
				slices.Sort(lines)
				return variable.ReplaceAllString(strings.Join(seen, "\n"), "…") + "\n" + strings.Join(lines, "\n")
			}
			if got, want := observe(true), observe(false); got != want {
				t.Errorf("without net/http:\n%s\nwith net/http:\n%s", got, want)
			}
		})
	}
}
