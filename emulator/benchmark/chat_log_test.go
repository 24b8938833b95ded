//go:build unix

package benchmark_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// loggedViewers is the number of viewers of the room whose chat logs are measured.
const loggedViewers = 1000

// Measures and units of chat logs.
const (
	loggedRoom        = "Fan-out to 1000, three chat logs"
	loggedNowhereRoom = "Fan-out to 1000, three chat logs that cannot be delivered"
	fullSpool         = "Full spool of chat logs"
	ratioUnlogged     = "times the deliveries/s of no chat logs"
)

// BenchmarkChatLogs measures what chat logs cost: events are sent to a large room without logging configurations, to
// one with three whose destinations are files, and to one with three whose destinations do not answer. Each is in a
// server of its own, with a data directory. Windows end every second, so that records are also delivered meanwhile.
func BenchmarkChatLogs(b *testing.B) {
	for b.Loop() {
		unlogged, logged, nowhere := startPeer(b, emulatorOnDisk), startPeer(b, emulatorOnDisk), startSilentlyLogged(b)
		logged.logChat(b)
		peers := []*peer{unlogged, logged, nowhere}
		crowds := make([]*viewers, len(peers))
		for i, p := range peers {
			p.scaleClock(b, 10)
			crowds[i] = p.connect(b, loggedViewers)
		}
		for round := range orOnce(9) {
			perSecond, cpu := make([]float64, len(peers)), make([]float64, len(peers))
			for i := range peers {
				i = (i + round) % len(peers)
				perSecond[i], cpu[i] = peers[i].saturate(b, crowds[i], orShort(2*time.Second))
				if peers[i] == logged { // so that deliveries do not slow down the others
					logged.call(b, "_ivschat/v1/chat-logs/flush", "")
				}
			}
			for i, measure := range []string{"", loggedRoom, loggedNowhereRoom} {
				if i > 0 {
					record(b, measure, emulatorInMemory, "deliveries/s", moreIsBetter, perSecond[i])
					record(b, measure, emulatorInMemory, "deliveries/s, no chat logs", moreIsBetter, perSecond[0])
					record(b, measure, emulatorInMemory, ratioUnlogged, moreIsBetter, perSecond[i]/perSecond[0])
					record(b, measure, emulatorInMemory, cpuPerDelivery, lessIsBetter, cpu[i])
					record(b, measure, emulatorInMemory, cpuPerDelivery+", no chat logs", lessIsBetter, cpu[0])
				}
			}
		}
		for _, p := range peers[1:] {
			if counts := p.chatLogCounts(b); counts.all() == 0 || (p == logged) != (counts.Delivered > 0) {
				b.Errorf("the chat logs have %+v", counts)
			}
		}
	}
}

// startSilentlyLogged starts an emulator whose first room has three chat logs with destinations that accept
// connections and never answer.
func startSilentlyLogged(b *testing.B) *peer {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	b.Setenv(awsVariable, "http://"+listener.Addr().String())
	defer b.Setenv(awsVariable, "")
	p := startPeer(b, emulatorOnDisk)
	p.logChat(b)
	return p
}

// logChat adds three logging configurations to the first room of a peer, one for each kind of destination.
func (p *peer) logChat(b *testing.B) {
	b.Helper()
	var arns []string
	for _, destination := range []string{
		`"s3":{"bucketName":"chat"}`, `"cloudWatchLogs":{"logGroupName":"chat"}`,
		`"firehose":{"deliveryStreamName":"chat"}`,
	} {
		var created struct{ ARN string }
		answer := p.call(b, "CreateLoggingConfiguration", `{"destinationConfiguration":{`+destination+`}}`)
		if err := json.Unmarshal(answer, &created); err != nil {
			b.Fatal(err)
		}
		arns = append(arns, `"`+created.ARN+`"`)
	}
	p.call(b, "UpdateRoom", fmt.Sprintf(
		`{"identifier":%q,"loggingConfigurationIdentifiers":[%s]}`, p.room, strings.Join(arns, ",")))
}

// scaleClock makes the clock of a peer run faster.
func (p *peer) scaleClock(b *testing.B, scale int) {
	b.Helper()
	p.call(b, "_ivschat/v1/clock", fmt.Sprintf(`{"scale":%d}`, scale))
}

// chatLogCounts are numbers of records.
type chatLogCounts struct{ Spooled, Delivered, Dropped int }

func (c chatLogCounts) all() int { return c.Spooled + c.Delivered + c.Dropped }

// chatLogCounts returns the numbers of all chat logs together.
func (p *peer) chatLogCounts(b *testing.B) (sum chatLogCounts) {
	b.Helper()
	response, err := http.Get(p.url + "/_ivschat/v1/chat-logs")
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	var logs struct{ Items []chatLogCounts }
	if err := json.NewDecoder(response.Body).Decode(&logs); err != nil {
		b.Fatal(err)
	}
	for _, log := range logs.Items {
		sum.Spooled += log.Spooled
		sum.Delivered += log.Delivered
		sum.Dropped += log.Dropped
	}
	return sum
}

// BenchmarkFullSpool measures how much memory records take that cannot be delivered. Events are sent until the spool
// is full and loses records. By the time at which the first tenth of it is full, the journals are full.
func BenchmarkFullSpool(b *testing.B) {
	for b.Loop() {
		p := startSilentlyLogged(b)
		body := fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"app:benchmark","attributes":{"text":%q}}`,
			p.room, strings.Repeat("x", 500))
		event := post("SendEvent", body)
		fill := func(enough func(chatLogCounts) bool) (mib float64) {
			for !enough(p.chatLogCounts(b)) {
				p.callAgain(b, event, 32, 200*time.Millisecond)
			}
			return p.resident(b) / 1024
		}
		if testing.Short() {
			fill(func(c chatLogCounts) bool { return c.Spooled > 0 })
			continue
		}
		tenth := fill(func(c chatLogCounts) bool { return c.Spooled > 30_000 })
		full := fill(func(c chatLogCounts) bool { return c.Dropped > 0 })
		add := func(unit string, value float64) { record(b, fullSpool, emulatorInMemory, unit, lessIsBetter, value) }
		add("MiB of memory", full)
		add("MiB of memory more than when a tenth was full", full-tenth)
		add("MiB of memory, at most", memory(b, p.process.Process, peakLine)/1024)
	}
}
