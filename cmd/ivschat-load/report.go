package main

import (
	"encoding/json"
	"io"
	"math"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// A Report is the result of a load.
type Report struct {
	Endpoint  string `json:"endpoint"`
	Messaging string `json:"messaging"`
	Room      string `json:"room"`

	Connections struct {
		Opened    int            `json:"opened"`
		PerSecond float64        `json:"perSecond"`
		Failed    map[string]int `json:"failed,omitempty"` // by reason
		Ended     map[string]int `json:"ended,omitempty"`  // early, by close code or reason
	} `json:"connections"`

	Messages MessageOutcomes `json:"messages"`
	Events   Outcomes        `json:"events"` // errors are exceptions of SendEvent

	Deliveries struct {
		Count      int64   `json:"count"`
		PerSecond  float64 `json:"perSecond"`
		Lost       int64   `json:"lost"`       // accepted but not received, over all connections
		Disordered int     `json:"disordered"` // connections that received everything, but not in the order of most others
	} `json:"deliveries"`

	// From sending to receiving, over all connections.
	LatencyMilliseconds struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
		Max float64 `json:"max"`
	} `json:"latencyMilliseconds"`

	Seconds float64 `json:"seconds"` // from the first message to the last delivery
}

// Outcomes counts messages or events.
type Outcomes struct {
	Sent      int64          `json:"sent"` // without retries
	Accepted  int64          `json:"accepted"`
	PerSecond float64        `json:"perSecond"` // accepted
	Errors    map[string]int `json:"errors,omitempty"`
}

// MessageOutcomes counts messages. Errors are ERROR frames by their code, retries
// included. A message that was refused with 429 is sent again; the share of
// messages that the room accepted at the first attempt is, without other errors,
// 1 - ThrottledAtFirstAttempt/Sent. A message that was denied in its review is not
// sent again, and nobody should receive it.
type MessageOutcomes struct {
	Outcomes
	ThrottledAtFirstAttempt int64 `json:"throttledAtFirstAttempt"` // refused with 429
	Denied                  int64 `json:"denied"`                  // refused with 406
}

// report makes the report. All readers must have ended.
func (l *load) report(connecting, sending time.Duration) *Report {
	r := &Report{
		Endpoint:  l.options.Endpoint,
		Messaging: l.options.Messaging,
		Room:      l.service.room,
		Seconds:   rounded(sending.Seconds()),
		Messages:  MessageOutcomes{l.messages.report(sending), l.throttled.Load(), l.denied.Load()},
		Events:    l.events.report(sending),
	}
	r.Connections.Opened = len(l.clients)
	r.Connections.PerSecond = rounded(float64(len(l.clients)) / connecting.Seconds())
	r.Connections.Failed, r.Connections.Ended = l.failures.snapshot(), l.ends.snapshot()
	r.Deliveries.Count = l.deliveries()
	r.Deliveries.PerSecond = rounded(float64(r.Deliveries.Count) / sending.Seconds())
	r.Deliveries.Lost, r.Deliveries.Disordered = l.missing()
	latencies := l.latencies.merged()
	r.LatencyMilliseconds.P50 = float64(latencies.ValueAtQuantile(50)) / 1000
	r.LatencyMilliseconds.P99 = float64(latencies.ValueAtQuantile(99)) / 1000
	r.LatencyMilliseconds.Max = float64(latencies.Max()) / 1000
	return r
}

func (o *outcomes) report(took time.Duration) Outcomes {
	accepted := o.accepted.Load()
	return Outcomes{
		Sent:      o.total(),
		Accepted:  accepted,
		PerSecond: rounded(float64(accepted) / took.Seconds()),
		Errors:    o.errors.snapshot(),
	}
}

// missing returns how many deliveries are missing, and how many clients received
// everything but in another order than most. A client whose connection ended early
// may have received more than is known to be accepted, but not all of it, so its
// order is not compared.
func (l *load) missing() (lost int64, disordered int) {
	accepted := l.accepted()
	orders, complete, most := map[uint64]int{}, 0, 0
	for _, c := range l.clients {
		if received := c.received.Load(); received < accepted {
			lost += accepted - received
			continue
		}
		if c.ended.Load() {
			continue
		}
		complete++
		orders[c.orderHash]++
		most = max(most, orders[c.orderHash])
	}
	return lost, complete - most
}

func rounded(x float64) float64 { return math.Round(x*10) / 10 }

// remark returns the text for the progress line.
func (l *load) remark(elapsed time.Duration) string {
	perSecond := int64(float64(l.deliveries()) / elapsed.Seconds())
	p99 := float64(l.latencies.merged().ValueAtQuantile(99)) / 1000
	return message.NewPrinter(language.English).Sprintf("%d deliveries/s, p99 %.1f ms", perSecond, p99)
}

// ok reports whether no connection failed and nothing was refused permanently,
// lost or out of order. A message may be denied in its review, but not every one:
// then nothing was delivered, as when no handler can be reached.
func (r *Report) ok() bool {
	m := r.Messages
	return len(r.Connections.Failed) == 0 && len(r.Connections.Ended) == 0 &&
		m.Accepted+m.Denied == m.Sent && (m.Denied == 0 || m.Accepted > 0) && r.Events.Accepted == r.Events.Sent &&
		r.Deliveries.Lost == 0 && r.Deliveries.Disordered == 0
}

func (r *Report) write(out io.Writer, format string) error {
	if format == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	_, err := io.WriteString(out, r.text())
	return err
}

func (r *Report) text() string {
	p := message.NewPrinter(language.English)
	var text strings.Builder
	p.Fprintf(&text, "%s\n", r.Room)
	p.Fprintf(&text, "  Connections  %d opened, %.0f per second%s%s\n", r.Connections.Opened, r.Connections.PerSecond,
		section("failed: ", r.Connections.Failed), section("ended early: ", r.Connections.Ended))
	refused := ""
	if r.Messages.ThrottledAtFirstAttempt > 0 {
		refused = p.Sprintf("; %d refused with 429 at the first attempt", r.Messages.ThrottledAtFirstAttempt)
	}
	if r.Messages.Denied > 0 {
		refused += p.Sprintf("; %d denied in the review", r.Messages.Denied)
	}
	p.Fprintf(&text, "  Messages     %s%s%s\n", r.Messages.text(p), refused, section("errors: ", r.Messages.Errors))
	if r.Events.Sent > 0 {
		p.Fprintf(&text, "  Events       %s%s\n", r.Events.text(p), section("errors: ", r.Events.Errors))
	}
	p.Fprintf(&text, "  Deliveries   %d, %.0f per second, %d lost, %s\n",
		r.Deliveries.Count, r.Deliveries.PerSecond, r.Deliveries.Lost, r.order(p))
	p.Fprintf(&text, "  Latency      p50 %.1f ms, p99 %.1f ms, maximum %.1f ms\n",
		r.LatencyMilliseconds.P50, r.LatencyMilliseconds.P99, r.LatencyMilliseconds.Max)
	return text.String()
}

func (o Outcomes) text(p *message.Printer) string {
	return p.Sprintf("%d sent, %d accepted, %.1f per second", o.Sent, o.Accepted, o.PerSecond)
}

func (r *Report) order(p *message.Printer) string {
	if r.Deliveries.Disordered == 0 {
		return "in the same order on every connection"
	}
	return p.Sprintf("in a different order on %d connections", r.Deliveries.Disordered)
}

// section returns a list of counts with a title, or "" if there are none.
func section(title string, counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	return "; " + title + list(counts)
}
