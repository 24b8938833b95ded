package chatlog

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Status is what became of the records of a logging configuration, for one of its destinations.
type Status struct {
	LoggingConfiguration string           `json:"loggingConfiguration"` // ARN
	Kind                 destination.Kind `json:"kind"`                 // of the destination
	Name                 string           `json:"name"`                 // of the bucket, log group or delivery stream
	Counts
	SpooledBytes int64         `json:"spooledBytes"`           // of the texts of the records that are spooled
	LastDelivery *LastDelivery `json:"lastDelivery,omitempty"` // nil if nothing was delivered
	LastError    *Failure      `json:"lastError,omitempty"`    // nil if the last delivery worked
	Rooms        []RoomStatus  `json:"rooms"`
}

// Counts count records.
type Counts struct {
	Spooled   int `json:"spooled"` // accepted, and neither delivered nor dropped yet
	Delivered int `json:"delivered"`
	Dropped   int `json:"dropped"`
}

// A RoomStatus is what became of the records of a room.
type RoomStatus struct {
	Room string `json:"room"` // ARN
	Counts
}

// A LastDelivery is the latest delivery that worked.
type LastDelivery struct {
	Time  time.Time `json:"time"`  // the service's
	Where string    `json:"where"` // where the records are
}

// A Failure is the latest delivery that failed.
type Failure struct {
	Time     time.Time          `json:"time"` // the service's
	Reason   destination.Reason `json:"reason"`
	Message  string             `json:"message"`
	Attempts int                `json:"attempts"` // how many have failed since the last success
}

// Status returns what became of the records of an account, or of all if it is "", of a room and of a logging
// configuration, or of all if these are zero values. The error is that of Nodes.
func (l *Logs) Status(ctx context.Context, account string, room, configuration ivschat.ARN) ([]Status, error) {
	if l.Nodes != nil {
		return l.Nodes.Status(ctx, account, room, configuration)
	}
	return l.OwnStatus(account, room, configuration), nil
}

// OwnStatus is Status for this process.
func (l *Logs) OwnStatus(account string, room, configuration ivschat.ARN) []Status {
	all := []Status{}
	for _, q := range l.selected(account, configuration) {
		if room != (ivschat.ARN{}) && room.Owner != q.key.Configuration.Owner {
			continue
		}
		if status := q.status(room.ID); room.ID == "" || len(status.Rooms) > 0 {
			all = append(all, status)
		}
	}
	return all
}

// status returns the status of a queue, with only one room unless its ID is "".
func (q *queue) status(room string) Status {
	status := q.unsorted(room)
	slices.SortFunc(status.Rooms, func(a, b RoomStatus) int { return strings.Compare(a.Room, b.Room) })
	return status
}

// unsorted returns the status with the rooms in no order. Sorting them would keep chat waiting for the lock.
func (q *queue) unsorted(room string) Status {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.applyLossesLocked()
	status := Status{
		LoggingConfiguration: q.key.Configuration.String(), Kind: q.key.Place.Kind, Name: q.key.Place.Name,
		Counts: q.total, SpooledBytes: q.bytes, LastError: q.failure, Rooms: []RoomStatus{},
	}
	if !q.latest.IsZero() {
		status.LastDelivery = &LastDelivery{q.latest, q.where}
	}
	for id, state := range q.rooms {
		if room == "" || room == id {
			status.Rooms = append(status.Rooms, RoomStatus{q.roomARN(id).String(), state.Counts})
		}
	}
	return status
}
