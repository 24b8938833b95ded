package claims

import (
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// The destinations of chat logs in checks.
const (
	logBucket = "chat-logs"
	logGroup  = "/ivs/chat"
	logStream = "chat_stream"
)

// toBucket returns the destination of most checks.
func toBucket() types.DestinationConfiguration { return conformance.Bucket(logBucket) }

// logTo creates a logging configuration and returns its ARN.
func logTo(p *conformance.Probe, destination types.DestinationConfiguration) string {
	input := ivschat.CreateLoggingConfigurationInput{Name: p.Name("log"), DestinationConfiguration: destination}
	return *p.CreateLogging(input).Arn
}

// loggedRoom creates a room with logging configurations and returns its ARN.
func loggedRoom(p *conformance.Probe, configurations ...string) string {
	input := ivschat.CreateRoomInput{Name: p.Name("logged"), LoggingConfigurationIdentifiers: configurations}
	return *p.CreateRoom(input).Arn
}

// attach replaces the logging configurations of a room.
func attach(p *conformance.Probe, room string, configurations ...string) {
	updateRoom(p, room, ivschat.UpdateRoomInput{
		LoggingConfigurationIdentifiers: append([]string{}, configurations...),
	})
	p.RemoveLater(room) // before its logging configurations, which cannot be deleted while it has them
}

// A chatLog is a room with one logging configuration.
type chatLog struct {
	p                   *conformance.Probe
	start               time.Time // where the clock stands: the beginning of an hour
	configuration, room string
}

// newChatLog stops the clock and creates a room with one logging configuration.
func newChatLog(p *conformance.Probe, destination types.DestinationConfiguration) chatLog {
	start := p.StopClock()
	configuration := logTo(p, destination)
	return chatLog{p, start, configuration, loggedRoom(p, configuration)}
}

// moveTo moves the clock to a time after its start.
func (l chatLog) moveTo(after time.Duration) { l.p.MoveClock(l.start.Add(after)) }

// say sends an event with this name to the room.
func (l chatLog) say(name string) { sendEvent(l.p, l.room, name, nil) }

// sayInTwoRooms sends app:x to the room, and app:y to another one with the same logging configuration. It returns the
// other room.
func (l chatLog) sayInTwoRooms() (second string) {
	second = loggedRoom(l.p, l.configuration)
	l.say("app:x")
	sendEvent(l.p, second, "app:y", nil)
	return second
}

// deliveries returns the deliveries of the logging configuration. There must be as many.
func (l chatLog) deliveries(n int) []conformance.LogDelivery {
	all := l.p.LogDeliveries(l.configuration)
	l.p.Require(len(all) == n, "there were %d deliveries, want %d: %s", len(all), n, conformance.JSON(all))
	return all
}

// requireDelivered requires that there was one delivery, with as many records.
func (l chatLog) requireDelivered(records int) {
	l.p.RequireEqual("the number of records", l.deliveries(1)[0].Records, records)
}

// keys returns the keys of the objects that were delivered. There must be as many.
func (l chatLog) keys(n int) (keys []string) {
	for _, d := range l.deliveries(n) {
		keys = append(keys, keyOf(l.p, d))
	}
	return keys
}

// keyOf returns the key of the object of a delivery to S3.
func keyOf(p *conformance.Probe, d conformance.LogDelivery) string {
	place := strings.ReplaceAll(d.Where, `\`, "/")
	i := strings.Index(place, "AWSLogs/")
	p.Require(i >= 0, "the object is at %q, which has no AWSLogs/", d.Where)
	return place[i:]
}

// inPlace returns how keys and log streams name a room.
func inPlace(room string) string { return "room_" + room[strings.LastIndex(room, "/")+1:] }

// inKey returns the pattern of a window's time at the end of a key.
func inKey(window time.Time) string { return "_" + window.Format("20060102T1504Z") + "_" }

// names returns the names of the events in the records, in their order.
func names(p *conformance.Probe, records []conformance.LogRecord) string {
	var all []string
	for _, r := range records {
		all = append(all, nameIn(p, r.Text))
	}
	return strings.Join(all, " ")
}

// eventName matches the name of an event in a record.
var eventName = regexp.MustCompile(`"EventName":"([^"]*)"`)

// nameIn returns the name of the event in a record.
func nameIn(p *conformance.Probe, record string) string {
	match := eventName.FindStringSubmatch(record)
	p.Require(match != nil, "the record %s has no EventName", record)
	return match[1]
}

// recordOf returns the record of a frame.
func recordOf(p *conformance.Probe, f conformance.Frame) string {
	at, err := time.Parse(time.RFC3339Nano, f.Text("SendTime"))
	p.Require(err == nil, "the SendTime of %s is not a time", f.Raw)
	return `{"event_timestamp":"` + at.UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z") +
		`","type":"` + f.Text("Type") + `","payload":` + f.Raw + `,"version":"1.0"}`
}

// requireLogged requires that the records of the room are those of the frames, byte for byte.
func (l chatLog) requireLogged(frames ...conformance.Frame) {
	for i, r := range l.p.LogRecords(l.room, len(frames)) {
		l.p.RequireEqual("the record", r.Text, recordOf(l.p, frames[i]))
	}
}

func toLogGroup() types.DestinationConfiguration { return conformance.LogGroup(logGroup) }

func toDeliveryStream() types.DestinationConfiguration { return conformance.DeliveryStream(logStream) }

// requireWindow returns a check that requires records to be delivered when their window ends, before the call that
// moves the clock returns, and not earlier.
func requireWindow(
	destination func() types.DestinationConfiguration, window time.Duration,
) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		l := newChatLog(p, destination())
		l.say("app:x")
		l.moveTo(window - 1)
		l.say("app:y")
		l.deliveries(0)
		l.moveTo(window)
		d := l.deliveries(1)[0]
		p.RequireEqual("the number of records", d.Records, 2)
		p.RequireEqual("the time of the delivery", d.Time, l.start.Add(window))
	}
}
