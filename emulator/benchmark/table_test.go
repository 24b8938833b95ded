//go:build unix

package benchmark_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var tableFile = flag.String("table", "", "Markdown file in which to replace the table")

// orShort returns how long to measure: the duration, or a short one with -short.
func orShort(duration time.Duration) time.Duration {
	if testing.Short() {
		return 200 * time.Millisecond
	}
	return duration
}

// orOnce returns how often to measure: the number, or 1 with -short.
func orOnce(repetitions int) int {
	if testing.Short() {
		return 1
	}
	return repetitions
}

// Whether a smaller value is better.
const (
	moreIsBetter = false
	lessIsBetter = true
)

// A row has the values of one measure, in one unit.
type row struct {
	section       string
	measure, unit string
	lessIsBetter  bool
	values        map[string][]float64 // by server, one for each repetition
}

// A table has the rows of this run, in the order in which they were recorded.
type table struct {
	mu   sync.Mutex // guards rows
	rows []*row
}

var results table

// record adds a value to the table. The emulator's is also reported as a result of the benchmark.
func record(b *testing.B, measure, server, unit string, lessIsBetter bool, value float64) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // leaves it out
	benchmark, _, _ := strings.Cut(b.Name(), "/")
	results.mu.Lock()
	defer results.mu.Unlock()
	i := slices.IndexFunc(results.rows, func(r *row) bool {
		return r.measure == measure && r.unit == unit
	})
	if i < 0 {
		i = len(results.rows)
		results.rows = append(results.rows, &row{sectionOf[benchmark], measure, unit, lessIsBetter, map[string][]float64{}})
	}
	values := append(results.rows[i].values[server], value)
	results.rows[i].values[server] = values
	if server == emulatorInMemory {
		b.ReportMetric(median(values), strings.ReplaceAll(unit, " ", "-"))
	}
}

// The lines before and after the table in its file.
const (
	tableBegin = "<!-- table: written by make bench -->\n"
	tableEnd   = "<!-- end of table -->\n"
)

// write prints the table, if it has rows, and replaces the table in the file, unless that is "".
func (t *table) write(file string) error {
	if len(t.rows) == 0 {
		return nil
	}
	text := t.String()
	fmt.Printf("\n%s\n", text)
	if file == "" {
		return nil
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, rest, hasBegin := strings.Cut(string(old), tableBegin)
	_, tail, hasEnd := strings.Cut(rest, tableEnd)
	if !hasBegin || !hasEnd {
		return fmt.Errorf("%s must have the lines %q and %q around the table", file, tableBegin, tableEnd)
	}
	return os.WriteFile(file, []byte(head+tableBegin+text+tableEnd+tail), 0o644)
}

// The sections of the table, and which benchmarks belong to them.
var (
	sections  = []string{"Deliveries", "Cluster", "Connections", "Control plane", "Many rooms", "Program"}
	sectionOf = map[string]string{
		"BenchmarkFanOut": "Deliveries", "BenchmarkFanOutOnOneCPU": "Deliveries", "BenchmarkRooms": "Deliveries",
		"BenchmarkFanOutOverTLS": "Deliveries",
		"BenchmarkRoom":          "Deliveries", "BenchmarkReview": "Deliveries", "BenchmarkChatLogs": "Deliveries",

		"BenchmarkCluster": "Cluster",

		"BenchmarkConnect": "Connections", "BenchmarkIdle": "Connections",

		"BenchmarkControlPlane": "Control plane", "BenchmarkListTags": "Control plane",
		"BenchmarkWatchers": "Control plane", "BenchmarkSignatures": "Control plane",

		"BenchmarkRestore": "Many rooms", "BenchmarkRefusedSnapshot": "Many rooms", "BenchmarkListRooms": "Many rooms",
		"BenchmarkCreateRoomAmongMany": "Many rooms",

		"BenchmarkProgram": "Program", "BenchmarkAttack": "Program", "BenchmarkFullSpool": "Program",
	}
)

// String returns the table in Markdown, each section with its own columns.
func (t *table) String() string {
	var text strings.Builder
	for _, section := range sections {
		var rows []*row
		for _, r := range t.rows {
			if r.section == section {
				rows = append(rows, r)
			}
		}
		if len(rows) > 0 {
			fmt.Fprintf(&text, "### %s\n\n%s\n", section, sectionText(rows))
		}
	}
	if !testing.Short() {
		text.WriteString(goalSummary(t.rows) + "\n")
	}
	return text.String()
}

// sectionText returns a section. It has the columns for which there are values. After the value of another
// server it has how many times better the emulator's is.
func sectionText(rows []*row) string {
	var columns []string
	for _, server := range []string{emulatorInMemory, writePumpPeer, bunPeer, bareLoopPeer, constantPeer} {
		if slices.ContainsFunc(rows, func(r *row) bool { return r.cell(server) != "" }) {
			columns = append(columns, server)
		}
	}
	withGoals := slices.ContainsFunc(rows, func(r *row) bool { return r.goalCell() != "" })
	var text strings.Builder
	text.WriteString("| | | " + strings.Join(columns, " | ") + " |")
	if withGoals {
		text.WriteString(" goal |")
	}
	text.WriteString("\n|---|---|" + strings.Repeat("---:|", len(columns)))
	if withGoals {
		text.WriteString("---|")
	}
	text.WriteString("\n")
	last := ""
	for _, r := range rows {
		measure := r.measure
		if measure == last {
			measure = "" // in the first of its rows only
		}
		last = r.measure
		fmt.Fprintf(&text, "| %s | %s |", measure, r.unit)
		for _, server := range columns {
			fmt.Fprintf(&text, " %s |", r.cell(server))
		}
		if withGoals {
			fmt.Fprintf(&text, " %s |", r.goalCell())
		}
		text.WriteString("\n")
	}
	return text.String()
}

// cell returns the median of the values of a server, with their range.
func (r *row) cell(server string) string {
	if len(r.values[server]) == 0 {
		return ""
	}
	value, own := median(r.values[server]), median(r.values[emulatorInMemory])
	text := number(value)
	if len(r.values[server]) > 1 {
		text += fmt.Sprintf(" [%s–%s]", number(slices.Min(r.values[server])), number(slices.Max(r.values[server])))
	}
	switch {
	case server == emulatorInMemory || value == 0 || own == 0:
		return text
	case r.lessIsBetter:
		return fmt.Sprintf("%s (%s×)", text, number(value/own))
	default:
		return fmt.Sprintf("%s (%s×)", text, number(own/value))
	}
}

// median returns the median of the values, 0 if there are none.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// number formats a value with three digits, or all digits of a larger number.
func number(value float64) string {
	switch size := math.Abs(value); {
	case size >= 100:
		return fmt.Sprintf("%.0f", value)
	case size >= 10:
		return fmt.Sprintf("%.1f", value)
	default:
		return fmt.Sprintf("%.2f", value)
	}
}

func TestACellHasTheRatioToTheEmulator(t *testing.T) {
	for _, c := range []struct {
		want         string
		lessIsBetter bool
		values       map[string][]float64
	}{
		{"100 (10.0×)", moreIsBetter, map[string][]float64{emulatorInMemory: {1000}, writePumpPeer: {100}}},
		{"9.00 (4.50×)", lessIsBetter, map[string][]float64{emulatorInMemory: {2}, writePumpPeer: {9}}},
		{"9.00 [8.00–11.0] (3.00×)", lessIsBetter, map[string][]float64{
			emulatorInMemory: {1, 3, 5}, writePumpPeer: {8, 11, 9},
		}},
		{"0.00", lessIsBetter, map[string][]float64{emulatorInMemory: {0}, writePumpPeer: {0}}},
		{"", moreIsBetter, map[string][]float64{emulatorInMemory: {1}}},
	} {
		r := row{lessIsBetter: c.lessIsBetter, values: c.values}
		if got := r.cell(writePumpPeer); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
