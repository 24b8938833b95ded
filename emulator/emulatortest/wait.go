package emulatortest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// defaultLimit limits every wait, in real time or that of a testing/synctest bubble.
const defaultLimit = 10 * time.Second

// Within returns the same emulator, whose methods wait for at most the given time
// instead of 10 seconds. This also applies to the clients that it connects:
//
//	e.Within(time.Minute).WaitFrames(room, 1000)
//	e := emulatortest.Start(t).Within(time.Minute)
func (e *Emulator) Within(limit time.Duration) *Emulator {
	limited := *e
	limited.limit = limit
	return &limited
}

// Within returns the same client, whose methods wait for at most the given time:
//
//	frame := anna.Within(time.Minute).Receive()
func (c *Client) Within(limit time.Duration) *Client {
	return &Client{c.Client, c.e.Within(limit)}
}

// waiting returns a context that ends when the limit is reached.
func (e *Emulator) waiting() (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(context.Background(), e.limit, fmt.Errorf("waited for %v", e.limit))
}

// WaitFrames waits until the service has sent at least count frames in the room
// since it was created, and returns their entries in the journal, in their order.
// A frame to all clients counts once, as does a frame to one of them. The test
// fails if they are not sent in time.
func (e *Emulator) WaitFrames(room string, count int) []journal.Entry {
	e.t.Helper()
	filter := journal.Filter{Kind: journal.Frame, Direction: journal.Out}
	return e.waitEntries(e.Journal(), room, count, filter, "frames", "sent frames", func(entry journal.Entry) string {
		return string(entry.Frame)
	})
}

// WaitReviews waits until at least count messages in the room have been reviewed
// since it was created, and returns the entries of the reviews in the journal, in
// the order in which they ended. The Review of an entry has the verdict, its Request
// the event and its Response the answer, both in JSON. The test fails if the
// messages are not reviewed in time: those of a room without a message review
// handler never are.
func (e *Emulator) WaitReviews(room string, count int) []journal.Entry {
	e.t.Helper()
	filter := journal.Filter{Kind: journal.Review}
	return e.waitEntries(e.Journal(), room, count, filter, "reviews", "reviewed events",
		func(entry journal.Entry) string {
			return string(entry.Request)
		})
}

// WaitLogRecords waits until at least count records were written to the chat logs of
// the room since it was created, and returns their entries, in their order. There is
// one for each frame and each logging configuration of the room. The Log of an entry
// has the record in JSON, as it is delivered, and the logging configuration. The
// record need not be delivered yet: Advance and ChatLogs().Flush do that. The test
// fails if the records are not written in time: a room without a logging
// configuration has none.
func (e *Emulator) WaitLogRecords(room string, count int) []journal.Entry {
	e.t.Helper()
	noun := "records"
	if len(e.ChatLogs().Configurations.ActiveLoggingConfigurations(e.parse(room))) == 0 {
		noun = "records, without a logging configuration that is ACTIVE,"
	}
	return e.waitEntries(e.ChatLogs().Records(), room, count, journal.Filter{}, noun, "records",
		func(entry journal.Entry) string { return string(entry.Log.Record) })
}

// waitEntries waits for entries of a room that match the filter. If there are fewer, the test fails, and shows the
// text of those that are there.
func (e *Emulator) waitEntries(
	of *journal.Journal, room string, count int, filter journal.Filter, noun, heading string,
	text func(journal.Entry) string,
) []journal.Entry {
	e.t.Helper()
	filter.Room = e.parse(room).String()
	ctx, cancel := e.waiting()
	defer cancel()
	found := of.Wait(ctx, 0, count, filter)
	if len(found) < count {
		texts := make([]string, len(found))
		for i, entry := range found {
			texts[i] = text(entry)
		}
		e.t.Fatalf("the number of %s in the room %s is %d, want at least %d: %v%s",
			noun, room, len(found), count, context.Cause(ctx), list(heading, texts))
	}
	return found
}

// WaitSessions waits until the room has exactly count open sessions, for instance
// until the application has connected. The test fails if it does not in time.
func (e *Emulator) WaitSessions(room string, count int) {
	e.t.Helper()
	filter := journal.Filter{Room: e.parse(room).String()}
	ctx, cancel := e.waiting()
	defer cancel()
	for {
		last := e.Journal().Last() // before the look, so that no change is missed in between
		open := e.SessionsIn(room)
		switch {
		case open == count:
			return
		case ctx.Err() != nil:
			e.t.Fatalf("the number of sessions in the room %s is %d, want %d: %v",
				room, open, count, context.Cause(ctx))
		}
		e.Journal().Wait(ctx, last, 1, filter)
	}
}

// What a failed test shows of the frames that were there instead.
const (
	shownFrames     = 10
	shownFrameBytes = 300
)

// list shows the latest frames, each on its own line. It returns "" if there is
// none.
func list(name string, frames []string) string {
	if len(frames) == 0 {
		return ""
	}
	text := new(strings.Builder)
	fmt.Fprintf(text, "\n%s:", name)
	if left := len(frames) - shownFrames; left > 0 {
		fmt.Fprintf(text, "\n\t(%d earlier ones)", left)
		frames = frames[left:]
	}
	for _, frame := range frames {
		fmt.Fprintf(text, "\n\t%s", short(frame))
	}
	return text.String()
}

// short shows the beginning of a frame.
func short(frame string) string {
	if len(frame) <= shownFrameBytes {
		return frame
	}
	return strings.ToValidUTF8(frame[:shownFrameBytes], "") + "…"
}
