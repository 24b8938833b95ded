package main

import (
	"fmt"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// A chatText shows frames as lines of text. Nothing that a user has written can change what a terminal shows.
type chatText struct {
	style style
	me    string // user ID
	ids   bool   // whether the IDs of messages are shown
}

// line returns a frame as one line.
func (t chatText) line(frame chatclient.Frame) string {
	switch frame.Type {
	case "MESSAGE":
		text := t.time(frame) + t.style.name(cli.Printable(frame.Sender.UserID)) + ": " + cli.Printable(frame.Content)
		if attributes := pairs(frame.Attributes); attributes != "" {
			text += " " + t.style.dim(attributes)
		}
		if t.ids {
			text += " " + t.style.dim("["+cli.Printable(frame.ID)+"]")
		}
		return text
	case "EVENT":
		return t.time(frame) + "* " + t.event(frame)
	case "ERROR":
		return t.style.red(fmt.Sprintf("! ERROR %d: %s", frame.ErrorCode, cli.Printable(frame.ErrorMessage)))
	default:
		return t.style.red("! a frame that is not known: " + cli.Printable(shortened(frame.Raw)))
	}
}

// time returns the time of the service at which a frame was sent, in the time zone of the user.
func (t chatText) time(frame chatclient.Frame) string {
	if frame.SendTime.IsZero() {
		return ""
	}
	return t.style.dim(frame.SendTime.Local().Format("15:04:05")) + " "
}

// event says what an event is about.
func (t chatText) event(frame chatclient.Frame) string {
	text, reason := "", ""
	if frame.Attributes["Reason"] != "" {
		reason = " (" + cli.Printable(frame.Attributes["Reason"]) + ")"
	}
	switch frame.EventName {
	case deleteEvent:
		text = "message " + cli.Printable(frame.Attributes["MessageID"]) + " was deleted" + reason
	case disconnectEvent:
		text = t.style.name(cli.Printable(frame.Attributes["UserId"])) + " was disconnected" + reason
	default:
		text = "event " + cli.Printable(frame.EventName)
		if attributes := pairs(frame.Attributes); attributes != "" {
			text += " " + attributes
		}
	}
	return text
}
