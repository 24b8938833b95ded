package clients_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/program"
	"github.com/ivschat-local/ivschat-local/internal/relay"
)

// A loggedRoom is a room whose chat is logged, with a client who receives every frame.
type loggedRoom struct {
	t        *testing.T
	emulator string
	arn, id  string
	// configurations are the ARNs of its logging configurations, in the order of the destinations.
	configurations []string
	ben            *chatclient.Client
	frames         []chatclient.Frame // that Ben has received
	flushed        bool               // whether the logs were flushed
}

// Destinations of logging configurations.
const (
	toBucket = `{"s3":{"bucketName":"chat-logs"}}`
	toGroup  = `{"cloudWatchLogs":{"logGroupName":"/chat/logs"}}`
	toStream = `{"firehose":{"deliveryStreamName":"chat-stream"}}`
)

// newLoggedRoom creates a room with logging configurations that have these destinations.
func newLoggedRoom(t *testing.T, emulator string, destinations ...string) *loggedRoom {
	t.Helper()
	r := &loggedRoom{t: t, emulator: emulator}
	for _, destination := range destinations {
		var configuration struct{ ARN string }
		post(t, emulator+"/CreateLoggingConfiguration", `{"destinationConfiguration":`+destination+`}`, &configuration)
		r.configurations = append(r.configurations, configuration.ARN)
	}
	identifiers, _ := json.Marshal(r.configurations)
	var room struct{ ARN, ID string }
	post(t, emulator+"/CreateRoom", fmt.Sprintf(`{"loggingConfigurationIdentifiers":%s}`, identifiers), &room)
	r.arn, r.id = room.ARN, room.ID
	r.ben = r.connect("ben")
	return r
}

// connect connects a client that may do everything.
func (r *loggedRoom) connect(user string) *chatclient.Client {
	r.t.Helper()
	var token struct{ Token string }
	post(r.t, r.emulator+"/CreateChatToken", fmt.Sprintf(`{"roomIdentifier":%q,"userId":%q,
		"attributes":{"name":"A. <b>"},"capabilities":["SEND_MESSAGE","DELETE_MESSAGE","DISCONNECT_USER"]}`,
		r.arn, user), &token)
	client, err := chatclient.Dial(r.t.Context(), r.emulator, token.Token, chatclient.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { client.Close() })
	return client
}

// advancesFar moves the clock forward so far that Ben's session ends, and connects him again.
func (r *loggedRoom) advancesFar(duration time.Duration) {
	r.t.Helper()
	advance(r.t, r.emulator, duration)
	r.ben = r.connect("ben")
}

// receives waits until Ben has received frames, and returns the last one.
func (r *loggedRoom) receives(count int) chatclient.Frame {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*time.Minute)
	defer cancel()
	for range count {
		frame, err := r.ben.Receive(ctx)
		if err != nil || frame.Type == "ERROR" {
			r.t.Fatalf("%q arrived, %v", frame.Raw, err)
		}
		r.frames = append(r.frames, frame)
	}
	return r.frames[len(r.frames)-1]
}

// says sends a message of Ben, and waits until he has received it.
func (r *loggedRoom) says(content string) chatclient.Frame {
	r.t.Helper()
	if _, err := r.ben.SendMessage(content, nil); err != nil {
		r.t.Fatal(err)
	}
	return r.receives(1)
}

// calls calls an operation, which sends an event to the room.
func (r *loggedRoom) calls(operation, members string) {
	r.t.Helper()
	var reply struct{}
	post(r.t, r.emulator+"/"+operation, fmt.Sprintf(`{"roomIdentifier":%q,%s}`, r.arn, members), &reply)
	r.receives(1)
}

// talks sends one of everything that a chat log has, and an invalid message, which it does not have.
func (r *loggedRoom) talks() {
	r.t.Helper()
	anna := r.connect("anna <&>")
	if err := anna.Send(`{"Action":"SEND_MESSAGE"}`); err != nil {
		r.t.Fatal(err)
	}
	if frame, err := anna.Receive(r.t.Context()); err != nil || frame.Type != "ERROR" {
		r.t.Fatalf("%q arrived, %v", frame.Raw, err)
	}
	const unusual = "<é> & \"quotes\"\t\\ \u2028 \U0001f600\n{\"a\":1}"
	if _, err := anna.SendMessage(unusual, map[string]string{"mood": unusual, "": "empty"}); err != nil {
		r.t.Fatal(err)
	}
	message := r.receives(1)
	r.says("hello")
	if _, err := anna.DeleteMessage(message.ID, "rude"); err != nil {
		r.t.Fatal(err)
	}
	r.receives(1)
	r.calls("SendEvent", `"eventName":"goal","attributes":{"by":"<Ann\u0061>"}`)
	r.calls("SendEvent", `"eventName":"half time"`)
	r.calls("DeleteMessage", fmt.Sprintf(`"id":%q`, message.ID))
	r.calls("DisconnectUser", `"userId":"anna <&>","reason":"rude"`)
	r.says(strings.Repeat("long ", 90))
}

// records returns the records of the frames that Ben has received.
func (r *loggedRoom) records() (lines []string) {
	for _, frame := range r.frames {
		lines = append(lines, fmt.Sprintf(`{"event_timestamp":%q,"type":%q,"payload":%s,"version":"1.0"}`,
			frame.SendTime.UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z"), frame.Type, frame.Raw))
	}
	return lines
}

// expectLines checks lines from somewhere.
func expectLines(t *testing.T, from string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s has\n%s\nwant\n%s", from, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// advance moves the clock of an emulator forward.
func advance(t *testing.T, emulator string, duration time.Duration) {
	t.Helper()
	var clock struct{}
	post(t, emulator+"/_ivschat/v1/clock", fmt.Sprintf(`{"advance":%q}`, duration), &clock)
}

// expectObjects checks that a bucket has exactly the records of a room, as the AWS SDK for Go and boto3 read them, in
// an object for each window of five minutes, or in several if they were flushed.
func (r *loggedRoom) expectObjects(c cloud, region string) {
	r.t.Helper()
	key := regexp.MustCompile(`^AWSLogs/000000000000/IVSChatLogs/1\.0/` + region + `/room_` + r.id +
		`/(\d{4})/(\d\d)/(\d\d)/(\d\d)/000000000000_IVSChatLogs_1\.0_` + region + `_room_` + r.id +
		`_(\d{8}T\d{4}Z)_[0-9a-f]{8}\.log\.gz$`)
	var lines, keys, windows []string
	for _, o := range c.objects("chat-logs") {
		match := key.FindStringSubmatch(o.Key)
		if match == nil {
			r.t.Fatalf("there is an object %s", o.Key)
		}
		start, err := time.Parse("20060102T1504Z", match[5])
		if err != nil || start.Format("2006 01 02 15") != strings.Join(match[1:5], " ") {
			r.t.Errorf("the times in the key %s are not the same: %v", o.Key, err)
		}
		if o.ContentEncoding != "" { // clients would decompress it on their own
			r.t.Errorf("the object %s has the encoding %s", o.Key, o.ContentEncoding)
		}
		keys, windows = append(keys, o.Key), append(windows, match[5])
		lines = append(lines, decompressed(r.t, o.Body)...)
	}
	if !slices.IsSorted(keys) {
		r.t.Errorf("the keys are %q", keys)
	}
	expectLines(r.t, "the bucket", lines, r.records())
	var want []string
	for _, frame := range r.frames {
		want = append(want, frame.SendTime.Truncate(5*time.Minute).Format("20060102T1504Z"))
	}
	if r.flushed {
		windows = slices.Compact(windows)
	}
	if want = slices.Compact(want); !slices.Equal(windows, want) {
		r.t.Errorf("there are objects for %q, want %q", windows, want)
	}
	expectLines(r.t, "boto3", c.boto3("consumer.py", "chat-logs", r.id), r.records())
}

func decompressed(t *testing.T, object []byte) (lines []string) {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(object))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil || !bytes.HasSuffix(text, []byte("\n")) {
		t.Fatalf("an object has %q: %v", text, err)
	}
	return linesOf(text)
}

// expectEvents checks that a log group has exactly the records of a room, as the AWS SDK for Go and boto3 read them,
// with the times of the frames.
func (r *loggedRoom) expectEvents(c cloud) {
	r.t.Helper()
	var lines []string
	for i, e := range c.events("/chat/logs") {
		lines = append(lines, e.Message)
		if i < len(r.frames) && e.Timestamp != r.frames[i].SendTime.UnixMilli() {
			r.t.Errorf("the timestamp is %d in %s", e.Timestamp, e.Message)
		}
		if e.Stream != "aws/IVSChatLogs/1.0/room_"+r.id {
			r.t.Errorf("there is an event in the stream %s", e.Stream)
		}
	}
	expectLines(r.t, "the log group", lines, r.records())
	expectLines(r.t, "boto3", c.boto3("events.py", "/chat/logs", r.id), r.records())
}

// expectStreamed checks that the bucket of a delivery stream has exactly the records of a room, each in a line. moto
// makes an object of each call, and names it at random.
func (r *loggedRoom) expectStreamed(c cloud) {
	r.t.Helper()
	var lines []string
	for _, o := range c.objects("streamed") {
		if !bytes.HasSuffix(o.Body, []byte("\n")) {
			r.t.Errorf("an object of the delivery stream has %q", o.Body)
		}
		lines = append(lines, linesOf(o.Body)...)
	}
	expectLines(r.t, "the delivery stream", slices.Sorted(slices.Values(lines)),
		slices.Sorted(slices.Values(r.records())))
}

// A logStatus is what became of the records of a logging configuration.
type logStatus struct {
	LoggingConfiguration        string
	Spooled, Delivered, Dropped int
	LastError                   *struct{ Reason, Message string }
}

// status returns what became of the records of each logging configuration of the room.
func (r *loggedRoom) status() (all []logStatus) {
	r.t.Helper()
	var list struct{ Items []logStatus }
	get(r.t, r.emulator+"/_ivschat/v1/chat-logs?room="+r.arn, &list)
	for _, configuration := range r.configurations {
		at := slices.IndexFunc(list.Items, func(s logStatus) bool { return s.LoggingConfiguration == configuration })
		if at < 0 {
			r.t.Fatalf("there is no status of %s in %+v", configuration, list)
		}
		all = append(all, list.Items[at])
	}
	return all
}

// expectDelivered checks that all records of all logging configurations are delivered.
func (r *loggedRoom) expectDelivered() {
	r.t.Helper()
	for _, s := range r.status() {
		if s.Spooled != 0 || s.Dropped != 0 || s.Delivered != len(r.frames) || s.LastError != nil {
			r.t.Errorf("the status is %+v with %+v, want %d records delivered", s, s.LastError, len(r.frames))
		}
	}
}

// await waits until the status of each logging configuration of the room is as wanted. Deliveries go on by themselves.
func (r *loggedRoom) await(what string, as func(logStatus) bool) {
	r.t.Helper()
	end := time.Now().Add(2 * time.Minute)
	for last := 0; slices.ContainsFunc(r.status(), func(s logStatus) bool { return !as(s) }); {
		if time.Now().After(end) {
			r.t.Fatalf("after 2 minutes, not everything is %s: %+v", what, r.status())
		}
		var entries struct{ Last int }
		get(r.t, fmt.Sprintf("%s/_ivschat/v1/journal?kind=delivery&count=1&timeout=10s&after=%d", r.emulator, last),
			&entries)
		last = entries.Last
	}
}

// awaitDelivered waits until all records of all logging configurations, which are due, are delivered.
func (r *loggedRoom) awaitDelivered() {
	r.t.Helper()
	r.await("delivered", func(s logStatus) bool { return s.Spooled == 0 })
	r.expectDelivered()
}

// flush delivers what is spooled now. A window can have several objects then.
func (r *loggedRoom) flush() {
	r.t.Helper()
	var list struct{}
	post(r.t, r.emulator+"/_ivschat/v1/chat-logs/flush", "", &list)
	r.flushed = true
}

// expectFailed delivers what is spooled, and checks that all records of all logging configurations wait because of
// a reason, which the metrics count.
func (r *loggedRoom) expectFailed(reason, metric string) {
	r.t.Helper()
	r.flush()
	for _, s := range r.status() {
		if s.Spooled != len(r.frames) || s.Dropped != 0 || s.LastError == nil || s.LastError.Reason != reason {
			r.t.Errorf("the status is %+v with %+v, want %d records and %s", s, s.LastError, len(r.frames), reason)
		}
		for _, name := range []string{metric, allErrors} {
			if got := counter(r.t, r.emulator, name, s.LoggingConfiguration); got < 1 {
				r.t.Errorf("%s is %d for %s", name, got, s.LoggingConfiguration)
			}
		}
	}
}

// counter returns the value of a metric of the emulator for a logging configuration.
func counter(t *testing.T, emulator, name, configuration string) int {
	t.Helper()
	response, err := http.Get(emulator + "/_ivschat/v1/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^` + name + `\{logging_configuration="` + regexp.QuoteMeta(configuration) +
		`"\} (\d+)$`)
	match := line.FindSubmatch(text)
	if match == nil {
		return 0
	}
	value, err := strconv.Atoi(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// Names of metrics.
const (
	deniedErrors   = "ivschat_log_destination_access_denied_errors_total"
	notFoundErrors = "ivschat_log_destination_resource_not_found_errors_total"
	allErrors      = "ivschat_log_destination_errors_total"
)

// TestChatLogsReachServers tests with moto, and with versitygw, which checks signatures.
func TestChatLogsReachServers(t *testing.T) {
	t.Parallel()
	bin := buildChatLogs(t)
	for name, test := range map[string]func(t *testing.T, bin string){
		"all destinations at one endpoint":                      atOneEndpoint,
		"S3 with many flushes":                                  withManyFlushes,
		"S3 with an access key":                                 withAnAccessKey,
		"a wrong access key":                                    withAWrongAccessKey,
		"destinations that are created later":                   createdLater,
		"a server that is away and comes back":                  awayAndBack,
		"a server that is away until the emulator is restarted": awayUntilARestart,
		"a clock that is three hours ahead":                     threeHoursAhead,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, bin)
		})
	}
}

func atOneEndpoint(t *testing.T, bin string) {
	c := startMotoCloud(t, bin)
	c.create("bucket", "chat-logs")
	c.create("group", "/chat/logs")
	c.create("bucket", "streamed")
	c.create("stream", "chat-stream", "streamed")
	emulator := program.Start(t, "--aws-endpoint", c.url)
	r := newLoggedRoom(t, emulator, toBucket, toGroup, toStream)
	r.talks()
	advance(t, emulator, 5*time.Minute)
	r.says("in the next window")
	advance(t, emulator, 10*time.Minute)
	r.says("after a window without messages")
	advance(t, emulator, 5*time.Minute)
	r.awaitDelivered()
	r.expectObjects(c, "us-east-1")
	r.expectEvents(c)
	r.expectStreamed(c)
	r.expectNoErrors()
}

// expectNoErrors checks that no delivery has failed.
func (r *loggedRoom) expectNoErrors() {
	r.t.Helper()
	for _, configuration := range r.configurations {
		if got := counter(r.t, r.emulator, allErrors, configuration); got != 0 {
			r.t.Errorf("%d deliveries have failed", got)
		}
	}
}

// The rooms are in another region than the server.
func withAnAccessKey(t *testing.T, bin string) {
	c := startGateway(t, bin)
	c.create("bucket", "chat-logs")
	emulator := program.Start(t, "--region", "eu-west-1", "--s3-endpoint", withKey(c.url, gatewayKey, gatewayEscaped))
	r := newLoggedRoom(t, emulator, toBucket)
	r.talks()
	advance(t, emulator, 5*time.Minute)
	r.says("in the next window")
	advance(t, emulator, 5*time.Minute)
	r.awaitDelivered()
	r.expectObjects(c, "eu-west-1")
	r.expectNoErrors()
}

// Consumers sort objects by their keys.
func withManyFlushes(t *testing.T, bin string) {
	c := startGateway(t, bin)
	c.create("bucket", "chat-logs")
	emulator := program.Start(t, "--s3-endpoint", withKey(c.url, gatewayKey, gatewayEscaped))
	r := newLoggedRoom(t, emulator, toBucket)
	for i := range 20 {
		r.calls("SendEvent", fmt.Sprintf(`"eventName":"%d"`, i)) // more of them than of messages are allowed
		r.flush()
	}
	r.expectDelivered()
	if objects := c.objects("chat-logs"); len(objects) != 20 {
		t.Errorf("there are %d objects", len(objects))
	}
	r.expectObjects(c, "us-east-1")
}

func withAWrongAccessKey(t *testing.T, bin string) {
	c := startGateway(t, bin)
	c.create("bucket", "chat-logs")
	for name, endpoint := range map[string]string{
		"wrong secret": withKey(c.url, gatewayKey, "wrong-secret"),
		"unknown key":  withKey(c.url, "AKIAUNKNOWN", gatewayEscaped),
		"no key":       c.url,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			emulator, log := startWithLog(t, "--s3-endpoint", endpoint)
			r := newLoggedRoom(t, emulator, toBucket)
			r.says("hello")
			r.expectFailed("access denied", deniedErrors)
			if got := counter(t, emulator, notFoundErrors, r.configurations[0]); got != 0 {
				t.Errorf("%d destinations were not found", got)
			}
			for _, said := range []string{log.text(), r.status()[0].LastError.Message} {
				if !strings.Contains(said, "chat-logs") || strings.Contains(said, "wrong-secret") ||
					strings.Contains(said, gatewayEscaped) || strings.Contains(said, gatewaySecret) {
					t.Errorf("the emulator says %s", said)
				}
			}
			if objects := c.objects("chat-logs"); len(objects) != 0 {
				t.Errorf("the bucket has %v", objects)
			}
			r.says("chat goes on")
		})
	}
}

func createdLater(t *testing.T, bin string) {
	c := startMotoCloud(t, bin)
	emulator := program.Start(t,
		"--s3-endpoint", c.url, "--cloudwatch-logs-endpoint", c.url, "--firehose-endpoint", c.url)
	r := newLoggedRoom(t, emulator, toBucket, toGroup, toStream)
	r.talks()
	r.expectFailed("not found", notFoundErrors)
	c.create("bucket", "chat-logs")
	c.create("group", "/chat/logs")
	c.create("bucket", "streamed")
	c.create("stream", "chat-stream", "streamed")
	r.flush()
	r.expectDelivered()
	r.expectObjects(c, "us-east-1")
	r.expectEvents(c)
	r.expectStreamed(c)
}

func awayAndBack(t *testing.T, bin string) {
	c := startGateway(t, bin)
	c.create("bucket", "chat-logs")
	link := relay.Start(t, strings.TrimPrefix(c.url, "http://"))
	emulator := program.Start(t, "--s3-endpoint", withKey("http://"+link.Address, gatewayKey, gatewayEscaped))
	r := newLoggedRoom(t, emulator, toBucket)
	r.says("hello")
	advance(t, emulator, 5*time.Minute)
	r.awaitDelivered()
	link.Cut()
	r.says("is anybody there?")
	advance(t, emulator, 5*time.Minute)
	r.await("failed", func(s logStatus) bool { return s.LastError != nil })
	r.says("nobody is there")
	if s := r.status()[0]; s.LastError == nil || s.LastError.Reason != "other" || s.Spooled != 2 || s.Delivered != 1 {
		t.Errorf("while the server is away, the status is %+v", s)
	}
	advance(t, emulator, 5*time.Minute)
	r.flush() // which has failed when it returns
	link.Restore()
	r.awaitDelivered()
	r.expectObjects(c, "us-east-1")
}

func awayUntilARestart(t *testing.T, bin string) {
	c := startGateway(t, bin)
	c.create("bucket", "chat-logs")
	link := relay.Start(t, strings.TrimPrefix(c.url, "http://"))
	link.Cut()
	flags := []string{"--data", t.TempDir(), "--s3-endpoint", withKey("http://"+link.Address, gatewayKey, gatewayEscaped)}
	var r *loggedRoom
	t.Run("before the restart", func(t *testing.T) {
		r = newLoggedRoom(t, program.Start(t, flags...), toBucket)
		r.talks()
		r.advancesFar(time.Hour)
		r.says("in another window")
	})
	if t.Failed() {
		return
	}
	link.Restore()
	r.t, r.emulator = t, program.Start(t, flags...)
	r.flush()
	r.expectDelivered()
	r.expectObjects(c, "us-east-1")
}

// CloudWatch Logs rejects events whose time is more than two hours ahead.
func threeHoursAhead(t *testing.T, bin string) {
	c := startMotoCloud(t, bin)
	c.create("group", "/chat/logs")
	emulator, log := startWithLog(t, "--cloudwatch-logs-endpoint", c.url)
	r := newLoggedRoom(t, emulator, toGroup)
	r.says("now")
	r.advancesFar(3 * time.Hour)
	r.says("in three hours")
	r.says("still in three hours")
	advance(t, emulator, 10*time.Second)
	r.awaitDelivered()
	var lines []string
	for _, e := range c.events("/chat/logs") {
		lines = append(lines, e.Message)
		if ahead := time.Until(time.UnixMilli(e.Timestamp)); ahead > time.Hour {
			t.Errorf("the timestamp is %s ahead in %s", ahead, e.Message)
		}
	}
	expectLines(t, "the log group", lines, r.records())
	if said := strings.Count(log.text(), "the emulator's clock was moved"); said != 1 {
		t.Errorf("the emulator says %d times why events have another time:\n%s", said, log.text())
	}
}
