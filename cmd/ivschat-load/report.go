package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// A Report says how the room bore the load.
type Report struct {
	Endpoint  string `json:"endpoint"`
	Messaging string `json:"messaging"`
	Room      string `json:"room"`

	Connections struct {
		Opened    int            `json:"opened"`
		PerSecond float64        `json:"perSecond"`
		Failed    map[string]int `json:"failed,omitempty"` // by reason
		Ended     map[string]int `json:"ended,omitempty"`  // by close code or reason, before they were to
	} `json:"connections"`

	Messages Said `json:"messages"` // errors are ERROR frames by their code; after a 429 a message is sent again
	Events   Said `json:"events"`   // errors are exceptions of SendEvent

	Deliveries struct {
		Count      int64   `json:"count"`
		PerSecond  float64 `json:"perSecond"`
		Lost       int64   `json:"lost"`       // over all connections, of what was accepted
		Disordered int     `json:"disordered"` // connections that got everything, but in another order than most
	} `json:"deliveries"`

	// From sending to receiving, over all connections.
	LatencyMilliseconds struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
		Max float64 `json:"max"`
	} `json:"latencyMilliseconds"`

	Seconds float64 `json:"seconds"` // from the first message to the last delivery
}

// Said is what became of messages or of events.
type Said struct {
	Sent      int64          `json:"sent"`
	Accepted  int64          `json:"accepted"`
	PerSecond float64        `json:"perSecond"`
	Errors    map[string]int `json:"errors,omitempty"`
}

func (s *said) report(took time.Duration) Said {
	accepted := s.accepted.Load()
	return Said{Sent: s.begun(), Accepted: accepted, PerSecond: rounded(float64(accepted) / took.Seconds()), Errors: s.errors.all()}
}

func (s Said) line(p *message.Printer) string {
	return p.Sprintf("%d sent, %d accepted, %.1f a second%s", s.Sent, s.Accepted, s.PerSecond, also("errors: ", s.Errors))
}

// report is made once all readers have ended.
func (l *load) report(connecting, talking time.Duration) *Report {
	r := &Report{Endpoint: l.options.Endpoint, Messaging: l.options.Messaging, Room: l.service.room, Seconds: rounded(talking.Seconds())}
	r.Connections.Opened = len(l.clients)
	r.Connections.PerSecond = rounded(float64(len(l.clients)) / connecting.Seconds())
	r.Connections.Failed, r.Connections.Ended = l.failures.all(), l.ends.all()
	r.Messages, r.Events = l.messages.report(talking), l.events.report(talking)
	r.Deliveries.Count = l.deliveries()
	r.Deliveries.PerSecond = rounded(float64(r.Deliveries.Count) / talking.Seconds())
	r.Deliveries.Lost, r.Deliveries.Disordered = l.missing()
	latencies := l.latencies.all()
	r.LatencyMilliseconds.P50 = float64(latencies.ValueAtQuantile(50)) / 1000
	r.LatencyMilliseconds.P99 = float64(latencies.ValueAtQuantile(99)) / 1000
	r.LatencyMilliseconds.Max = float64(latencies.Max()) / 1000
	return r
}

// missing tells how many deliveries are missing, and how many clients got
// everything but in another order than most. Whoever was cut off may have got
// more than is known to be accepted, but not all of it.
func (l *load) missing() (lost int64, disordered int) {
	accepted := l.accepted()
	orders, whole, most := map[uint64]int{}, 0, 0
	for _, c := range l.clients {
		if heard := c.heard.Load(); heard < accepted {
			lost += accepted - heard
			continue
		}
		if c.ended.Load() {
			continue
		}
		whole++
		orders[c.order]++
		most = max(most, orders[c.order])
	}
	return lost, whole - most
}

func rounded(x float64) float64 { return math.Round(x*10) / 10 }

// soFar is a remark for the time in between.
func (l *load) soFar(elapsed time.Duration) string {
	latencies := l.latencies.all()
	return message.NewPrinter(language.English).Sprintf("%d deliveries/s, p99 %.1f ms",
		int64(float64(l.deliveries())/elapsed.Seconds()), float64(latencies.ValueAtQuantile(99))/1000)
}

// held reports whether everything came about that was to.
func (r *Report) held() bool {
	return len(r.Connections.Failed) == 0 && len(r.Connections.Ended) == 0 &&
		r.Messages.Accepted == r.Messages.Sent && r.Events.Accepted == r.Events.Sent && r.Deliveries.Lost == 0 && r.Deliveries.Disordered == 0
}

func (r *Report) write(out io.Writer, format string) error {
	if format == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	p := message.NewPrinter(language.English)
	var text strings.Builder
	p.Fprintf(&text, "%s\n", r.Room)
	p.Fprintf(&text, "  Connections  %d opened, %.0f a second%s%s\n", r.Connections.Opened, r.Connections.PerSecond, also("failed: ", r.Connections.Failed), also("ended early: ", r.Connections.Ended))
	p.Fprintf(&text, "  Messages     %s\n", r.Messages.line(p))
	if r.Events.Sent > 0 {
		p.Fprintf(&text, "  Events       %s\n", r.Events.line(p))
	}
	p.Fprintf(&text, "  Deliveries   %d, %.0f a second, %d lost, %s\n", r.Deliveries.Count, r.Deliveries.PerSecond, r.Deliveries.Lost, r.order())
	p.Fprintf(&text, "  Latency      p50 %.1f ms, p99 %.1f ms, maximum %.1f ms\n", r.LatencyMilliseconds.P50, r.LatencyMilliseconds.P99, r.LatencyMilliseconds.Max)
	_, err := io.WriteString(out, text.String())
	return err
}

func (r *Report) order() string {
	if r.Deliveries.Disordered == 0 {
		return "in one order for all"
	}
	return fmt.Sprintf("%d connections got another order", r.Deliveries.Disordered)
}

// also lists what there is, if there is anything.
func also(title string, counts map[string]int) string {
	if len(counts) == 0 {
		return ""
	}
	return "; " + title + list(counts)
}
