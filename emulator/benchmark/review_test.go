//go:build unix

package benchmark_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/review"
)

// BenchmarkReview measures what reviews cost. Messages are sent in a large room and in a small one at the same
// time. The large room has a message review handler in every second part of the time, and the small one never
// has one.
func BenchmarkReview(b *testing.B) {
	for b.Loop() {
		b.Setenv(handlerVariable, startPeer(b, handlerPeer).url)
		p := startPeer(b, emulatorInMemory)
		large, small := p.newTalk(b, 1000, 100), p.newTalk(b, 50, 95)
		const handler = "arn:aws:lambda:us-east-1:000000000000:function:review"
		new(reviewed).add(b, large, small, handler) // not recorded: buffers grow
		p.cpu(b)                                    // begins a profile
		for range orOnce(5) {
			var without, with reviewed
			for range orOnce(4) {
				without.add(b, large, small, "")
				with.add(b, large, small, handler)
			}
			with.record(b, &without)
		}
	}
}

// allow is a message review handler that allows every message.
func allow(w http.ResponseWriter, r *http.Request) {
	var event review.Event
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(review.Answer{ReviewResult: review.Allow, Content: event.Content})
}

// reviewed is what was measured in a large room, whose messages may be reviewed, and in a small one.
type reviewed struct {
	large, small []time.Duration // latencies of deliveries
	reviews      reviewCounts
}

// add measures for a while, with the URI of a message review handler for the large room, or "".
func (m *reviewed) add(b *testing.B, large, small *talk, uri string) {
	b.Helper()
	p := large.peer
	p.call(b, "UpdateRoom", fmt.Sprintf(`{"identifier":%q,"messageReviewHandler":{"uri":%q}}`, large.room, uri))
	before := p.reviewCounts(b)
	var both sync.WaitGroup
	for _, t := range []*talk{large, small} {
		both.Go(func() { t.send(b, orShort(time.Second)) })
	}
	both.Wait()
	if b.Failed() {
		b.FailNow()
	}
	m.large, m.small = append(m.large, large.take()...), append(m.small, small.take()...)
	now := p.reviewCounts(b)
	m.reviews.all += now.all - before.all
	m.reviews.inTime += now.inTime - before.inTime
	m.reviews.seconds += now.seconds - before.seconds
}

// record records what was measured with reviews, in comparison to what was measured without.
func (m *reviewed) record(b *testing.B, without *reviewed) {
	b.Helper()
	if m.reviews.all == 0 || without.reviews.all != 0 {
		b.Fatalf("%v reviews with a handler, and %v without one", m.reviews.all, without.reviews.all)
	}
	add := func(measure, unit string, lessIsBetter bool, value float64) {
		record(b, measure, emulatorInMemory, unit, lessIsBetter, value)
	}
	add(reviewedRoom, reviewedInTime, moreIsBetter, 100*m.reviews.inTime/m.reviews.all)
	add(reviewedRoom, "ms of a review, mean", lessIsBetter, 1000*m.reviews.seconds/m.reviews.all)
	for _, percent := range []int{50, 99} {
		now, before := percentile(m.large, percent), percentile(without.large, percent)
		unit := fmt.Sprintf("ms p%d", percent)
		add(reviewedRoom, unit, lessIsBetter, now)
		add(reviewedRoom, unit+", no handler", lessIsBetter, before)
		add(reviewedRoom, unit+", difference", lessIsBetter, now-before)
	}
	now, before := percentile(m.small, 99), percentile(without.small, 99)
	add(roomBeside, "ms p99", lessIsBetter, now)
	add(roomBeside, "ms p99, no handler", lessIsBetter, before)
	add(roomBeside, ratioBeside, lessIsBetter, now/before)
}

// Measures and units of reviews.
const (
	reviewedRoom   = "1000 viewers, 100 reviewed messages/s"
	reviewedInTime = "% reviewed in time"
	roomBeside     = "50 viewers of another room meanwhile"
	ratioBeside    = "times the p99 of no handler"
)

// percentile returns a percentile of latencies in milliseconds.
func percentile(latencies []time.Duration, percent int) float64 {
	slices.Sort(latencies)
	return milliseconds(latencies[(len(latencies)-1)*percent/100])
}

// reviewCounts are numbers of the metrics of an emulator.
type reviewCounts struct {
	all, inTime float64 // reviews, and those that a handler decided
	seconds     float64 // that they took
}

// reviewCounts reads the metrics.
func (p *peer) reviewCounts(b *testing.B) (c reviewCounts) {
	b.Helper()
	response, err := http.Get(p.url + "/_ivschat/v1/metrics")
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatal(response.Status, err)
	}
	for line := range strings.Lines(string(text)) {
		name, number, _ := strings.Cut(strings.TrimSpace(line), "} ")
		value, _ := strconv.ParseFloat(number, 64)
		switch {
		case strings.HasPrefix(name, "ivschat_review_duration_seconds_sum{"):
			c.seconds += value
		case strings.HasPrefix(name, "ivschat_review_duration_seconds_count{"):
			c.all += value
			if strings.Contains(name, `"handler"`) {
				c.inTime += value
			}
		}
	}
	return c
}

func TestAPercentileIsInMilliseconds(t *testing.T) {
	var latencies []time.Duration
	for i := range 101 {
		latencies = append(latencies, time.Duration(100-i)*time.Millisecond)
	}
	if p50, p99 := percentile(latencies, 50), percentile(latencies, 99); p50 != 50 || p99 != 99 {
		t.Error(p50, p99)
	}
}

// A talk is a room in which messages are sent at a constant rate. Viewers measure the latency.
type talk struct {
	peer      *peer
	room      string // ARN
	perSecond int
	began     time.Time // the stamps of messages count from here
	viewers   *viewers

	mu        []sync.Mutex // of each viewer; guards its latencies
	latencies [][]time.Duration
}

// newTalk creates a room and fills it.
func (p *peer) newTalk(b *testing.B, viewers, perSecond int) *talk {
	b.Helper()
	t := &talk{
		peer: p, room: p.createRoom(b, `{"maximumMessageRatePerSecond":100}`), perSecond: perSecond, began: time.Now(),
		mu: make([]sync.Mutex, viewers), latencies: make([][]time.Duration, viewers),
	}
	t.viewers = p.connectObserved(b, slices.Repeat([]string{t.room}, viewers), t.receive)
	return t
}

// talkers is how many viewers of a talk also send.
const talkers = 50

// send sends messages for that long, by one talker after the other, and waits until all viewers have received
// them. Each has the time of sending in its RequestId.
func (t *talk) send(b *testing.B, duration time.Duration) {
	between := time.Second / time.Duration(t.perSecond)
	messages, received := int(duration/between), int(t.viewers.counts[0].Load())
	for i := range paced(messages, between) {
		payload := fmt.Appendf(nil, `{"Action":"SEND_MESSAGE","Content":"Hello everyone","RequestId":"%x"}`,
			int64(time.Since(t.began)))
		if _, err := t.viewers.conns[i%talkers].Write(frame(true, text, payload)); err != nil {
			b.Error(err)
			return
		}
	}
	t.viewers.await(b, received+messages)
}

// receive records the latency of a message.
func (t *talk) receive(viewer int, frame []byte) {
	now := time.Since(t.began)
	_, stamp, _ := bytes.Cut(frame, []byte(`"RequestId":"`))
	stamp, _, _ = bytes.Cut(stamp, []byte(`"`))
	sent, err := strconv.ParseInt(string(stamp), 16, 64)
	if err != nil {
		return // what is missing is noticed by await
	}
	t.mu[viewer].Lock()
	defer t.mu[viewer].Unlock()
	t.latencies[viewer] = append(t.latencies[viewer], now-time.Duration(sent))
}

// take returns the latencies of all viewers since the last call.
func (t *talk) take() (all []time.Duration) {
	for i := range t.latencies {
		t.mu[i].Lock()
		all = append(all, t.latencies[i]...)
		t.latencies[i] = t.latencies[i][:0]
		t.mu[i].Unlock()
	}
	return all
}
