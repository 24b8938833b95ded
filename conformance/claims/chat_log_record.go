package claims

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var chatLogRecordClaims = []conformance.Claim{
	{
		ID:       "M801",
		Sentence: "A record of a chat log has the members event_timestamp, type, payload and version.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			var members []string
			for member := range recordOfEvent(p).Members() {
				members = append(members, member)
			}
			slices.Sort(members)
			p.RequireEqual("the members", members, []string{"event_timestamp", "payload", "type", "version"})
		},
	},
	{
		ID:       "M802",
		Sentence: "The members of a record have the order event_timestamp, type, payload, version.",
		Source:   conformance.Decided,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			order := memberOrder(conformance.Frame{Raw: recordOfEvent(p).Text})
			p.RequireEqual("the order", order, "event_timestamp type payload version")
		},
	},
	{
		ID:       "M803",
		Sentence: `The version of a record is the string "1.0".`,
		Source:   chatLoggingGuide + ": the example of a key",
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			p.RequireEqual("version", recordOfEvent(p).Members()["version"], "1.0")
		},
	},
	{
		ID:       "M804",
		Sentence: "event_timestamp is the SendTime of the frame, cut to milliseconds, in UTC.",
		Source:   chatLoggingGuide + "; " + chatLoggingPost,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			l.moveTo(40*time.Second + 415_999_370)
			l.say("app:x")
			want := l.start.Add(40*time.Second + 415*time.Millisecond).Format(time.RFC3339Nano)
			p.RequireEqual("event_timestamp", p.LogRecords(l.room, 1)[0].Members()["event_timestamp"], want)
		},
	},
	{
		ID:       "M805",
		Sentence: "event_timestamp always has three digits of a second.",
		Source:   conformance.Decided,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			l.say("app:x")
			want := l.start.Format("2006-01-02T15:04:05.000Z")
			p.RequireEqual("event_timestamp", p.LogRecords(l.room, 1)[0].Members()["event_timestamp"], want)
		},
	},
	{
		ID:       "M806",
		Sentence: "The type of a record is MESSAGE or EVENT, as in its payload.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			anna := p.Join(l.room, "anna")
			anna.Send(helloFrame)
			anna.Receive("MESSAGE")
			l.say("app:x")
			records := p.LogRecords(l.room, 2)
			p.RequireEqual("the first type", records[0].Members()["type"], "MESSAGE")
			p.RequireEqual("the second type", records[1].Members()["type"], "EVENT")
		},
	},
	{
		ID:       "M807",
		Sentence: "A message is logged, and the payload is its frame as clients receive it, byte for byte.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			anna := p.Join(l.room, "anna")
			anna.Send(`{"action":"SEND_MESSAGE","content":"<b>\u00fc 🙂 \u2028\"\\\u0007 & &amp;</b>",` +
				`"Attributes":{"z":"<","a":"\u0000"},"RequestId":"r > 1"}`)
			l.requireLogged(anna.Receive("MESSAGE"))
		},
	},
	{
		ID:       "M808",
		Sentence: "An event of SendEvent is logged, and the payload is its frame as clients receive it, byte for byte.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			anna := p.Join(l.room, "anna")
			sendEvent(p, l.room, "app:<x>", map[string]string{"k": "🙂&<\u2028>", "a": ""})
			l.requireLogged(anna.Receive("EVENT"))
		},
	},
	{
		ID:       "M809",
		Sentence: "The event aws:DELETE_MESSAGE is logged, whether a client or DeleteMessage has caused it.",
		Source:   chatLoggingGuide + "; " + chatLoggingPost,
		Needs:    conformance.Records,
		Check: requireBothLogged(`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","Reason":"<no>","RequestId":"r"}`,
			func(p *conformance.Probe, room string) { deleteMessage(p, room, "abcdefghijkl") }),
	},
	{
		ID:       "M810",
		Sentence: "The event aws:DISCONNECT_USER is logged, whether a client or DisconnectUser has caused it.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records,
		Check: requireBothLogged(`{"Action":"DISCONNECT_USER","UserId":"ben","Reason":"<no>","RequestId":"r"}`,
			func(p *conformance.Probe, room string) { disconnectUser(p, room, "ben") }),
	},
	{
		ID:       "M811",
		Sentence: "ERROR frames, and requests that are refused with one, are not logged.",
		Source:   conformance.Decided,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			anna, viewer := p.Join(l.room, "anna"), p.Connect(p.Token(l.room, "viewer"))
			anna.Send(`{`)
			anna.ReceiveError(400)
			anna.Send(`{"Action":"SEND_MESSAGE","Content":""}`)
			anna.ReceiveError(400)
			viewer.Send(helloFrame)
			viewer.ReceiveError(403)
			l.say("app:x")
			l.requireLogged(anna.Receive("EVENT"))
		},
	},
	{
		ID:       "M812",
		Sentence: "A message that its review denies is not logged.",
		Source:   conformance.Decided,
		Needs:    conformance.Records | conformance.Answers,
		Check: func(p *conformance.Probe) {
			l, r := reviewedChatLog(p)
			p.SetAnswers(l.room, answer(denyReason))
			r.denied() // receives a marker
			l.say("app:x")
			p.RequireEqual("the events", names(p, p.LogRecords(l.room, 2)), "conformance:marker app:x")
		},
	},
	{
		ID:       "M813",
		Sentence: "After a review, what clients receive is logged, and not what was sent.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records | conformance.Answers,
		Check: func(p *conformance.Probe) {
			l, r := reviewedChatLog(p)
			p.SetAnswers(l.room, answer(`{"ReviewResult":"ALLOW","Content":"changed","Attributes":{"a":"b"}}`))
			f := r.delivered()
			p.RequireEqual("Content", f.Text("Content"), "changed")
			l.requireLogged(f)
		},
	},
	{
		ID:       "M814",
		Sentence: "A room is logged also when nobody is connected.",
		Source:   conformance.Decided,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			l.say("app:x")
			deleteMessage(p, l.room, "abcdefghijkl")
			disconnectUser(p, l.room, "ben")
			p.RequireEqual("the events", names(p, p.LogRecords(l.room, 3)),
				"app:x aws:DELETE_MESSAGE aws:DISCONNECT_USER")
		},
	},
	{
		ID:       "M815",
		Sentence: "A frame is logged once, however many clients receive it.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			anna := p.Join(l.room, "anna")
			p.Join(l.room, "ben")
			p.Join(l.room, "ben")
			anna.Send(helloFrame)
			l.requireLogged(anna.Receive("MESSAGE"))
		},
	},
	{
		ID:       "M816",
		Sentence: "Records have the order in which clients receive the frames.",
		Source:   conformance.Decided,
		Needs:    conformance.Records,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			anna := p.Join(l.room, "anna")
			p.Concurrently(3, func(p *conformance.Probe) {
				c := p.Join(l.room, "ben")
				for range 3 {
					c.Send(helloFrame)
				}
				for range 3 {
					c.Receive("MESSAGE")
				}
			})
			var frames []conformance.Frame
			for range 9 {
				frames = append(frames, anna.Receive("MESSAGE"))
			}
			l.requireLogged(frames...)
		},
	},
}

// recordOfEvent returns the record of an event.
func recordOfEvent(p *conformance.Probe) conformance.LogRecord {
	l := newChatLog(p, toBucket())
	l.say("app:x")
	return p.LogRecords(l.room, 1)[0]
}

// requireBothLogged returns a check that requires two events to be logged: that of an action of a client, and that of
// an operation of the backend.
func requireBothLogged(
	action string, operation func(p *conformance.Probe, room string),
) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		l := newChatLog(p, toBucket())
		anna := p.Join(l.room, "anna")
		anna.Send(action)
		byClient := anna.Receive("EVENT")
		operation(p, l.room)
		l.requireLogged(byClient, anna.Receive("EVENT"))
	}
}

// reviewedChatLog creates a room whose messages are reviewed and logged, and connects both users.
func reviewedChatLog(p *conformance.Probe) (chatLog, review) {
	start := p.StopClock()
	configuration, handler := logTo(p, toBucket()), reviewHandler(p)
	handler.FallbackResult = types.FallbackResultDeny
	r := newReview(p, ivschat.CreateRoomInput{
		MessageReviewHandler: handler, LoggingConfigurationIdentifiers: []string{configuration},
	})
	return chatLog{p, start, configuration, r.arn}, r
}
