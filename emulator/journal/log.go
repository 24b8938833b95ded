package journal

import "encoding/json"

// A LogEntry has what only the entry of a delivery, or of a record, of a chat log has. The journal keeps it and no
// copy. So nobody may change it any more, and its texts must not be parts of larger ones.
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

// compact removes memory that the record does not need. The other texts are not copied, because chat logs make them for
// entries alone: so thousands of entries share the names of a few logging configurations.
func (l *LogEntry) compact() { l.Record = fitted(l.Record) }
