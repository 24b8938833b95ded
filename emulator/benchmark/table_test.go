//go:build unix

package benchmark_test

import (
	"flag"
	"fmt"
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

// record adds a value to the table and reports it as a result of the benchmark.
func record(b *testing.B, measure, server, unit string, lessIsBetter bool, value float64) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // leaves it out
	b.ReportMetric(value, strings.ReplaceAll(unit, " ", "-"))
	results.mu.Lock()
	defer results.mu.Unlock()
	i := slices.IndexFunc(results.rows, func(r *row) bool {
		return r.measure == measure && r.unit == unit
	})
	if i < 0 {
		i = len(results.rows)
		results.rows = append(results.rows, &row{measure, unit, lessIsBetter, map[string][]float64{}})
	}
	results.rows[i].values[server] = append(results.rows[i].values[server], value)
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

// String returns the table in Markdown. After the value of a peer it has how many times better the
// emulator's is.
func (t *table) String() string {
	servers := []string{emulatorInMemory, writePumpPeer, bunPeer, bareLoopPeer, constantPeer}
	var text strings.Builder
	fmt.Fprintf(&text, "| | | %s |\n|---|---|%s\n",
		strings.Join(servers, " | "), strings.Repeat("---:|", len(servers)))
	last := ""
	for _, r := range t.rows {
		measure := r.measure
		if measure == last {
			measure = "" // in the first of its rows only
		}
		last = r.measure
		fmt.Fprintf(&text, "| %s | %s |", measure, r.unit)
		for _, server := range servers {
			fmt.Fprintf(&text, " %s |", r.cell(server))
		}
		text.WriteString("\n")
	}
	return text.String()
}

func (r *row) cell(server string) string {
	if len(r.values[server]) == 0 {
		return ""
	}
	value, own := median(r.values[server]), median(r.values[emulatorInMemory])
	text := number(value)
	if len(r.values[server]) > 1 {
		text += fmt.Sprintf(" [%s to %s]", number(slices.Min(r.values[server])), number(slices.Max(r.values[server])))
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
	switch {
	case value >= 100:
		return fmt.Sprintf("%.0f", value)
	case value >= 10:
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
		{"9.00 [8.00 to 11.0] (3.00×)", lessIsBetter, map[string][]float64{
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
