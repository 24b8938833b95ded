package journal

import (
	"encoding/json"
	"strings"
)

// A LogEntry has what only the entry of a delivery, or of a record, of a chat log has.
type LogEntry struct {
	LoggingConfiguration string `json:"loggingConfiguration"` // ARN
	// Destination is the kind and the name of the destination, such as s3:my-bucket.
	Destination string `json:"destination"`

	Record json.RawMessage `json:"record,omitempty"` // as it is delivered

	// Of a delivery.
	Records int        `json:"records,omitempty"` // their number
	Where   string     `json:"where,omitempty"`   // where they are, if they were delivered
	Failure LogFailure `json:"failure,omitempty"` // why they were not delivered
}

// A LogFailure is why records of a chat log were not delivered.
type LogFailure string

// The failures.
const (
	LogAccessDenied LogFailure = "access denied"
	LogNotFound     LogFailure = "not found"
	LogOther        LogFailure = "other"
	LogDropped      LogFailure = "dropped" // they will not be delivered later either
)

// logCost is the number of bytes that a LogEntry needs beside its texts.
const logCost = 144

func (l *LogEntry) bytes() int {
	return logCost + len(l.LoggingConfiguration) + len(l.Destination) + cap(l.Record) + len(l.Where)
}

// compact returns the entry without memory that it does not need, see Entry.compact.
func (l *LogEntry) compact() *LogEntry {
	c := *l
	c.LoggingConfiguration = strings.Clone(l.LoggingConfiguration)
	c.Destination, c.Where = strings.Clone(l.Destination), strings.Clone(l.Where)
	c.Record = fitted(l.Record)
	return &c
}
