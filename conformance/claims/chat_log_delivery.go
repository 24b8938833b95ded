package claims

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var chatLogDeliveryClaims = []conformance.Claim{
	{
		ID: "M840",
		Sentence: "The key of an object in S3 has the account, the version, the region, the room, the date, the " +
			"hour, the minute and a hash.",
		Source: chatLoggingGuide,
		Needs:  conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			l.say("app:x")
			l.moveTo(5 * time.Minute)
			room := inPlace(l.room)
			p.RequireMatch("the key", l.keys(1)[0], `^AWSLogs/`+p.Account+`/IVSChatLogs/1\.0/`+p.Region+`/`+room+
				`/[0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9]{2}/`+p.Account+`_IVSChatLogs_1\.0_`+p.Region+`_`+room+
				`_[0-9]{8}T[0-9]{4}Z_[0-9a-f]{8}\.log\.gz$`)
		},
	},
	{
		ID:       "M841",
		Sentence: "The time in the key is the beginning of a window of 5 minutes, in UTC.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			midnight := l.start.Truncate(24 * time.Hour).Add(24 * time.Hour)
			times := []time.Time{midnight.Add(-time.Nanosecond), midnight, midnight.Add(104 * time.Minute)}
			for _, at := range times {
				p.MoveClock(at)
				l.say("app:x")
			}
			p.MoveClock(midnight.Add(2 * time.Hour))
			for i, key := range l.keys(3) {
				window := times[i].Truncate(5 * time.Minute)
				p.RequireMatch("the key", key, window.Format(`/2006/01/02/15/`)+`[^/]*`+inKey(window))
			}
		},
	},
	{
		ID:       "M842",
		Sentence: "The records of a room in a window of 5 minutes are one object in S3.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			for _, at := range []time.Duration{0, time.Minute, 5*time.Minute - 1} {
				l.moveTo(at)
				l.say("app:x")
			}
			l.moveTo(5 * time.Minute)
			l.say("app:y")
			l.moveTo(10 * time.Minute)
			all := l.deliveries(2)
			p.RequireEqual("the records of the first object", all[0].Records, 3)
			p.RequireEqual("the records of the second object", all[1].Records, 1)
			p.RequireMatch("the first key", keyOf(p, all[0]), inKey(l.start))
			p.RequireMatch("the second key", keyOf(p, all[1]), inKey(l.start.Add(5*time.Minute)))
		},
	},
	{
		ID:       "M843",
		Sentence: "Each room has objects of its own, also with the same logging configuration.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			second := l.sayInTwoRooms()
			l.moveTo(5 * time.Minute)
			keys := strings.Join(l.keys(2), " ")
			for _, room := range []string{l.room, second} {
				p.RequireMatch("the keys", keys, `/`+inPlace(room)+`/`)
			}
		},
	},
	{
		ID:       "M844",
		Sentence: "Two logging configurations with the same bucket have objects with different keys.",
		Source:   chatLoggingGuide + ": the hash ensures uniqueness",
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			second := logTo(p, toBucket())
			attach(p, l.room, l.configuration, second)
			l.say("app:x")
			l.moveTo(5 * time.Minute)
			other := keyOf(p, chatLog{p, l.start, second, l.room}.deliveries(1)[0])
			p.Require(l.keys(1)[0] != other, "both have the key %s", other)
		},
	},
	{
		ID:       "M845",
		Sentence: "Several objects of a window have different keys, which sort by time.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			for _, at := range []time.Duration{0, time.Second, 2 * time.Minute, 5*time.Minute - time.Second} {
				l.moveTo(at)
				l.say("app:x")
				p.FlushLogs()
			}
			keys := l.keys(4)
			p.Require(slices.IsSorted(keys) && len(slices.Compact(slices.Clone(keys))) == 4,
				"the keys are not in order: %s", conformance.JSON(keys))
			for _, key := range keys {
				p.RequireMatch("the key", key, inKey(l.start))
			}
		},
	},
	{
		ID:       "M846",
		Sentence: "An object in S3 is delivered when its window ends, and not before.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check:    requireWindow(toBucket, 5*time.Minute),
	},
	{
		ID:       "M847",
		Sentence: "A record is in CloudWatch Logs 10 seconds later at the latest, when a window of 10 seconds ends.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check:    requireWindow(toLogGroup, 10*time.Second),
	},
	{
		ID:       "M848",
		Sentence: "A record is in Firehose 10 seconds later at the latest, when a window of 10 seconds ends.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check:    requireWindow(toDeliveryStream, 10*time.Second),
	},
	{
		ID:       "M849",
		Sentence: "A record belongs to the window in which clients receive the frame, also if its review began before.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries | conformance.Answers,
		Check: func(p *conformance.Probe) {
			l, r := reviewedChatLog(p)
			end, tries := l.start, 0
			allow := []conformance.Answer{answer(allowChanged)}
			p.DuringReview(allow, func() string {
				tries++
				end = l.start.Add(time.Duration(tries) * 10 * time.Minute)
				p.MoveClock(end.Add(-time.Second))
				return l.room
			}, func() { r.anna.Send(helloFrame) }, func() { p.MoveClock(end) })
			for range tries {
				r.anna.Receive("MESSAGE")
			}
			p.MoveClock(end.Add(5 * time.Minute))
			p.RequireMatch("the key", l.keys(tries)[tries-1], inKey(end))
			timestamp := p.LogRecords(l.room, tries)[tries-1].Members()["event_timestamp"]
			p.RequireEqual("event_timestamp", timestamp, end.Add(-time.Second).Format("2006-01-02T15:04:05.000Z"))
		},
	},
	{
		ID:       "M850",
		Sentence: "When the clock is moved over several windows, each window with records has its own object.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			l.say("app:x")
			l.moveTo(7 * time.Minute)
			l.say("app:y")
			l.moveTo(time.Hour)
			keys := l.keys(2)
			p.RequireMatch("the first key", keys[0], inKey(l.start))
			p.RequireMatch("the second key", keys[1], inKey(l.start.Add(5*time.Minute)))
		},
	},
	{
		ID:       "M851",
		Sentence: "A window without records has no object.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			l.moveTo(30 * time.Minute)
			l.deliveries(0)
			l.say("app:x")
			l.moveTo(50 * time.Minute)
			l.deliveries(1)
		},
	},
	{
		ID:       "M852",
		Sentence: "The CloudWatch Logs of a room are in the log stream aws/IVSChatLogs/1.0/room_ID of the log group.",
		Source:   chatLoggingGuide,
		Needs:    conformance.Arrivals,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toLogGroup())
			second := l.sayInTwoRooms()
			l.moveTo(10 * time.Second)
			streams := map[string]string{}
			for _, event := range p.Arrived(logGroup, 2) {
				streams[nameIn(p, event.Content)] = event.Name
			}
			for name, room := range map[string]string{"app:x": l.room, "app:y": second} {
				p.RequireEqual("the log stream", streams[name], "aws/IVSChatLogs/1.0/"+inPlace(room))
			}
		},
	},
	{
		ID:       "M853",
		Sentence: "A flush delivers to every destination before its window ends, and once.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			for _, destination := range []types.DestinationConfiguration{toBucket(), toLogGroup(), toDeliveryStream()} {
				l := newChatLog(p, destination)
				l.say("app:x")
				p.FlushLogs()
				l.deliveries(1)
				l.moveTo(10 * time.Minute)
				l.requireDelivered(1)
			}
		},
	},
	{
		ID:       "M854",
		Sentence: "Every record is spooled, delivered or dropped, and the numbers of the rooms add up.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toBucket())
			second := loggedRoom(p, l.configuration)
			l.say("app:x")
			l.say("app:y")
			sendEvent(p, second, "app:z", nil)
			l.requireCounts(map[string]conformance.LogCount{l.room: {Spooled: 2}, second: {Spooled: 1}})
			p.FlushLogs()
			l.requireCounts(map[string]conformance.LogCount{l.room: {Delivered: 2}, second: {Delivered: 1}})
			l.say("app:x")
			l.requireCounts(map[string]conformance.LogCount{l.room: {Spooled: 1, Delivered: 2}, second: {Delivered: 1}})
		},
	},
	{
		ID:       "M855",
		Sentence: "Two logging configurations with the same destination both deliver every record.",
		Source:   conformance.Decided,
		Needs:    conformance.Deliveries,
		Check: func(p *conformance.Probe) {
			l := newChatLog(p, toDeliveryStream())
			second := logTo(p, toDeliveryStream())
			attach(p, l.room, l.configuration, second)
			l.say("app:x")
			l.say("app:y")
			l.moveTo(10 * time.Second)
			for _, configuration := range []string{l.configuration, second} {
				chatLog{p, l.start, configuration, l.room}.requireDelivered(2)
			}
		},
	},
}

// requireCounts requires that the logging configuration has these numbers of records of its rooms.
func (l chatLog) requireCounts(rooms map[string]conformance.LogCount) {
	all := l.p.LogCounts(l.configuration)
	l.p.Require(len(all) == 1, "there are %d destinations, want 1", len(all))
	l.p.RequireEqual("the numbers of the rooms", all[0].Rooms, rooms)
	var sum conformance.LogCount
	for _, n := range rooms {
		sum.Spooled += n.Spooled
		sum.Delivered += n.Delivered
		sum.Dropped += n.Dropped
	}
	l.p.RequireEqual("the numbers", all[0].LogCount, sum)
}
