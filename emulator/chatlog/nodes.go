package chatlog

import (
	"context"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Nodes are the processes that have the same chat logs. All accept the same records, with Accept. One of them also
// adds and delivers them. These methods do the same as those of Logs, on whichever node that is. An error says that it
// cannot be reached.
type Nodes interface {
	Status(ctx context.Context, account string, room, configuration ivschat.ARN) ([]Status, error)
	Windows(ctx context.Context, account string) ([]Window, error)
	Flush(ctx context.Context, account string) error
	Clear(account string) error
	// Await returns when this process, if it is the one that delivers, has added all records that it has accepted,
	// or when the context ends.
	Await(ctx context.Context)
}

// An Accepted record was published in a room, and goes to the chat logs of its targets.
type Accepted struct {
	destination.Record
	At      time.Time // when it was accepted, in the service's time
	Targets []Target
}

// Accept shows the record of a frame in Records, and returns it. It returns false if the room has no chat log. Add adds
// it to the queues.
func (l *Logs) Accept(room ivschat.ARN, p hub.Publication) (a Accepted, logged bool) {
	configurations := l.Configurations.ActiveLoggingConfigurations(room)
	if len(configurations) == 0 {
		return a, false
	}
	// The time comes before the record is shown, as in queue.observe.
	a = Accepted{Record: newRecord(room, p), At: l.Clock.Account(room.Owner.AccountID).Now()}
	name := room.String()
	for _, c := range configurations {
		target := Target{destination.PlaceOf(c), c.ARN}
		l.show(target.logEntry(), c.ARN.Owner, name, a.Record)
		a.Targets = append(a.Targets, target)
	}
	return a, true
}

// WindowStart returns the start of the window of a record for a target that was accepted at a time.
func (l *Logs) WindowStart(to Target, at time.Time) time.Time {
	return at.Truncate(l.window(to.Place.Kind))
}

// An Origin is where records are as long as they are not delivered, so that they survive this process.
type Origin interface {
	// Done is called when this many records were delivered, dropped or removed. It must not block, or call Logs.
	Done(records int)
}

// Add adds a record that was accepted at a time to the queue of a target.
func (l *Logs) Add(to Target, record destination.Record, at time.Time, from Origin) {
	for q := l.queue(to); !q.append(record, at, from); q = l.queue(to) {
		l.drop(q)
	}
	l.relieveIfFull()
}

// origins are the origins of records that follow each other.
type origins []sameOrigin

// sameOrigin are records with the same origin.
type sameOrigin struct {
	Origin
	records int
}

// add adds the origin of one more record, which can be nil.
func (o *origins) add(from Origin) {
	if from == nil {
		return
	}
	if last := len(*o) - 1; last >= 0 && (*o)[last].Origin == from {
		(*o)[last].records++
		return
	}
	*o = append(*o, sameOrigin{from, 1})
}

// done removes the first records, if they have an origin, and tells that.
func (o *origins) done(records int) {
	for records > 0 && len(*o) > 0 {
		first := &(*o)[0]
		n := min(records, first.records)
		first.Done(n)
		records -= n
		if first.records -= n; first.records == 0 {
			*o = (*o)[1:]
		}
	}
}
