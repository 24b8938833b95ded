package conformance

import (
	"context"
	"time"
)

// ChatLogs tells what is in the chat logs of an account, and what became of it.
type ChatLogs interface {
	// Records waits until a room has so many records, but not longer than the timeout. It returns all of them, in the
	// order in which they were accepted.
	Records(ctx context.Context, room string, n int, timeout time.Duration) ([]LogRecord, error)
	// Deliveries returns the deliveries of a logging configuration, the oldest first, and also those that failed.
	Deliveries(ctx context.Context, configuration string) ([]LogDelivery, error)
	// Counts returns how many records a logging configuration has, in the order of its destinations' names.
	Counts(ctx context.Context, configuration string) ([]LogCounts, error)
	// LogErrors returns the sums of the metrics of a logging configuration.
	LogErrors(ctx context.Context, configuration string) (LogErrors, error)
	// Flush delivers everything of an account at once.
	Flush(ctx context.Context, account string) error
	// StopClock stops the clock of an account, and returns its time.
	StopClock(ctx context.Context, account string) (time.Time, error)
	// MoveClock moves the clock of an account forward to a time. It returns when what fell due was delivered.
	MoveClock(ctx context.Context, account string, to time.Time) error
	// Reset removes everything of an account, and lets its clock run.
	Reset(ctx context.Context, account string) error
}

// A LogRecord is a record of a chat log.
type LogRecord struct {
	Configuration string // ARN
	Destination   string // its kind and its name, such as s3:my-bucket
	Text          string // JSON, as it is delivered
}

// Members returns the members of the JSON object that the record is.
func (r LogRecord) Members() map[string]any { return jsonObject(r.Text) }

// A LogDelivery has records that were delivered together, or could not be.
type LogDelivery struct {
	Time        time.Time // the target's
	Destination string    // its kind and its name, such as s3:my-bucket
	Records     int       // their number
	Where       string    // where they are, "" if they could not be delivered
}

// LogCounts are how many records there are for one destination of a logging configuration.
type LogCounts struct {
	Destination string // its name
	LogCount
	Rooms map[string]LogCount // by ARN
}

// A LogCount counts records.
type LogCount struct {
	Spooled   int // neither delivered nor dropped yet
	Delivered int
	Dropped   int
}

// LogErrors are the sums of the metrics LogDestinationAccessDeniedError, LogDestinationResourceNotFoundErrors and
// LogDestinationErrors.
type LogErrors struct{ AccessDenied, NotFound, All int }

// Destinations are the servers to which the target delivers chat logs. Every bucket, log group and delivery stream
// exists, and accepts everything.
type Destinations interface {
	// Arrived returns what has arrived at a bucket, a log group or a delivery stream of an account, in this order. It
	// includes requests to create one of them.
	Arrived(account, name string) []Arrival
	// Behave makes a bucket, a log group or a delivery stream of an account behave differently.
	Behave(account, name string, b Behaviour)
}

// A Behaviour is how a destination behaves. The zero value accepts everything.
type Behaviour struct {
	Exception     string // with which it refuses everything, "" if it does not
	RefusesHalf   bool   // a delivery stream refuses every second record of a request
	RejectsNew    bool   // a log group rejects log events that are more than 2 hours ahead of the machine's time
	LosesItsReply bool   // accepts everything, but answers with an error, like a proxy that lost the reply
}

// An Arrival is an object of S3, a log event of CloudWatch Logs, or a record of Firehose.
type Arrival struct {
	Name    string    // the key of the object, or the name of the log stream
	Time    time.Time // of the log event
	Content string
}

// StopClock stops the clock of the account at the beginning of the next hour, and returns this time. At the end of
// the check, everything of the account is removed, and its clock runs again.
func (p *Probe) StopClock() time.Time {
	p.cleanups = append(p.cleanups, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), removeTimeout)
		defer cancel()
		_ = p.ChatLogs.Reset(ctx, p.Account) // else they do no harm, because nobody else uses the account
	})
	now, err := p.ChatLogs.StopClock(p.ctx, p.Account)
	p.Require(err == nil, "stop the clock: %v", err)
	hour := now.UTC().Truncate(time.Hour).Add(time.Hour)
	p.MoveClock(hour)
	return hour
}

// MoveClock moves the clock of the account forward to a time. It returns when what fell due was delivered.
func (p *Probe) MoveClock(to time.Time) {
	err := p.ChatLogs.MoveClock(p.ctx, p.Account, to)
	p.Require(err == nil, "move the clock: %v", err)
}

// LogRecords returns the records of a room. There must be as many.
func (p *Probe) LogRecords(room string, n int) []LogRecord {
	records, err := p.ChatLogs.Records(p.ctx, room, n, p.Timeout)
	p.Require(err == nil, "list the records: %v", err)
	p.Require(len(records) == n, "there are %d records, want %d: %s", len(records), n, JSON(records))
	return records
}

// LogDeliveries returns the deliveries of a logging configuration. All must have worked.
func (p *Probe) LogDeliveries(configuration string) []LogDelivery {
	deliveries, err := p.ChatLogs.Deliveries(p.ctx, configuration)
	p.Require(err == nil, "list the deliveries: %v", err)
	for _, d := range deliveries {
		p.Require(d.Where != "", "a delivery to %s failed", d.Destination)
	}
	return deliveries
}

// LogCounts returns how many records a logging configuration has.
func (p *Probe) LogCounts(configuration string) []LogCounts {
	counts, err := p.ChatLogs.Counts(p.ctx, configuration)
	p.Require(err == nil, "count the records: %v", err)
	return counts
}

// LogErrors returns the sums of the metrics of a logging configuration.
func (p *Probe) LogErrors(configuration string) LogErrors {
	sums, err := p.ChatLogs.LogErrors(p.ctx, configuration)
	p.Require(err == nil, "read the metrics: %v", err)
	return sums
}

// FlushLogs delivers all records of the account.
func (p *Probe) FlushLogs() {
	err := p.ChatLogs.Flush(p.ctx, p.Account)
	p.Require(err == nil, "flush the chat logs: %v", err)
}

// Arrived returns what has arrived at a destination. There must be as many.
func (p *Probe) Arrived(name string, n int) []Arrival {
	arrived := p.Destinations.Arrived(p.Account, name)
	p.Require(len(arrived) == n, "%d have arrived at %s, want %d: %s", len(arrived), name, n, JSON(arrived))
	return arrived
}

// Behave makes a destination behave differently.
func (p *Probe) Behave(name string, b Behaviour) { p.Destinations.Behave(p.Account, name, b) }

// Refuse makes a destination refuse everything with an exception.
func (p *Probe) Refuse(name, exception string) { p.Behave(name, Behaviour{Exception: exception}) }
