package destination

import (
	"math"
	"time"
)

// Limits say what fits into one Delivery.
type Limits struct {
	Records     int           // number of records
	Bytes       int           // of all records, with Overhead for each
	Overhead    int           // bytes
	RecordBytes int           // of one record, without Overhead; a longer one can never be delivered
	Span        time.Duration // between the first and the last Time; 0 means any
	OneRoom     bool          // whether all records are of one room
}

// limitsByKind are the limits of each kind.
var limitsByKind = map[Kind]Limits{
	// AWS documents no limit for the size of an object with chat logs. This one bounds the memory of a delivery.
	S3: {
		Records: math.MaxInt, Bytes: 32 << 20, Overhead: len(delimiter), RecordBytes: 32<<20 - len(delimiter),
		OneRoom: true,
	},
	// CloudWatch Logs API Reference: PutLogEvents. A log event has up to 1 MB, and a batch has so much together with
	// the overhead.
	CloudWatchLogs: {
		Records: 10_000, Bytes: 1 << 20, Overhead: 26, RecordBytes: 1<<20 - 26, Span: 24 * time.Hour, OneRoom: true,
	},
	// Firehose API Reference: PutRecordBatch. The delimiter is a part of the record.
	Firehose: {Records: 500, Bytes: 4 << 20, Overhead: len(delimiter), RecordBytes: 1000<<10 - len(delimiter)},
}

// LimitsOf returns the limits of a kind, wherever it is delivered to.
func LimitsOf(kind Kind) Limits { return limitsByKind[kind] }
