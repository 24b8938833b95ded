//go:build unix

package benchmark_test

import (
	"fmt"
	"strings"
	"testing"
)

// A goal is what a value of the emulator should be: at least or at most the limit, or the limit times the
// value of another server.
type goal struct {
	measure, unit string
	limit         float64
	server        string // "" if the limit is the value itself
}

// goals are for reviews, for chat logs, and for values that have been worse. Whether they are reached is said beside
// the results. A goal that is missed is no failure, because the values depend on the machine.
var goals = []goal{
	{"Fan-out to 300, one CPU", "deliveries/s", 0.8, bunPeer},
	{"Fan-out to 1000 over TLS", cpuPerDelivery, 0.1, writePumpPeer},
	{"2000 rooms of 2, 2 messages/s in each", cpuPerDelivery, 0.8, writePumpPeer},
	{"2000 rooms of 2, 2 messages/s in each", cpuPerDelivery, 1.6, bunPeer},
	{"200 rooms of 50, 5 messages/s in each", cpuPerDelivery, 1.1, bunPeer},
	{"10 rooms of 100, 95 messages/s in each", cpuPerDelivery, 1.1, bunPeer},
	{"20 rooms of 100, 20 long messages/s in each", cpuPerDelivery, 1.1, bunPeer},
	{reviewedRoom, reviewedInTime, 99, ""},
	{roomBeside, ratioBeside, 1.1, ""},
	{loggedRoom, ratioUnlogged, 0.9, ""},
	{loggedNowhereRoom, ratioUnlogged, 0.9, ""},
	{shortLived, "µs of CPU/connect", 1, writePumpPeer},
	{"15000 idle connections", "KiB/connection", 3.5, ""},
	{"CreateRoom", "requests/s", 0.6, constantPeer},
	{signedCalls, ratioUnverified, 0.8, ""},
	{"ListTagsForResource", "times the CPU of GetRoom", 1.1, ""},
	{"Restore 50000 rooms", "ms", 1000, ""},
	{"Restore 50000 rooms on disk", "ms", 1000, ""},
	{"ListRooms by name, 50000 rooms", "ms", 1, ""},
	{"ListRooms by review handler, 50000 rooms", "ms", 1, ""},
	{"CreateRoom on disk, 50000 rooms", "times the CPU of no other rooms", 1.2, ""},
}

// String returns the goal in words, with the sign of its comparison.
func (g goal) String() string {
	if g.server == "" {
		return fmt.Sprint(g.limit)
	}
	return fmt.Sprintf("%v × %s", g.limit, g.server)
}

// goalsOf returns the goals of a row. With -short there are none.
func goalsOf(r *row) (found []goal) {
	for _, g := range goals {
		if g.measure == r.measure && g.unit == r.unit && !testing.Short() {
			found = append(found, g)
		}
	}
	return found
}

// state says whether a row reaches a goal.
func (g goal) state(r *row) string {
	own, limit := r.values[emulatorInMemory], g.limit
	if g.server != "" {
		limit *= median(r.values[g.server])
		if len(r.values[g.server]) == 0 {
			return "not known"
		}
	}
	switch {
	case len(own) == 0:
		return "not known"
	case r.lessIsBetter && median(own) <= limit, !r.lessIsBetter && median(own) >= limit:
		return "reached"
	default:
		return "missed"
	}
}

// goalCell returns the goals of a row, for the table.
func (r *row) goalCell() string {
	sign := "≥"
	if r.lessIsBetter {
		sign = "≤"
	}
	var texts []string
	for _, g := range goalsOf(r) {
		texts = append(texts, fmt.Sprintf("%s %s: %s", sign, g, g.state(r)))
	}
	return strings.Join(texts, "; ")
}

// goalSummary says how many goals the rows reach.
func goalSummary(rows []*row) string {
	states := map[string]int{}
	for _, r := range rows {
		for _, g := range goalsOf(r) {
			states[g.state(r)]++
		}
	}
	none := len(goals) - states["reached"] - states["missed"]
	return fmt.Sprintf("Goals: %d reached, %d missed, %d without a result", states["reached"], states["missed"], none)
}

func TestAGoalIsReachedOrMissed(t *testing.T) {
	for _, c := range []struct {
		limit        float64
		server       string
		lessIsBetter bool
		own, peer    float64
		want         string
	}{
		{3.5, "", lessIsBetter, 3.5, 0, "reached"},
		{3.5, "", lessIsBetter, 3.6, 0, "missed"},
		{0.8, bunPeer, moreIsBetter, 80, 100, "reached"},
		{0.8, bunPeer, moreIsBetter, 79, 100, "missed"},
		{1.1, bunPeer, lessIsBetter, 11, 10, "reached"},
		{1.1, bunPeer, lessIsBetter, 12, 10, "missed"},
		{1.1, writePumpPeer, lessIsBetter, 12, 10, "not known"},
	} {
		g := goal{limit: c.limit, server: c.server}
		r := &row{lessIsBetter: c.lessIsBetter, values: map[string][]float64{emulatorInMemory: {c.own}, bunPeer: {c.peer}}}
		if got := g.state(r); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
