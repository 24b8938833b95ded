package claims

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var chatLogRoomClaims = []conformance.Claim{
	{
		ID:       "M820",
		Sentence: "A room with three logging configurations has a record of each frame for each of them.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			p.StopClock()
			first, second, third := logTo(p, toBucket()), logTo(p, toLogGroup()), logTo(p, toDeliveryStream())
			room := loggedRoom(p, first, second, third)
			sendEvent(p, room, "app:x", nil)
			sendEvent(p, room, "app:y", nil)
			records := p.LogRecords(room, 6)
			for _, configuration := range []string{first, second, third} {
				p.RequireEqual("the events", names(p, recordsFor(records, configuration)), "app:x app:y")
			}
		},
	},
	{
		ID:       "M821",
		Sentence: "The records of a frame are the same for all logging configurations.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			p.StopClock()
			room := loggedRoom(p, logTo(p, toBucket()), logTo(p, toLogGroup()))
			sendEvent(p, room, "app:x", map[string]string{"k": "<🙂>"})
			records := p.LogRecords(room, 2)
			p.RequireEqual("the second record", records[1].Text, records[0].Text)
		},
	},
	{
		ID:       "M822",
		Sentence: "Several rooms can be logged with the same logging configuration.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			second := l.sayInTwoRooms()
			for room, name := range map[string]string{l.room: "app:x", second: "app:y"} {
				records := p.LogRecords(room, 1)
				p.RequireEqual("the event", names(p, records), name)
				p.RequireEqual("the logging configuration", records[0].Configuration, l.configuration)
			}
		},
	},
	{
		ID:       "M823",
		Sentence: "A room without a logging configuration is not logged.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			other := loggedRoom(p)
			sendEvent(p, other, "app:x", nil)
			l.say("app:y")
			p.LogRecords(l.room, 1)
			p.LogRecords(other, 0)
		},
	},
	{
		ID:       "M824",
		Sentence: "A logging configuration that is attached to a room logs from the next frame on.",
		Source:   conformance.Decided,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			p.StopClock()
			configuration, room := logTo(p, toBucket()), loggedRoom(p)
			sendEvent(p, room, "app:before", nil)
			attach(p, room, configuration)
			sendEvent(p, room, "app:after", nil)
			p.RequireEqual("the events", names(p, p.LogRecords(room, 1)), "app:after")
		},
	},
	{
		ID:       "M825",
		Sentence: "A logging configuration that is detached from a room logs nothing more.",
		Source:   conformance.Decided,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			other := loggedRoom(p, l.configuration)
			l.say("app:before")
			attach(p, l.room)
			l.say("app:after")
			sendEvent(p, other, "app:x", nil)
			p.LogRecords(other, 1)
			p.RequireEqual("the events", names(p, p.LogRecords(l.room, 1)), "app:before")
		},
	},
	{
		ID: "M826",
		Sentence: "A logging configuration that replaces another one of a room logs from the next frame on, in place " +
			"of it.",
		Source: conformance.Decided,
		Needs:  conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			second := logTo(p, toLogGroup())
			l.say("app:before")
			attach(p, l.room, second)
			l.say("app:after")
			records := p.LogRecords(l.room, 2)
			p.RequireEqual("the events of the first", names(p, recordsFor(records, l.configuration)), "app:before")
			p.RequireEqual("the events of the second", names(p, recordsFor(records, second)), "app:after")
		},
	},
	{
		ID:       "M827",
		Sentence: "A new destination of a logging configuration is that of the next frame on.",
		Source:   conformance.Decided,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			l.say("app:before")
			redirect(l, "chat-logs-2")
			l.say("app:after")
			records := p.LogRecords(l.room, 2)
			p.RequireEqual("the events", names(p, records), "app:before app:after")
			p.RequireEqual("the first destination", records[0].Destination, "s3:"+logBucket)
			p.RequireEqual("the second destination", records[1].Destination, "s3:chat-logs-2")
		},
	},
	{
		ID:       "M828",
		Sentence: "What was accepted before the destination was changed is delivered to the old one.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toLogGroup())
			l.say("app:before")
			redirect(l, logBucket)
			l.say("app:after")
			l.say("app:after")
			l.moveTo(5 * time.Minute)
			got := map[string]int{}
			for _, d := range l.deliveries(2) {
				got[d.Destination] = d.Records
			}
			p.RequireEqual("the records by their destination", got,
				map[string]int{"cloudWatchLogs:" + logGroup: 1, "s3:" + logBucket: 2})
		},
	},
	{
		ID:       "M829",
		Sentence: "What was accepted before its logging configuration was detached and deleted is delivered.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			l.say("app:x")
			attach(p, l.room)
			deleteLogging(p, l.configuration)
			l.moveTo(5 * time.Minute)
			l.requireDelivered(1)
		},
	},
	{
		ID:       "M830",
		Sentence: "What was accepted before its room was deleted is delivered.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			l.say("app:x")
			deleteRoom(p, l.room)
			l.moveTo(5 * time.Minute)
			l.requireDelivered(1)
		},
	},
}

// recordsFor returns the records for a logging configuration.
func recordsFor(all []conformance.LogRecord, configuration string) (records []conformance.LogRecord) {
	for _, r := range all {
		if r.Configuration == configuration {
			records = append(records, r)
		}
	}
	return records
}

// redirect makes a bucket the destination of the logging configuration.
func redirect(l chatLog, bucket string) {
	conformance.Call(l.p, l.p.SDK.UpdateLoggingConfiguration, ivschat.UpdateLoggingConfigurationInput{
		Identifier: &l.configuration, DestinationConfiguration: conformance.Bucket(bucket),
	})
}
