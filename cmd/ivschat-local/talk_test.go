package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

// logKinds are the kinds of destinations of each room.
var logKinds = []string{"s3", "cloudWatchLogs", "firehose"}

// collected has how often each record is in the destinations of a kind.
type collected map[string]map[record]int

// A record is a record of a chat log.
type record struct{ where, text string }

func (c collected) add(kind, where, text string) {
	if c[kind] == nil {
		c[kind] = map[record]int{}
	}
	c[kind][record{where, text}]++
}

// addLines adds records that end with a line break each. It reports whether there are only such.
func (c collected) addLines(kind, where string, text []byte) bool {
	rest := string(text)
	for line := range strings.Lines(rest) {
		if !strings.HasSuffix(line, "\n") || !json.Valid([]byte(line)) {
			return false
		}
		c.add(kind, where, strings.TrimSuffix(line, "\n"))
	}
	return rest != ""
}

// spoken is what was said in the rooms. A text begins with the ID of its room.
type spoken struct {
	mu        sync.Mutex        // guards all
	said      map[string]bool   // texts that were sent, whether or not the program has received them
	received  map[string]string // records of the frames that a client has received, by text
	next      int
	untilKill int // frames that clients receive, and requests to the destinations
	kill      func()
}

// text returns another text, for a room.
func (s *spoken) text(room string, length int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	text := fmt.Sprintf("%s-%06d-%s", room[len(room)-12:], s.next, strings.Repeat("é<", length))
	s.said[text[:19]] = true
	return text
}

// textPattern matches the part of a text by which it is known.
var textPattern = regexp.MustCompile(`"([A-Za-z0-9]{12})-[0-9]{6}`)

// textOf returns the text in a frame or in a record, "" if there is none.
func textOf(frame string) string { return strings.TrimPrefix(textPattern.FindString(frame), `"`) }

// receive notes a frame that a client has received.
func (s *spoken) receive(frame chatclient.Frame) {
	if frame.Type == "ERROR" {
		return
	}
	s.count(func() { s.received[textOf(frame.Raw)] = recordOf(frame) })
}

// recordOf returns the record of a frame (User Guide: Chat Logging).
func recordOf(frame chatclient.Frame) string {
	return `{"event_timestamp":"` + frame.SendTime.Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z") +
		`","type":"` + frame.Type + `","payload":` + frame.Raw + `,"version":"1.0"}`
}

// count notes that something has happened, and kills the program if it is time.
func (s *spoken) count(note func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	note()
	if s.untilKill--; s.untilKill == 0 {
		s.kill()
	}
}

// check checks that the destinations have every record of a frame that a client has received, and nothing that was
// never sent. It returns how many records they have more than once.
func (s *spoken) check(t *testing.T, has collected) (duplicates int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	known := maps.Clone(s.received)
	for _, kind := range logKinds {
		found := map[string]int{}
		for r, count := range has[kind] {
			s.checkRecord(t, kind, r, known)
			found[r.text] += count
		}
		for text, want := range s.received {
			if found[want] == 0 {
				t.Errorf("%s does not have the record of %s", kind, text)
			}
		}
		for _, count := range found {
			duplicates += count - 1
		}
	}
	return duplicates
}

// checkRecord checks that a record is of something that was sent in its room. All records of that must be the same:
// known has them by their texts.
func (s *spoken) checkRecord(t *testing.T, kind string, r record, known map[string]string) {
	t.Helper()
	text := textOf(r.text)
	want, isKnown := known[text]
	if !s.said[text] || isKnown && r.text != want {
		t.Errorf("%s has the record %s, want %q", kind, r.text, want)
		return
	}
	known[text] = r.text
	if room, _, _ := strings.Cut(text, "-"); r.where != "" && !strings.Contains(r.where, "room_"+room) {
		t.Errorf("%s has a record of room %s at %s", kind, room, r.where)
	}
}

// forget forgets what was said, so that many rounds take no more memory than a few.
func (s *spoken) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said, s.received = map[string]bool{}, map[string]string{}
}

// A talkRound is one run of the program, in whose rooms clients talk until it is killed.
type talkRound struct {
	*spoken
	t      *testing.T
	p      *process
	rooms  []string      // ARNs
	killed chan struct{} // closed before the kill
}

// talk sends events and messages in a room until the program is killed, and receives everything, with two clients.
func (r *talkRound) talk(room string, random *rand.Rand) error {
	chat := sdkOf(r.p.endpoint, changingAccount, once)
	var clients [2]*chatclient.Client
	for i := range clients {
		reply, err := chat.CreateChatToken(r.t.Context(), &ivschat.CreateChatTokenInput{
			RoomIdentifier: &room, UserId: aws.String(fmt.Sprint("user", i)),
			SessionDurationInMinutes: aws.Int32(180), // of the clock that moves
			Capabilities: []types.ChatTokenCapability{
				types.ChatTokenCapabilitySendMessage, types.ChatTokenCapabilityDeleteMessage,
			},
		})
		if err != nil {
			return err
		}
		clients[i], err = chatclient.Dial(r.t.Context(), r.p.endpoint, *reply.Token, chatclient.Options{})
		if err != nil {
			return err
		}
		defer clients[i].Drop()
	}
	var receivers sync.WaitGroup
	for _, client := range clients {
		receivers.Go(func() {
			for frame, err := client.Receive(r.t.Context()); err == nil; frame, err = client.Receive(r.t.Context()) {
				r.receive(frame)
			}
		})
	}
	defer receivers.Wait() // the end of the program ends them
	for i := 0; ; i++ {
		if err := r.say(chat, clients[0], room, i, random.IntN(100)); err != nil {
			return err
		}
	}
}

// say sends something: events most of the time, because there is no limit for them.
func (r *talkRound) say(
	chat *ivschat.Client, client *chatclient.Client, room string, i, length int,
) (err error) {
	switch i % 5 {
	case 3:
		_, err = client.SendMessage(r.text(room, length), map[string]string{"a": "\u2028<&>"})
	case 4:
		_, err = client.DeleteMessage("absentabsent", r.text(room, length))
	default:
		err = r.sendEvent(chat, room, length)
	}
	return err
}

func (r *talkRound) sendEvent(chat *ivschat.Client, room string, length int) error {
	_, err := chat.SendEvent(r.t.Context(), &ivschat.SendEventInput{
		RoomIdentifier: &room, EventName: aws.String("app:said"),
		Attributes: map[string]string{"text": r.text(room, length)},
	})
	return err
}

// sayInEveryRoom sends an event in each room.
func (r *talkRound) sayInEveryRoom() {
	chat := sdkOf(r.p.endpoint, changingAccount)
	for _, room := range r.rooms {
		if err := r.sendEvent(chat, room, 1); err != nil {
			r.t.Fatal(err)
		}
	}
}

// deliver makes the program deliver again and again: it ends windows, flushes, and does not wait long for either.
func (r *talkRound) deliver() error {
	for {
		for _, request := range [][2]string{{"clock", `{"advance": "10s"}`}, {"chat-logs/flush", ""}} {
			ctx, cancel := context.WithTimeout(r.t.Context(), 200*time.Millisecond)
			err := r.p.admin(ctx, http.MethodPost, request[0], request[1])
			waited := ctx.Err() != nil
			cancel()
			if err != nil && !waited {
				return err
			}
			select {
			case <-r.killed:
				return err
			default:
			}
		}
	}
}

// killDuring lets clients talk until the program is killed.
func (r *talkRound) killDuring(random *rand.Rand) {
	r.killed = make(chan struct{})
	r.count(func() {
		r.untilKill = 2 + random.IntN(400)
		r.kill = func() {
			close(r.killed)
			_ = r.p.command.Process.Kill()
		}
	})
	var all sync.WaitGroup
	work := func(do func() error) {
		all.Go(func() {
			err := do()
			select {
			case <-r.killed:
			default:
				r.t.Errorf("ended before the kill: %v", err)
				r.count(func() { r.untilKill = 1 })
			}
		})
	}
	for _, room := range r.rooms {
		seed := random.Uint64()
		work(func() error { return r.talk(room, rand.New(rand.NewPCG(seed, 0))) })
	}
	work(r.deliver)
	all.Wait()
	_ = r.p.command.Wait()
}

// createLoggedRooms creates rooms with a logging configuration of each kind.
func createLoggedRooms(t *testing.T, endpoint string, count int) (rooms []string) {
	t.Helper()
	chat := sdkOf(endpoint, changingAccount)
	var configurations []string
	for _, destination := range []types.DestinationConfiguration{
		&types.DestinationConfigurationMemberS3{
			Value: types.S3DestinationConfiguration{BucketName: aws.String("logs")}},
		&types.DestinationConfigurationMemberCloudWatchLogs{
			Value: types.CloudWatchLogsDestinationConfiguration{LogGroupName: aws.String("logs")}},
		&types.DestinationConfigurationMemberFirehose{
			Value: types.FirehoseDestinationConfiguration{DeliveryStreamName: aws.String("logs")}},
	} {
		configuration, err := chat.CreateLoggingConfiguration(t.Context(),
			&ivschat.CreateLoggingConfigurationInput{DestinationConfiguration: destination})
		if err != nil {
			t.Fatal(err)
		}
		configurations = append(configurations, *configuration.Arn)
	}
	for range count {
		room, err := chat.CreateRoom(t.Context(),
			&ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: configurations})
		if err != nil {
			t.Fatal(err)
		}
		rooms = append(rooms, *room.Arn)
	}
	return rooms
}

// flushAll makes the program deliver everything, which must work.
func flushAll(t *testing.T, p *process) {
	t.Helper()
	if err := p.admin(t.Context(), http.MethodPost, "chat-logs/flush", ""); err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(p.endpoint + "/_ivschat/v1/chat-logs")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var status struct {
		Items []struct{ Spooled, Dropped int }
	}
	if err := json.NewDecoder(response.Body).Decode(&status); err != nil {
		t.Fatal(err)
	}
	for _, s := range status.Items {
		if s.Spooled != 0 || s.Dropped != 0 {
			t.Errorf("after a flush, %d records are spooled, and %d were dropped: %s", s.Spooled, s.Dropped, p.log())
		}
	}
}
