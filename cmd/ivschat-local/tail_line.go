package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// line returns an entry of the journal as one line: the time of the service, the kind, the room unless all entries are
// of one, who, and what. Nothing in it can change what a terminal shows.
func (t *tailing) line(entry *journal.Entry) string {
	parts := []string{
		t.style.dim(entry.Time.UTC().Format("15:04:05.000")),
		fmt.Sprintf("%-10s", cli.Printable(string(entry.Kind))),
	}
	if entry.Node != "" {
		parts = append(parts, t.style.dim(cli.Printable(entry.Node)))
	}
	if _, id, found := strings.Cut(entry.Room, ":room/"); found && !t.oneRoom {
		parts = append(parts, cli.Printable(id))
	}
	if entry.Direction != "" {
		parts = append(parts, map[journal.Direction]string{journal.In: "<-", journal.Out: "->"}[entry.Direction])
	}
	if entry.UserID != "" {
		parts = append(parts, t.style.name(cli.Printable(entry.UserID)))
	}
	return strings.TrimRight(strings.Join(append(parts, t.what(entry)), " "), " ")
}

// what says what an entry is about.
func (t *tailing) what(e *journal.Entry) string {
	switch e.Kind {
	case journal.Call:
		text := fmt.Sprintf("%s %d", e.Operation, e.Status)
		if e.Exception != "" {
			text += " " + e.Exception
		}
		return t.failed(e.Status >= 400, text) + t.rest(e.Duration.Round(time.Microsecond).String(), string(e.Request))
	case journal.Frame:
		return t.frame(e)
	case journal.Handshake:
		return t.failed(true, fmt.Sprintf("refused with %d: %s", e.Status, e.Reason))
	case journal.Fault:
		return t.failed(true, fmt.Sprintf("fault %d fired at %s", e.Rule, e.Operation))
	case journal.Review:
		text := "no verdict"
		if r := e.Review; r != nil {
			text = fmt.Sprintf("%s by %s", r.Verdict, r.DecidedBy)
			if r.Failure != "" {
				text += fmt.Sprintf(" (%s)", r.Failure)
			}
		}
		return t.failed(e.Reason != "", text) + t.rest(e.Duration.Round(time.Microsecond).String(), e.Reason)
	case journal.Delivery:
		text := ""
		if l := e.Log; l != nil {
			text = fmt.Sprintf("%d records to %s %s %s", l.Records, l.Destination, l.Where, l.Failure)
		}
		return t.failed(e.Reason != "", strings.TrimSpace(text)) + t.rest(e.Reason)
	default:
		return cli.Printable(e.Reason)
	}
}

// failed returns a text, which is red if it is about what went wrong.
func (t *tailing) failed(is bool, text string) string {
	if is {
		return t.style.red(cli.Printable(text))
	}
	return cli.Printable(text)
}

// rest returns details that are less important.
func (t *tailing) rest(details ...string) (text string) {
	for _, detail := range details {
		if detail != "" {
			text += " " + t.style.dim(cli.Printable(shortened(detail)))
		}
	}
	return text
}

// longestDetail is how many bytes of a detail are shown.
const longestDetail = 1000

// shortened returns the beginning of a text that is too long for a line.
func shortened(text string) string {
	if len(text) <= longestDetail {
		return text
	}
	return strings.ToValidUTF8(text[:longestDetail], "") + "…"
}

// frame says what a frame is.
func (t *tailing) frame(e *journal.Entry) string {
	if e.FrameBytes > 0 {
		return fmt.Sprintf("a frame of %d bytes", e.FrameBytes)
	}
	if len(e.Frame) == 0 {
		return t.failed(true, "not JSON:") + t.rest(e.Text)
	}
	text := ""
	if frame, err := chatclient.ParseFrame(string(e.Frame)); err == nil {
		switch frame.Type {
		case "MESSAGE":
			text = "MESSAGE " + frame.Sender.UserID + ": " + frame.Content
		case "EVENT":
			text = "EVENT " + frame.EventName
		case "ERROR":
			return t.failed(true, fmt.Sprintf("ERROR %d %s", frame.ErrorCode, frame.ErrorMessage))
		}
		if text != "" {
			return cli.Printable(shortened(text)) + t.rest(pairs(frame.Attributes), to(e.Recipients))
		}
	}
	var request struct{ Action, Content, ID, UserID, Reason string }
	if json.Unmarshal(e.Frame, &request) != nil || request.Action == "" {
		return t.failed(true, "frame") + t.rest(string(e.Frame))
	}
	text = strings.Join(strings.Fields(request.Action+" "+request.ID+" "+request.UserID), " ")
	return cli.Printable(shortened(text+" "+request.Content)) + t.rest(request.Reason)
}

// to says how many clients received a frame.
func to(recipients int) string {
	if recipients == 0 {
		return ""
	}
	return fmt.Sprintf("to %d", recipients)
}
