package room

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

// goneRooms is a Finder for rooms that were deleted.
type goneRooms struct{}

func (goneRooms) Room(_ context.Context, arn ivschat.ARN) (ivschat.Room, error) {
	return ivschat.Room{}, fmt.Errorf("find the room: %w", ivschat.NotFound(arn))
}

const message = `{"Action":"SEND_MESSAGE","RequestId":"r","Content":"x"}`

func TestARequestThatFailsIsAnsweredWithAnErrorToItsSenderOnly(t *testing.T) {
	_, notJSON := messaging.Parse([]byte("no JSON"))
	for name, test := range map[string]struct {
		change    func(*Config)
		frame     string
		binary    bool
		want      *messaging.Error
		requestID string
	}{
		"a binary frame":           {frame: message, binary: true, want: messaging.ErrBinary},
		"a frame that is not JSON": {frame: "no JSON", want: notJSON},
		"a message that is too long": {
			frame: fmt.Sprintf(`{"Action":"SEND_MESSAGE","RequestId":"r","Content":%q}`, strings.Repeat("é", 501)),
			want:  messaging.ErrContentTooLong, requestID: "r",
		},
		"a room that was deleted": {
			change: func(c *Config) { c.Finder = goneRooms{} },
			frame:  message, want: messaging.ErrRoomNotFound, requestID: "r",
		},
		"a room that cannot be read": {
			change: func(c *Config) { c.Finder = brokenStore{} },
			frame:  message, want: messaging.ErrInternal, requestID: "r",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			if test.change == nil {
				test.change = func(*Config) {}
			}
			r, sender, other := newRooms(test.change), new(client), new(client)
			s := enter(r, hall, "anna", sender)
			enter(r, hall, "ben", other)
			if !s.HandleFrame(t.Context(), []byte(test.frame), test.binary) {
				t.Errorf("%s: it is over the rate", name)
			}
			synctest.Wait()
			want := errorFrame(test.want, test.requestID)
			expect(t, name, sender, want)
			expect(t, name, other)
			expectEntries(t, r, journal.Filter{Kind: journal.Frame, Direction: journal.Out}, journal.Entry{
				Time: time.Now().UTC(), Kind: journal.Frame, Direction: journal.Out, UserID: "anna",
				Frame: []byte(want),
			}.About(hall))
		})
	}
}

func TestAnActionWithoutItsCapabilityIsForbidden(t *testing.T) {
	for action, members := range map[ivschat.Action]string{
		ivschat.ActionSendMessage: `"Content":"x"`, ivschat.ActionDeleteMessage: `"Id":"AbCdEf012345"`,
		ivschat.ActionDisconnectUser: `"UserId":"ben"`,
	} {
		synctest.Test(t, func(t *testing.T) {
			r, c := newRooms(), new(client)
			s := enter(r, hall, "anna", c)
			s.Token.Capabilities = nil
			for _, other := range ivschat.Actions() {
				if other != action {
					s.Token.Capabilities = append(s.Token.Capabilities, other.Capability())
				}
			}
			frame := fmt.Sprintf(`{"Action":%q,"RequestId":"r",%s}`, action, members)
			s.HandleFrame(t.Context(), []byte(frame), false)
			synctest.Wait()
			expect(t, string(action), c, errorFrame(messaging.ErrForbidden(action), "r"))
		})
	}
}

func TestAMessageOfTheMaximumLengthReachesEveryoneInItsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, sender, other, elsewhere := newRooms(), new(client), new(client), new(client)
		s := enter(r, hall, "anna", sender)
		enter(r, hall, "ben", other)
		enter(r, otherRoom, "ben", elsewhere)
		r.Clock.Advance(time.Minute)
		content := strings.Repeat("é", 500)
		frame := fmt.Sprintf(`{"Action":"SEND_MESSAGE","RequestId":"r","Content":%q,"Attributes":{"a":"b"}}`, content)
		s.HandleFrame(t.Context(), []byte(frame), false)
		synctest.Wait()
		want := string(messaging.Message{
			ID: "ID", RequestID: "r", Attributes: map[string]string{"a": "b"}, Content: content,
			SendTime: r.Clock.Now(),
			Sender:   messaging.Sender{UserID: "anna", Attributes: map[string]string{"name": "of anna"}},
		}.Encode())
		expect(t, "the sender", sender, want)
		expect(t, "the other", other, want)
		expect(t, "in another room", elsewhere)
		expectEntries(t, r, journal.Filter{Kind: journal.Frame},
			journal.Entry{
				Time: r.Clock.Now(), Kind: journal.Frame, Direction: journal.In, UserID: "anna", Frame: []byte(frame),
			}.About(hall),
			journal.Entry{
				Time: r.Clock.Now(), Kind: journal.Frame, Direction: journal.Out, Operation: "SEND_MESSAGE",
				Recipients: 2, Frame: []byte(want),
			}.About(hall))
	})
}

func TestOnlyMessagesOfRoomsWithAMessageReviewHandlerAreReviewed(t *testing.T) {
	for name, test := range map[string]struct {
		find    finder
		content string
	}{
		"a handler":  {func(*ivschat.Room) {}, "reviewed"},
		"no handler": {func(r *ivschat.Room) { r.MessageReviewHandler = nil }, "x"},
		"a handler without a URI": {
			func(r *ivschat.Room) { r.MessageReviewHandler = new(ivschat.MessageReviewHandler) }, "x",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			r, c := newRooms(func(c *Config) { c.Finder, c.Reviewer = test.find, reviewer{} }), new(client)
			enter(r, hall, "anna", c).HandleFrame(t.Context(), []byte(message), false)
			synctest.Wait()
			if got := c.received(); len(got) != 1 || !strings.Contains(got[0], `"Content":"`+test.content+`"`) {
				t.Errorf("%s: received %q, want the content %s", name, got, test.content)
			}
		})
	}
}

func TestRequestsOverTheRateOfTheConnectionAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRooms(func(c *Config) {
			c.Finder = finder(func(r *ivschat.Room) { r.MaximumMessageRatePerSecond = 100 })
		})
		sender, other := new(client), new(client)
		s := enter(r, hall, "anna", sender)
		enter(r, hall, "ben", other)
		for i := range ivschat.MessagingRequestRate {
			if !s.HandleFrame(t.Context(), []byte(message), false) {
				t.Errorf("the request %d is over the rate", i)
			}
		}
		over := func(within bool) {
			t.Helper()
			if within {
				t.Error("it is within the rate")
			}
		}
		over(s.HandleFrame(t.Context(), []byte(message), false))
		addFault(t, r, fault.Rule{Operation: "SEND_MESSAGE", Times: 1, Effect: fault.DropFrame{}})
		over(s.HandleFrame(t.Context(), []byte(message), false))
		synctest.Wait()
		if got := len(other.received()); got != ivschat.MessagingRequestRate {
			t.Errorf("the other received %d messages", got)
		}
		got, refused := withoutIDs(sender.received()...), errorFrame(messaging.ErrRateLimited, "r")
		if last := got[len(got)-1]; len(got) != 11 || last != refused {
			t.Errorf("the sender received %d frames, the last is %s", len(got), last)
		}
		if in := s.FramesIn.Load(); in != 12 {
			t.Errorf("%d frames came in", in)
		}
		r.Clock.Advance(59*time.Minute + 59*time.Second)
		for s.HandleFrame(t.Context(), []byte("{}"), false) { // until it is over the rate
		}
		s.Token.SessionExpirationTime = s.now()
		over(s.HandleFrame(t.Context(), []byte(message), false))
		synctest.Wait()
	})
}

func TestFramesOfASessionThatIsBeingClosedOrIsBrokenDoNotCount(t *testing.T) {
	for name, stop := range map[string]func(*Session, *client){
		"closed": func(s *Session, _ *client) { s.Close(hub.Disconnected) },
		"broken": func(_ *Session, c *client) { c.broken.Store(true) },
	} {
		synctest.Test(t, func(t *testing.T) {
			r, c := newRooms(), new(client)
			s := enter(r, hall, "anna", c)
			stop(s, c)
			for range 2 * ivschat.MessagingRequestRate {
				if !s.HandleFrame(t.Context(), []byte(message), false) {
					t.Fatalf("%s: a frame is over the rate", name)
				}
			}
			synctest.Wait()
			expect(t, name, c)
			expectEntries(t, r, journal.Filter{Kind: journal.Frame})
			if n := s.FramesIn.Load(); n != 0 {
				t.Errorf("%s: %d frames came in", name, n)
			}
		})
	}
}

func TestAFaultDecidesWhatBecomesOfARequest(t *testing.T) {
	broken := errorFrame(&messaging.Error{Code: 404, Message: "fault"}, "r")
	named := errorFrame(&messaging.Error{Code: 500, Message: "named"}, "r")
	for name, test := range map[string]struct {
		rule      fault.Rule
		answer    []string
		delivered int
	}{
		"an error": {fault.Rule{Effect: fault.SendError{Code: 404}}, []string{broken}, 0},
		"an error with a text": {
			fault.Rule{Effect: fault.SendError{Code: 500, Message: "named"}}, []string{named}, 0,
		},
		"a dropped frame":     {fault.Rule{Effect: fault.DropFrame{}}, nil, 0},
		"a closed connection": {fault.Rule{Effect: fault.CloseConnection{Code: 4000}}, nil, 0},
		"a reset connection":  {fault.Rule{Effect: fault.ResetConnection{}}, nil, 0},
		"a silent connection": {fault.Rule{Effect: fault.SilenceConnection{}}, nil, 0},
		"a delay":             {fault.Rule{Delay: time.Second}, nil, 1},
		"a fault for another": {fault.Rule{UserID: "ben", Effect: fault.DropFrame{}}, nil, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			r, sender, other := newRooms(), new(client), new(client)
			test.rule.Operation = "SEND_MESSAGE"
			addFault(t, r, test.rule)
			s := enter(r, hall, "anna", sender)
			enter(r, hall, "ben", other)
			if !s.HandleFrame(t.Context(), []byte(message), false) {
				t.Errorf("%s: the frame is over the rate", name)
			}
			synctest.Wait()
			if test.delivered == 0 {
				expect(t, name, sender, test.answer...)
			}
			if got := other.received(); len(got) != test.delivered {
				t.Errorf("%s: the other received %q", name, got)
			}
			if breaks := strings.HasSuffix(name, " connection"); s.Broken() != breaks {
				t.Errorf("%s: the connection is broken: %t", name, s.Broken())
			}
		})
	}
}

func TestARequestWhoseConnectionIsBrokenDuringItsDelayIsNotCarriedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, sender, other := newRooms(), new(client), new(client)
		addFault(t, r, fault.Rule{Operation: "SEND_MESSAGE", Delay: time.Minute, Effect: fault.SendError{Code: 500}})
		s := enter(r, hall, "anna", sender)
		enter(r, hall, "ben", other)
		time.AfterFunc(time.Second, func() { sender.broken.Store(true) })
		s.HandleFrame(t.Context(), []byte(message), false)
		synctest.Wait()
		expect(t, "the sender", sender)
		expect(t, "the other", other)
	})
}

func TestAnInternalErrorIsInTheLogUnlessTheEmulatorIsShuttingDown(t *testing.T) {
	for name, want := range map[string]string{
		"running": `level=ERROR msg="internal error" room=arn:aws:ivschat:eu-west-1:111122223333:room/AbCdEf012345 ` +
			`error="the disk is broken"` + "\n",
		"shutting down": "",
	} {
		synctest.Test(t, func(t *testing.T) {
			var log strings.Builder
			r := newRooms(func(c *Config) {
				c.Finder, c.Logger = brokenStore{}, slog.New(slog.NewTextHandler(&log, nil))
			})
			c := new(client)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if want == "" {
				cancel()
			}
			enter(r, hall, "anna", c).HandleFrame(ctx, []byte(message), false)
			synctest.Wait()
			expect(t, name, c, errorFrame(messaging.ErrInternal, "r"))
			if _, line, _ := strings.Cut(log.String(), " "); line != want {
				t.Errorf("%s: the log is\n%s, want\n%s", name, line, want)
			}
		})
	}
}
