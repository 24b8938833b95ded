package remote

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// An Event is one server-sent event of the admin API.
type Event struct {
	ID   string // "" if it has none
	Kind string // as in the journal, or missed
	Data string // JSON
}

// ErrStreamEnded says that the server has ended the stream of events, as it does when it stops.
var ErrStreamEnded = errors.New("the stream of events has ended")

// maximumEvent is how long an event or a line of the stream may be in bytes. An entry of the journal is much shorter.
const maximumEvent = 8 << 20

var errLongEvent = fmt.Errorf("the server has sent an event with more than %d bytes", maximumEvent)

// Events reads the stream of events that a query selects, after the event with the ID, unless it is "". It calls opened
// once the server has answered, and then visit with each event, until that returns an error, the stream or the context
// ends. An event without data only has the ID with which the stream goes on. The error is never nil.
func (s *Service) Events(
	ctx context.Context, query url.Values, after string, opened func(), visit func(Event) error,
) error {
	header := http.Header{}
	if after != "" {
		header.Set("Last-Event-ID", after)
	}
	response, err := s.adminResponse(ctx, http.MethodGet, "events?"+query.Encode(), nil, header)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	opened()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, maximumEvent)
	var event Event
	var data strings.Builder
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			event.ID = value
		case "event":
			event.Kind = value
		case "data":
			if data.WriteString(value); data.Len() > maximumEvent { // JSON in one line
				return errLongEvent
			}
		case "":
			if event.Data = data.String(); event.Data != "" || event.ID != "" {
				if err := visit(event); err != nil {
					return err
				}
			}
			event, data = Event{}, strings.Builder{}
		}
	}
	switch err := lines.Err(); {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, bufio.ErrTooLong):
		return errLongEvent // again and again
	case err == nil || errors.Is(err, io.ErrUnexpectedEOF):
		return ErrStreamEnded
	default:
		return fmt.Errorf("%w: %w", ErrStreamEnded, err)
	}
}
