package destination

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// cloudWatchLogs delivers to a server with CloudWatch Logs' API.
type cloudWatchLogs struct {
	server
	logger *slog.Logger
	moved  sync.Once // says that events have another time
}

// An event is a log event (CloudWatch Logs API Reference: InputLogEvent).
type event struct {
	Timestamp int64  `json:"timestamp"` // milliseconds since 1970
	Message   string `json:"message"`
	record    int    // its index in the delivery
}

// eventsOf returns the records as log events, in the order of their times, as PutLogEvents needs.
func eventsOf(records []Record) []event {
	events := make([]event, len(records))
	for i, r := range records {
		events[i] = event{max(r.Time.UnixMilli(), 0), string(r.Text), i}
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	return events
}

// Deliver puts the records into the log stream of their room. A server that follows CloudWatch Logs rejects events
// that are too new or too old, because the emulator's clock can be moved. Those are put again with the machine's time
// (decision D70).
func (c *cloudWatchLogs) Deliver(ctx context.Context, d Delivery) (string, error) {
	rejected, failure := c.put(ctx, d, eventsOf(d.Records))
	if failure == nil && len(rejected) > 0 {
		c.moved.Do(func() {
			c.logger.Warn("CloudWatch Logs rejects log events whose time is more than 2 hours ahead or too long ago. "+
				"Those of chat logs get the time of this machine instead, because the emulator's clock was moved. "+
				"event_timestamp in their messages is not changed", "destination", d.Place.Name)
		})
		now := time.Now().UnixMilli()
		for i := range rejected {
			rejected[i].Timestamp = now
		}
		var still []event
		if still, failure = c.put(ctx, d, rejected); failure == nil && len(still) > 0 {
			rejected = still
			failure = failed(Other, "%s rejects log events with the time of this machine for the log group %q: "+
				"correct the clock of the server, or of this machine", c.server, awsapi.Short(d.Place.Name))
		}
		if failure != nil { // the other records are delivered
			failure.Failed = recordsOf(rejected)
		}
	}
	if failure != nil {
		return "", failure
	}
	return d.where(), nil
}

// recordsOf returns the indexes of the records of events.
func recordsOf(events []event) []int {
	indexes := make([]int, len(events))
	for i, e := range events {
		indexes[i] = e.record
	}
	slices.Sort(indexes)
	return indexes
}

// put puts events into the log stream of a delivery, which it creates if there is none. It returns those that the
// server has rejected.
func (c *cloudWatchLogs) put(ctx context.Context, d Delivery, events []event) ([]event, *Error) {
	stream := streamName(d.Records[0].Room)
	body, _ := json.Marshal(struct {
		LogGroupName  string  `json:"logGroupName"`
		LogStreamName string  `json:"logStreamName"`
		LogEvents     []event `json:"logEvents"`
	}{d.Place.Name, stream, events}) // texts and numbers only
	reply, err := c.call(ctx, d.Place, "Logs_20140328.PutLogEvents", body)
	if err == nil && isException(reply, "ResourceNotFoundException") {
		if failure := c.createStream(ctx, d.Place, stream); failure != nil {
			return nil, failure
		}
		reply, err = c.call(ctx, d.Place, "Logs_20140328.PutLogEvents", body)
	}
	var answer *struct{ RejectedLogEventsInfo rejections } // nil for null
	switch {
	case err != nil:
		return nil, c.unreachable(ctx, err)
	case !reply.OK(), json.Unmarshal(reply.Body, &answer) != nil, answer == nil:
		return nil, c.refused(d.Place, reply)
	}
	return answer.RejectedLogEventsInfo.of(events, time.Now()), nil
}

// isException reports whether a reply has an exception of a type.
func isException(r awsapi.Reply, name string) bool {
	got, _ := r.Exception()
	return got == name
}

// createStream creates a log stream. It is fine if someone else has created it meanwhile.
func (c *cloudWatchLogs) createStream(ctx context.Context, p Place, stream string) *Error {
	body, _ := json.Marshal(map[string]string{"logGroupName": p.Name, "logStreamName": stream})
	reply, err := c.call(ctx, p, "Logs_20140328.CreateLogStream", body)
	switch {
	case err != nil:
		return c.unreachable(ctx, err)
	case !reply.OK() && !isException(reply, "ResourceAlreadyExistsException"):
		return c.refused(p, reply)
	}
	return nil
}

// rejections say which events of a batch were not stored (CloudWatch Logs API Reference: RejectedLogEventsInfo).
type rejections struct {
	TooNewLogEventStartIndex                        *int // of the first that is too new
	TooOldLogEventEndIndex, ExpiredLogEventEndIndex *int // behind the last that is too old
}

// The times of events that CloudWatch Logs accepts, from the time of a request (CloudWatch Logs API Reference:
// PutLogEvents).
const (
	oldest = -14 * 24 * time.Hour
	newest = 2 * time.Hour
	// doubt is how long before these limits an event may have been rejected, because a request takes time.
	doubt = time.Minute
)

// of returns the events that were rejected. If there are any, it also returns those whose times are not accepted,
// whatever the indexes are: moto's are those of the last event that is too new, and of the last that is too old.
func (r rejections) of(events []event, now time.Time) (rejected []event) {
	first, end := len(events), 0
	if r.TooNewLogEventStartIndex != nil {
		first = *r.TooNewLogEventStartIndex
	}
	for _, index := range []*int{r.TooOldLogEventEndIndex, r.ExpiredLogEventEndIndex} {
		if index != nil {
			end = max(end, *index)
		}
	}
	if r == (rejections{}) {
		return nil
	}
	after, before := now.Add(oldest+doubt).UnixMilli(), now.Add(newest-doubt).UnixMilli()
	for i, e := range events {
		if i >= first || i < end || e.Timestamp < after || e.Timestamp > before {
			rejected = append(rejected, e)
		}
	}
	return rejected
}
