package conformance_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// chatLogMutations are mutants of chat logs, each with the claim that catches it.
var chatLogMutations = []mutation{
	// Records.
	{"a record has another member", "M801", changeRecords(`"version":"1.0"}`, `"version":"1.0","room":"x"}`)},
	{"a record has no version", "M801", changeRecords(`,"version":"1.0"}`, `}`)},
	{
		"the type comes first in a record", "M802",
		changeRecords(`("event_timestamp":"[^"]*"),("type":"EVENT")`, `$2,$1`),
	},
	{
		"the version comes before the payload", "M802",
		changeRecords(`"payload":(.*),"version":"1.0"`, `"version":"1.0","payload":$1`),
	},
	{"the version of a record is a number", "M803", changeRecords(`"version":"1.0"`, `"version":1.0`)},
	{"event_timestamp is rounded", "M804", changeRecords(`(_timestamp":"[^"]*)40.415Z`, `${1}40.416Z`)},
	{"event_timestamp is the SendTime", "M804", changeRecords(`(_timestamp":"[^"]*)40.415Z`, `${1}40.41599937Z`)},
	{"event_timestamp has no zeros at its end", "M805", changeRecords(`(_timestamp":"[^"]*)\.000Z`, `${1}Z`)},
	{"the type of every record is MESSAGE", "M806", changeRecords(`"type":"EVENT"`, `"type":"MESSAGE"`)},
	{"characters with a meaning in HTML are escaped in records", "M807", changeRecords(`<b>`, `\u003cb\u003e`)},
	{"a record has no RequestId", "M807", changeRecords(`"RequestId":"r > 1",`, ``)},
	{"the payload of a record is indented", "M807", changeRecords(`"payload":\{`, `"payload":{ `)},
	{"the payload of a record is a string", "M807", changeRecords(`"payload":\{.*\},`, `"payload":"{}",`)},
	{"events are not logged", "M808", dropRecords(`"type":"EVENT"`)},
	{"Attributes of events are not logged", "M808", changeRecords(`"Attributes":\{[^}]*\}`, `"Attributes":null`)},
	{"deletions by clients are not logged", "M809", dropRecords(`"RequestId":"r"`)},
	{"deletions by DeleteMessage are not logged", "M809", dropRecords(`"RequestId":""`)},
	{"disconnections by clients are not logged", "M810", dropRecords(`"RequestId":"r"`)},
	{"disconnections by DisconnectUser are not logged", "M810", dropRecords(`"RequestId":""`)},
	{"an ERROR is logged", "M811", oneMoreRecord},
	{"a denied message is logged", "M812", oneMoreRecord},
	{"messages are logged as they were sent", "M813", changeRecords(`"Content":"changed"`, `"Content":"hello"`)},
	{"a room is not logged while nobody is connected", "M814", dropRecords(``)},
	{"a record is written for each client", "M815", changeItems(recordsPath, twice)},
	{"records have another order than frames", "M816", changeItems(recordsPath, reversed)},

	// Rooms and their logging configurations.
	{
		"a room has at most two logging configurations", "M820",
		changeRequest("CreateRoom", func(m object) {
			m["loggingConfigurationIdentifiers"] = m["loggingConfigurationIdentifiers"].([]any)[:2]
		}),
	},
	{
		"records for CloudWatch Logs are escaped", "M821",
		changeRecords(`("destination":"cloudWatchLogs:.*)<`, `${1}\u003c`),
	},
	{"a logging configuration logs only one room", "M822", dropRecords(`app:y`)},
	{
		"each room has a logging configuration of its own", "M822",
		changeRecords(`logging-configuration/`, `logging-configuration/x`),
	},
	{"a room without a logging configuration is logged", "M823", changeItems(recordsPath, atLeastOne)},
	{"a logging configuration also logs earlier frames", "M824", oneMoreRecord},
	{
		"logging configurations cannot be attached", "M824",
		changeRequest("UpdateRoom", remove("loggingConfigurationIdentifiers")),
	},
	{
		"logging configurations cannot be detached", "M825",
		changeRequest("UpdateRoom", remove("loggingConfigurationIdentifiers")),
	},
	{
		"logging configurations cannot be replaced", "M826",
		changeRequest("UpdateRoom", remove("loggingConfigurationIdentifiers")),
	},
	{
		"a destination cannot be changed", "M827",
		changeRequest("UpdateLoggingConfiguration", remove("destinationConfiguration")),
	},
	{"a new destination is also that of earlier frames", "M827", changeRecords(`s3:chat-logs"`, `s3:chat-logs-2"`)},
	{
		"earlier records are delivered to the new destination", "M828",
		changeDeliveries(`cloudWatchLogs:/ivs/chat`, `s3:chat-logs`),
	},
	{"a new destination loses records", "M828", changeItems(deliveriesPath, firstOnly)},
	{"the records of a logging configuration are deleted with it", "M829", changeItems(deliveriesPath, none)},
	{"the records of a room are deleted with it", "M830", changeItems(deliveriesPath, none)},

	// Deliveries.
	{"the key of an object has no version", "M840", changeDeliveries(`IVSChatLogs/1.0/`, `IVSChatLogs/`)},
	{"the key of an object has the ID of the room alone", "M840", changeDeliveries(`room_`, ``)},
	{"the key of an object has no hour", "M840", changeDeliveries(`/[0-9]{2}/([^/]*\.log)`, `/$1`)},
	{"the name of an object has no T and Z", "M840", changeDeliveries(`T([0-9]{4})Z`, `$1`)},
	{"the name of an object has no hash", "M840", changeDeliveries(`_[0-9a-f]{8}\.log`, `.log`)},
	{"objects have no .gz", "M840", changeDeliveries(`\.log\.gz`, `.log`)},
	{"the time in a key is the end of the window", "M841", changeDeliveries(`T2355Z`, `T0000Z`)},
	{"the time in a key is that of the first record", "M841", changeDeliveries(`T0140Z`, `T0144Z`)},
	{"the date in a key is that of the delivery", "M841", changeDeliveries(`/[0-9]{2}/23/`, `/00/23/`)},
	{"a window has several objects", "M842", changeDeliveries(`"records":3`, `"records":1`)},
	{"windows are longer", "M842", changeItems(deliveriesPath, firstOnly)},
	{"rooms share objects", "M843", changeDeliveries(`room_[A-Za-z0-9]{12}`, `room_abcdefghijkl`)},
	{"logging configurations have the same keys", "M844", changeDeliveries(`_[0-9a-f]{8}\.log`, `_00000000.log`)},
	{"an object replaces an earlier one", "M845", changeDeliveries(`_[0-9a-f]{8}\.log`, `_00000000.log`)},
	{"keys have no order", "M845", changeItems(deliveriesPath, reversed)},
	{"objects are delivered too early", "M846", aheadByANanosecond},
	{"objects are delivered after the clock has moved", "M846", changeItems(deliveriesPath, none)},
	{"log events are delivered too early", "M847", aheadByANanosecond},
	{"log events are delivered after the clock has moved", "M847", changeItems(deliveriesPath, none)},
	{"records of Firehose are delivered too early", "M848", aheadByANanosecond},
	{"records of Firehose are delivered after the clock has moved", "M848", changeItems(deliveriesPath, none)},
	{
		"a record belongs to the window of its event_timestamp", "M849",
		changeDeliveries(`T([0-9]{2})[1-4]0Z`, `T${1}05Z`),
	},
	{
		"a record has the time of its delivery", "M849",
		changeRecords(`_timestamp":"[^"]*"`, `_timestamp":"2026-01-01T00:00:00.000Z"`),
	},
	{"moving the clock skips windows", "M850", changeItems(deliveriesPath, firstOnly)},
	{"a window without records has an object", "M851", changeItems(deliveriesPath, twice)},
	{
		"the name of a log stream has no version", "M852",
		changeArrivals(func(a *conformance.Arrival) { a.Name = strings.Replace(a.Name, "/1.0/", "/", 1) }),
	},
	{
		"rooms share a log stream", "M852",
		changeArrivals(func(a *conformance.Arrival) { a.Name = "aws/IVSChatLogs/1.0/room_abcdefghijkl" }),
	},
	{"a flush delivers nothing", "M853", changeItems(deliveriesPath, none)},
	{"what was flushed is delivered again", "M853", changeItems(deliveriesPath, twice)},
	{"a record is not counted", "M854", changeText(countsPath, `"spooled":2`, `"spooled":1`)},
	{"a record that was delivered is still spooled", "M854", changeText(countsPath, `"spooled":0`, `"spooled":1`)},
	{"the numbers of the rooms do not add up", "M854", changeText(countsPath, `"spooled":3`, `"spooled":2`)},
	{"a record is delivered once to the same stream", "M855", changeDeliveries(`"records":2`, `"records":1`)},

	// What arrives.
	{
		"objects are not compressed", "M860",
		changeArrivals(func(a *conformance.Arrival) { a.Content = unzipped(a.Content) }),
	},
	{
		"an object does not end with a line feed", "M860",
		changeArrivals(changeObject(strings.TrimSpace)),
	},
	{"an object is an array", "M860", changeArrivals(changeObject(func(s string) string { return "[" + s + "]" }))},
	{"an object has another key", "M861", changeArrivals(func(a *conformance.Arrival) { a.Name += "x" })},
	{
		"a log event has several records", "M862",
		changeArrivals(func(a *conformance.Arrival) { a.Content += "\n" + a.Content }),
	},
	{"log events have no order", "M862", mutant{arrived: reversed[conformance.Arrival]}},
	{
		"the time of a log event is that of its delivery", "M863",
		changeArrivals(func(a *conformance.Arrival) { a.Time = a.Time.Add(time.Second) }),
	},
	{
		"records of Firehose have no delimiter", "M864",
		changeArrivals(func(a *conformance.Arrival) { a.Content = strings.TrimSpace(a.Content) }),
	},
	{"records of Firehose have no order", "M864", mutant{arrived: reversed[conformance.Arrival]}},
	{"only one destination receives records", "M865", mutant{arrived: none[conformance.Arrival]}},
	{"an object is delivered again with another key", "M866", mutant{arrived: twice[conformance.Arrival]}},
	{"what was delivered without a reply is given up", "M866", changeText(countsPath, `"spooled":3`, `"spooled":0`)},
	{
		"log events that are too new keep their time", "M867",
		changeArrivals(func(a *conformance.Arrival) { a.Time = a.Time.Add(5 * time.Hour) }),
	},
	{"log events that are too new are lost", "M867", mutant{arrived: none[conformance.Arrival]}},
	{
		"destinations are created", "M868",
		mutant{arrived: func(all []conformance.Arrival) []conformance.Arrival {
			return append(all, conformance.Arrival{Name: "Logs_20140328.CreateLogGroup"})
		}},
	},
	{"a destination that fails stops others", "M870", mutant{arrived: none[conformance.Arrival]}},
	{"a destination that fails stops the room", "M870", dropFrames("EVENT", everyClient)},
	{"what was refused is lost", "M871", mutant{arrived: none[conformance.Arrival]}},
	{"what was refused is delivered without order", "M871", mutant{arrived: reversed[conformance.Arrival]}},
	{"everything is sent again after a partial failure", "M872", mutant{arrived: twice[conformance.Arrival]}},
	{"what was refused in part is lost", "M872", mutant{arrived: firstOnly[conformance.Arrival]}},

	// Metrics.
	{"LogDestinationResourceNotFoundErrors does not count", "M873", changeMetric(logMetrics[1], `[1-9]$`, `0`)},
	{"LogDestinationErrors counts no missing destinations", "M873", changeMetric(logMetrics[2], `[1-9]$`, `0`)},
	{"LogDestinationErrors has no LoggingConfiguration", "M873", changeMetric(logMetrics[2], `n="[^"]*"`, `n=""`)},
	{"LogDestinationAccessDeniedError does not count", "M874", changeMetric(logMetrics[0], `[1-9]$`, `0`)},
	{"LogDestinationErrors counts no denied access", "M874", changeMetric(logMetrics[2], `[1-9]$`, `0`)},
	{"LogDestinationErrors does not count other failures", "M875", changeMetric(logMetrics[2], `[1-9]$`, `0`)},
}

// The paths of the admin API with chat logs, as a mutant knows them.
const (
	recordsPath    = "_ivschat/v1/chat-logs/records"
	countsPath     = "_ivschat/v1/chat-logs"
	deliveriesPath = "_ivschat/v1/journal"
	clockPath      = "_ivschat/v1/clock"
)

// changeText replaces a pattern in the replies of a path, and nothing else in them.
func changeText(path, pattern, text string) mutant {
	return mutant{reply: func(operation string, r *mutableReply) {
		r.members = nil
		if operation == path {
			r.body = regexp.MustCompile(pattern).ReplaceAllString(r.body, text)
		}
	}}
}

// changeRecords replaces a pattern in the records of chat logs.
func changeRecords(pattern, text string) mutant { return changeText(recordsPath, pattern, text) }

// changeDeliveries replaces a pattern in the deliveries of chat logs.
func changeDeliveries(pattern, text string) mutant { return changeText(deliveriesPath, pattern, text) }

// changeItems changes the list of a path. Its items stay as they are.
func changeItems(path string, change func([]json.RawMessage) []json.RawMessage) mutant {
	return mutant{reply: func(operation string, r *mutableReply) {
		var list struct {
			Items []json.RawMessage `json:"items"`
		}
		r.members = nil
		if operation != path || json.Unmarshal([]byte(r.body), &list) != nil {
			return
		}
		list.Items = change(list.Items)
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(list)
		r.body = text.String()
	}}
}

// dropRecords drops the records that match a pattern.
func dropRecords(pattern string) mutant {
	dropped := regexp.MustCompile(pattern)
	return changeItems(recordsPath, func(items []json.RawMessage) []json.RawMessage {
		return slices.DeleteFunc(items, func(item json.RawMessage) bool { return dropped.Match(item) })
	})
}

// oneMoreRecord adds a record to every list that has one.
var oneMoreRecord = changeItems(recordsPath, func(items []json.RawMessage) []json.RawMessage {
	return append(items, items[len(items)-1])
})

// atLeastOne returns a list with an item in place of an empty one.
func atLeastOne(items []json.RawMessage) []json.RawMessage {
	if len(items) == 0 {
		return []json.RawMessage{json.RawMessage(`{"log":{"record":{}}}`)}
	}
	return items
}

func none[T any]([]T) []T { return nil }

func twice[T any](all []T) []T { return append(all, all...) }

func firstOnly[T any](all []T) []T { return all[:min(1, len(all))] }

func reversed[T any](all []T) []T {
	slices.Reverse(all)
	return all
}

// aheadByANanosecond moves a clock a nanosecond too far, unless it is moved to a whole second.
var aheadByANanosecond = changeRequest(clockPath, func(m object) {
	at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(m["to"]))
	if err == nil && at.Nanosecond() != 0 {
		m["to"] = at.Add(time.Nanosecond).Format(time.RFC3339Nano)
	}
})

// changeArrivals changes what arrives at destinations of chat logs.
func changeArrivals(change func(*conformance.Arrival)) mutant {
	return mutant{arrived: func(all []conformance.Arrival) []conformance.Arrival {
		for i := range all {
			change(&all[i])
		}
		return all
	}}
}

// changeObject returns a change of the uncompressed content of objects.
func changeObject(change func(string) string) func(*conformance.Arrival) {
	return func(a *conformance.Arrival) {
		var content bytes.Buffer
		compressed := gzip.NewWriter(&content)
		_, _ = io.WriteString(compressed, change(unzipped(a.Content)))
		_ = compressed.Close()
		a.Content = content.String()
	}
}

// unzipped returns the uncompressed content of an object.
func unzipped(content string) string {
	uncompressed, err := gzip.NewReader(strings.NewReader(content))
	if err != nil {
		return ""
	}
	text, _ := io.ReadAll(uncompressed)
	return string(text)
}
