package chatlog

import (
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// timeFormat is that of event_timestamp: milliseconds, always with three digits (decision D68).
const timeFormat = "2006-01-02T15:04:05.000Z"

// newRecord returns the record of a frame (User Guide: Chat Logging). Its members have the order of recorded ones, and
// the payload is the frame as clients receive it. The time is that of the frame, cut to milliseconds.
func newRecord(room ivschat.ARN, p hub.Publication) destination.Record {
	const constant = len(`{"event_timestamp":"` + timeFormat + `","type":"MESSAGE","payload":,"version":"1.0"}`)
	at := p.Time.UTC().Truncate(time.Millisecond)
	text := make([]byte, 0, constant+len(p.Frame.Payload))
	text = append(text, `{"event_timestamp":"`...)
	text = at.AppendFormat(text, timeFormat)
	text = append(append(append(text, `","type":"`...), p.Frame.Kind...), `","payload":`...)
	text = append(append(text, p.Frame.Payload...), `,"version":"1.0"}`...)
	return destination.Record{Room: room.ID, Time: at, Text: text}
}
