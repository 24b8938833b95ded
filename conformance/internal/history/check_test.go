package history_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance/internal/history"
)

// at returns a time of a history, in seconds.
func at(seconds float64) time.Time {
	return time.Unix(1_700_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

// A story is a small history, in which a and b send messages, and a, b and c receive them.
type story struct {
	history.History
	a, b, c *history.Connection
}

// tell returns a history in which a, b and c connect in second 0, a sends m1 in second 1 and b sends m2 in second 2.
// All is well.
func tell() *story {
	s := &story{a: join("a", 0), b: join("b", 0), c: join("c", 0)}
	s.Connections = append(s.Connections, s.a, s.b, s.c)
	s.send("m1", s.a, 1)
	s.send("m2", s.b, 2)
	for _, connection := range s.Connections {
		receive(connection, "m1", "m2")
	}
	return s
}

// join returns a connection that was opened in a second.
func join(name string, second float64) *history.Connection {
	return &history.Connection{
		Client: name, User: "user " + name, Token: fmt.Sprintf("token of %s in %v", name, second),
		Dialed: at(second), Opened: at(second + 0.5),
	}
}

// send sends a message in a second. It is answered half a second later.
func (s *story) send(text string, via *history.Connection, second float64) *history.Message {
	message := &history.Message{
		Text: text, Via: via, Sent: at(second), Answered: at(second + 0.5), Outcome: history.Acknowledged, ID: "id of " + text,
	}
	s.Messages = append(s.Messages, message)
	return message
}

// receive appends frames to what a connection received.
func receive(connection *history.Connection, texts ...string) {
	for _, text := range texts {
		connection.Frames = append(connection.Frames, history.Frame{ID: "id of " + text, Text: text})
	}
}

// forget makes a connection receive nothing.
func forget(connection *history.Connection) *history.Connection {
	connection.Frames = nil
	return connection
}

func TestAGoodHistoryHasNoProblems(t *testing.T) {
	for name, change := range map[string]func(*story){
		"nothing special": func(*story) {},
		"nothing at all":  func(s *story) { s.History = history.History{} },
		"a connection that ended early": func(s *story) {
			s.c.Frames = s.c.Frames[:1]
			receive(forget(s.b), "m1")
		},
		"a connection that received nothing": func(s *story) { forget(s.c) },
		"a late client": func(s *story) {
			late := join("late", 1.6)
			receive(late, "m2")
			s.Connections = append(s.Connections, late)
		},
		"a client that connected while a message was sent": func(s *story) {
			for _, frames := range [][]string{{"m1", "m2"}, {"m2"}} {
				late := join(fmt.Sprint("late with ", frames), 0.8)
				receive(late, frames...)
				s.Connections = append(s.Connections, late)
			}
		},
		"a client that connects again": func(s *story) {
			s.c.Frames = s.c.Frames[:1]
			again := join("c", 1.6)
			receive(again, "m2")
			s.Connections = append(s.Connections, again)
		},
		"a message without an answer that all received": func(s *story) {
			s.Messages[1].Outcome, s.Messages[1].ID, s.Messages[1].Answered = history.Unknown, "", time.Time{}
		},
		"a message without an answer that nobody received": func(s *story) {
			s.send("lost", s.c, 1.6).Outcome = history.Unknown
		},
		"a refused message": func(s *story) { s.send("refused", s.c, 1.6).Outcome = history.Refused },
		"messages at the same time in any order": func(s *story) {
			s.send("m3", s.a, 3)
			s.send("m4", s.b, 3.2)
			for _, connection := range s.Connections {
				receive(connection, "m4", "m3")
			}
		},
		"a disconnected user who comes back": func(s *story) {
			s.send("bye", nil, 3).Disconnects = "user b"
			again := join("b", 4)
			s.Connections = append(s.Connections, again)
			s.send("back", again, 5)
			receive(s.a, "bye", "back")
			receive(s.c, "bye", "back")
			receive(again, "back")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell()
			change(s)
			for _, problem := range s.Check() {
				t.Error(problem)
			}
		})
	}
}

func TestProblemsAreFound(t *testing.T) {
	for name, bad := range map[string]struct {
		change  func(*story)
		problem string
	}{
		"a token used twice": {
			func(s *story) { s.c.Token = s.a.Token }, "a and c connected with the same token",
		},
		"the same ID twice": {
			func(s *story) { receive(s.c, "m2") }, `c received "m2" (id of m2) twice`,
		},
		"the same ID on two connections of a client": {
			func(s *story) {
				again := join("c", 1.6)
				receive(again, "m2")
				s.Connections = append(s.Connections, again)
			}, `c received "m2" (id of m2) twice`,
		},
		"two IDs": {
			func(s *story) { s.c.Frames[1].ID = "another" }, `the ID another, but it also has the ID id of m2`,
		},
		"an ID that is not that of the answer": {
			func(s *story) { s.Messages[0].ID = "another" }, `a received "m1" with the ID id of m1, but it also has the ID another`,
		},
		"two messages with one ID": {
			func(s *story) {
				s.Messages[1].ID = "id of m1"
				for _, connection := range s.Connections {
					connection.Frames[1].ID = "id of m1"
				}
			}, `received "m1" and "m2" with the ID id of m1`,
		},
		"a message that nobody sent": {
			func(s *story) { receive(s.c, "m3") }, `c received "m3", which nobody sent`,
		},
		"a message that was refused": {
			func(s *story) { s.Messages[1].Outcome = history.Refused }, `a received "m2", which was refused`,
		},
		"a text that was sent twice": {
			func(s *story) { s.send("m1", s.b, 3) }, `the test sent "m1" twice`,
		},
		"a message from before the connection": {
			func(s *story) {
				late := join("late", 1.6)
				receive(late, "m1", "m2")
				s.Connections = append(s.Connections, late)
			}, `late received "m1", which was answered before it connected`,
		},
		"a gap before the last frame": {
			func(s *story) { receive(forget(s.c), "m2") }, `c did not receive "m1"`,
		},
		"a gap of what was not acknowledged": {
			func(s *story) {
				s.Messages[0].Outcome = history.Unknown
				receive(forget(s.c), "m2")
			}, `c did not receive "m1"`,
		},
		"a message that nobody received": {
			func(s *story) {
				for _, connection := range s.Connections {
					receive(forget(connection), "m2")
				}
			}, `a did not receive "m1"`,
		},
		"different orders of two clients": {
			func(s *story) {
				s.send("m3", s.a, 3)
				s.send("m4", s.b, 3.2)
				receive(s.a, "m3", "m4")
				receive(s.b, "m4", "m3")
			}, `different orders: `,
		},
		"different orders of three clients": {
			func(s *story) {
				for _, text := range []string{"m3", "m4", "m5"} {
					s.send(text, nil, 3)
				}
				receive(s.a, "m3", "m4")
				receive(s.b, "m4", "m5")
				receive(s.c, "m5", "m3")
			}, `different orders: `,
		},
		"an order that is not that of time": {
			func(s *story) {
				for _, connection := range s.Connections {
					receive(forget(connection), "m2", "m1")
				}
			}, `a received "m1" after "m2", which was sent later than the other was answered`,
		},
		"a message of a disconnected user": {
			func(s *story) {
				s.send("bye", nil, 3).Disconnects = "user b"
				s.send("late", s.b, 3.2)
				receive(s.a, "bye", "late")
			}, `a received "late" of user b after "bye", which disconnected this user`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell()
			bad.change(s)
			problems := strings.Join(s.Check(), "\n")
			if !strings.Contains(problems, bad.problem) {
				t.Errorf("the problems are %q, want one with %q", problems, bad.problem)
			}
		})
	}
}

// The message of a cycle names a client for each step.
func TestACycleIsReportedWithItsClients(t *testing.T) {
	s := tell()
	for _, text := range []string{"m3", "m4", "m5"} {
		s.send(text, nil, 3)
	}
	receive(s.a, "m3", "m4")
	receive(s.b, "m4", "m5")
	receive(s.c, "m5", "m3")
	problems := strings.Join(s.Check(), "\n")
	for _, step := range []string{
		`a received "m3" before "m4"`, `b received "m4" before "m5"`, `c received "m5" before "m3"`,
	} {
		if !strings.Contains(problems, step) {
			t.Errorf("the problems are %q, want %q in them", problems, step)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	s := &story{}
	sender := join("sender", 0)
	s.Connections = append(s.Connections, sender)
	for i := range 300 {
		s.Connections = append(s.Connections, join(fmt.Sprint("client ", i), 0))
	}
	for i := range 5_000 {
		s.send(fmt.Sprint("m", i), sender, float64(i+1))
	}
	for _, connection := range s.Connections {
		for _, message := range s.Messages {
			receive(connection, message.Text)
		}
	}
	for b.Loop() {
		if problems := s.Check(); problems != nil {
			b.Fatal(problems)
		}
	}
}
