// Package spool keeps the records of chat logs until they are delivered: in files, so that they survive a crash, or
// in memory.
package spool

import (
	"log/slog"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Batch names records that were accepted for a room and a logging configuration in a window of time. It can be
// compared. Times are in UTC, without a monotonic reading.
type Batch struct {
	Place         destination.Place
	Configuration ivschat.ARN // the logging configuration
	Room          string      // ID
	Start, End    time.Time   // of the window, in the service's time
}

// A Pending is a batch with records.
type Pending struct {
	Batch
	Records int
	Bytes   int64
}

// Config is what a Spool works with. Every member is required, except where noted.
type Config struct {
	Dir   string // "" keeps everything in memory
	Bytes int64  // the maximum; more than that loses the oldest records of the logging configuration with the most
	// Lost is called with records that are lost, because of the maximum or because they cannot be read any more. It
	// may be called with locks held, and must not call the spool.
	Lost   func(b Batch, records int, reason string)
	Logger *slog.Logger
}

// Spool is a placeholder for the seam.
type Spool interface {
	// Append adds a record to a batch. It never waits for a disk to have written it: a background goroutine does
	// that every second. It survives the death of the process once Append has returned. If the files cannot be
	// written, records are kept in memory, and the log says so.
	Append(b Batch, r destination.Record)
	// Pending returns all batches with records. Those of one window are together, an earlier window comes first.
	Pending() []Pending
	// Bytes returns how much is kept.
	Bytes() int64
	// Read returns the first records of a batch that fit into the limits, at least one if there is any, and the
	// position behind them for Remove.
	Read(b Batch, limits destination.Limits) (records []destination.Record, through uint64)
	// Remove removes the records of a batch before the position.
	Remove(b Batch, through uint64)
	// Forget removes all records of an account, or all if it is "".
	Forget(account string)
	// Close closes the files. Records stay in them.
	Close() error
}
