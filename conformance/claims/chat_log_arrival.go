package claims

import (
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var chatLogArrivalClaims = []conformance.Claim{
	{
		ID: "M860",
		Sentence: "An object in S3 is the records of its window in gzip, in their order, each with a line feed at " +
			"its end.",
		Source: conformance.Decided,
		Needs:  conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			want := strings.Join(lines(l.threeRecords()), "")
			object := p.Arrived(logBucket, 1)[0]
			uncompressed, err := gzip.NewReader(strings.NewReader(object.Content))
			p.Require(err == nil, "the object is not in gzip: %v", err)
			content, err := io.ReadAll(uncompressed)
			p.Require(err == nil, "the object is not in gzip: %v", err)
			p.RequireEqual("the content", string(content), want)
		},
	},
	{
		ID:       "M861",
		Sentence: "The object in S3 is at the key of its delivery.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Arrivals | conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			l.threeRecords()
			p.RequireEqual("the key", p.Arrived(logBucket, 1)[0].Name, l.keys(1)[0])
		},
	},
	{
		ID: "M862",
		Sentence: "A record is the message of one log event in CloudWatch Logs, byte for byte, and they have their " +
			"order.",
		Source: chatLoggingGuide + "; " + chatLoggingPost,
		Needs:  conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toLogGroup())
			records := l.threeRecords()
			for i, event := range p.Arrived(logGroup, 3) {
				p.RequireEqual("the message", event.Content, records[i].Text)
			}
		},
	},
	{
		ID:       "M863",
		Sentence: "The time of a log event is the event_timestamp of its record.",
		Source:   conformance.Decided,
		Needs:    conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toLogGroup())
			l.moveTo(1234567890)
			l.say("app:x")
			l.moveTo(10 * time.Second)
			p.RequireEqual("the time", p.Arrived(logGroup, 1)[0].Time, l.start.Add(1234*time.Millisecond))
		},
	},
	{
		ID:       "M864",
		Sentence: "A record is one record of Firehose, with a line feed at its end, and they have their order.",
		Source:   conformance.Decided,
		Needs:    conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toDeliveryStream())
			want := lines(l.threeRecords())
			p.RequireEqual("the data", contents(p.Arrived(logStream, 3)), want)
		},
	},
	{
		ID:       "M865",
		Sentence: "Each destination of a room has its own copy of every record.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			attach(p, l.room, l.configuration, logTo(p, toLogGroup()), logTo(p, toDeliveryStream()))
			l.say("app:x")
			l.moveTo(5 * time.Minute)
			p.Arrived(logBucket, 1)
			for _, name := range []string{logGroup, logStream} {
				p.RequireEqual("the event", nameIn(p, p.Arrived(name, 1)[0].Content), "app:x")
			}
		},
	},
	{
		ID: "M866",
		Sentence: "An object whose delivery is repeated, because the reply was lost, has the same key and content " +
			"again.",
		Source: conformance.Decided,
		Needs:  conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			p.Behave(logBucket, conformance.Behaviour{LosesItsReply: true})
			l.threeRecords()
			first := p.Arrived(logBucket, 1)[0]
			l.requireCounts(map[string]conformance.LogCount{l.room: {Spooled: 3}})
			p.Behave(logBucket, conformance.Behaviour{})
			p.FlushLogs()
			l.requireCounts(map[string]conformance.LogCount{l.room: {Delivered: 3}})
			p.RequireEqual("the object", p.Arrived(logBucket, 1)[0], first)
		},
	},
	{
		ID: "M867",
		Sentence: "A log event that CloudWatch Logs rejects, because the clock is hours ahead, is put with the time " +
			"of the machine, and event_timestamp stays as it is.",
		Source: conformance.Decided,
		Needs:  conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toLogGroup())
			p.Behave(logGroup, conformance.Behaviour{RejectsNew: true})
			l.moveTo(5 * time.Hour)
			l.say("app:x")
			l.moveTo(5*time.Hour + 10*time.Second)
			event := p.Arrived(logGroup, 1)[0]
			p.Require(time.Since(event.Time).Abs() < time.Hour, "the time is %v", event.Time)
			p.RequireEqual("the message", event.Content, p.LogRecords(l.room, 1)[0].Text)
			p.RequireMatch("the message", event.Content,
				`"event_timestamp":"`+l.start.Add(5*time.Hour).Format("2006-01-02T15:04"))
		},
	},
	{
		ID:       "M868",
		Sentence: "A bucket, a log group or a delivery stream that does not exist is not created.",
		Source:   conformance.Decided,
		Needs:    conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			attach(p, l.room, l.configuration, logTo(p, toLogGroup()), logTo(p, toDeliveryStream()))
			p.Refuse(logBucket, "NoSuchBucket")
			p.Refuse(logGroup, "ResourceNotFoundException")
			p.Refuse(logStream, "ResourceNotFoundException")
			l.say("app:x")
			p.FlushLogs()
			for _, name := range []string{logBucket, logGroup, logStream} {
				p.Arrived(name, 0)
			}
		},
	},
	{
		ID:       "M870",
		Sentence: "A destination that refuses everything does not disturb the room, nor the other destinations.",
		Source:   conformance.Decided,
		Needs:    conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toDeliveryStream())
			attach(p, l.room, l.configuration, logTo(p, toLogGroup()))
			p.Refuse(logStream, "ResourceNotFoundException")
			anna := p.Join(l.room, "anna")
			for i := range 3 {
				l.say("app:x")
				anna.Receive("EVENT")
				l.moveTo(time.Duration(i+1) * 10 * time.Second)
				p.Arrived(logGroup, i+1)
			}
			p.Arrived(logStream, 0)
		},
	},
	{
		ID:       "M871",
		Sentence: "Records that a destination has refused are kept, and delivered in their order when it accepts them.",
		Source:   conformance.Decided,
		Needs:    conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toDeliveryStream())
			p.Refuse(logStream, "ServiceUnavailableException")
			want := lines(l.threeRecords())
			l.requireCounts(map[string]conformance.LogCount{l.room: {Spooled: 3}})
			p.Behave(logStream, conformance.Behaviour{})
			p.FlushLogs()
			p.RequireEqual("the data", contents(p.Arrived(logStream, 3)), want)
			l.requireCounts(map[string]conformance.LogCount{l.room: {Delivered: 3}})
		},
	},
	{
		ID:       "M872",
		Sentence: "If Firehose does not accept some records of a request, only those are sent again.",
		Source:   conformance.Decided,
		Needs:    conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toDeliveryStream())
			p.Behave(logStream, conformance.Behaviour{RefusesHalf: true})
			want := lines(l.threeRecords())
			p.Behave(logStream, conformance.Behaviour{})
			p.FlushLogs()
			got := contents(p.Arrived(logStream, 3))
			slices.Sort(got)
			slices.Sort(want)
			p.RequireEqual("the data", got, want)
		},
	},
	{
		ID: "M873",
		Sentence: "A destination that does not exist counts for LogDestinationResourceNotFoundErrors and " +
			"LogDestinationErrors of the LoggingConfiguration.",
		Source: monitoringGuide,
		Needs:  conformance.Arrivals,
		Check: requireLogErrors("NoSuchBucket", "ResourceNotFoundException", func(n conformance.LogErrors) bool {
			return n.NotFound > 0 && n.All > 0 && n.AccessDenied == 0
		}),
	},
	{
		ID: "M874",
		Sentence: "A destination that denies access counts for LogDestinationAccessDeniedError and " +
			"LogDestinationErrors of the LoggingConfiguration.",
		Source: monitoringGuide,
		Needs:  conformance.Arrivals,
		Check: requireLogErrors("AccessDenied", "AccessDeniedException", func(n conformance.LogErrors) bool {
			return n.AccessDenied > 0 && n.All > 0 && n.NotFound == 0
		}),
	},
	{
		ID: "M875",
		Sentence: "Any other failure of a destination counts only for LogDestinationErrors of the " +
			"LoggingConfiguration.",
		Source: monitoringGuide,
		Needs:  conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			n := logErrors(p, toDeliveryStream(), "ServiceUnavailableException")
			p.Require(n.All > 0 && n.AccessDenied == 0 && n.NotFound == 0, "the sums are %s", conformance.JSON(n))
		},
	},
}

// threeRecords logs three events, moves the clock until they are due everywhere, and returns their records.
func (l chatLog) threeRecords() []conformance.LogRecord {
	for i, name := range []string{"app:<x>", "app:y", "app:z"} {
		l.moveTo(time.Duration(i) * time.Second)
		l.say(name)
	}
	l.moveTo(5 * time.Minute)
	return l.p.LogRecords(l.room, 3)
}

// lines returns the texts of records, each with a line feed.
func lines(records []conformance.LogRecord) (all []string) {
	for _, r := range records {
		all = append(all, r.Text+"\n")
	}
	return all
}

// contents returns what has arrived, in its order.
func contents(arrived []conformance.Arrival) (all []string) {
	for _, a := range arrived {
		all = append(all, a.Content)
	}
	return all
}

// logErrors returns the metrics of a logging configuration whose destination refuses everything with an exception.
func logErrors(
	p *conformance.Probe, destination types.DestinationConfiguration, exception string,
) conformance.LogErrors {
	l := newChatLog(p, destination)
	for _, name := range []string{logBucket, logGroup, logStream} {
		p.Refuse(name, exception)
		defer p.Behave(name, conformance.Behaviour{})
	}
	l.say("app:x")
	p.FlushLogs()
	return p.LogErrors(l.configuration)
}

// requireLogErrors returns a check of the metrics of logging configurations whose destinations refuse everything:
// a bucket with the first exception, and a log group and a delivery stream with the second one.
func requireLogErrors(ofS3, ofOthers string, as func(conformance.LogErrors) bool) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		for _, refused := range []struct {
			destination types.DestinationConfiguration
			exception   string
		}{{toBucket(), ofS3}, {toLogGroup(), ofOthers}, {toDeliveryStream(), ofOthers}} {
			n := logErrors(p, refused.destination, refused.exception)
			p.Require(as(n), "the sums are %s", conformance.JSON(n))
		}
	}
}
