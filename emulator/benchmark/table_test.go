//go:build unix

package benchmark_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var tableFile = flag.String("table", "", "Markdown file whose table is to be replaced by the one of this run")

// span is for how long something is measured.
func span(long time.Duration) time.Duration {
	if testing.Short() {
		return 200 * time.Millisecond
	}
	return long
}

// Which way is better.
const (
	moreIsBetter = false
	lessIsBetter = true
)

// A row is what was measured of one thing, by server.
type row struct {
	measure, unit string
	less          bool // is better
	values        map[string]float64
}

// A table is the rows in the order in which they came about.
type table struct {
	mu   sync.Mutex
	rows []*row
}

var results table

// record keeps a value for the table and reports it, too.
func record(b *testing.B, measure, server, unit string, less bool, value float64) {
	b.Helper()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(value, strings.ReplaceAll(unit, " ", "-"))
	results.mu.Lock()
	defer results.mu.Unlock()
	i := slices.IndexFunc(results.rows, func(r *row) bool { return r.measure == measure && r.unit == unit })
	if i < 0 {
		i = len(results.rows)
		results.rows = append(results.rows, &row{measure, unit, less, map[string]float64{}})
	}
	results.rows[i].values[server] = value
}

// The table stands between these in its file.
const tableBegin, tableEnd = "<!-- table: written by make bench -->\n", "<!-- end of table -->\n"

// write prints the table, if there is any, and puts it into the file, if that
// is wanted.
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
		return errors.New(file + " has no place for a table")
	}
	return os.WriteFile(file, []byte(head+tableBegin+text+tableEnd+tail), 0o644)
}

// String is the table in Markdown. Behind the value of a peer stands how many
// times better the emulator is.
func (t *table) String() string {
	servers := []string{emulatorInMemory, writePumpPeer, bareLoopPeer, constantPeer}
	var text strings.Builder
	fmt.Fprintf(&text, "| | | %s |\n|---|---|%s\n", strings.Join(servers, " | "), strings.Repeat("---:|", len(servers)))
	measure := ""
	for _, r := range t.rows {
		shown := r.measure
		if shown == measure {
			shown = ""
		}
		measure = r.measure
		fmt.Fprintf(&text, "| %s | %s |", shown, r.unit)
		for _, server := range servers {
			fmt.Fprintf(&text, " %s |", r.cell(server))
		}
		text.WriteString("\n")
	}
	return text.String()
}

func (r *row) cell(server string) string {
	value, measured := r.values[server]
	own := r.values[emulatorInMemory]
	switch {
	case !measured:
		return ""
	case server == emulatorInMemory || value == 0 || own == 0:
		return number(value)
	case r.less:
		return fmt.Sprintf("%s (%s×)", number(value), number(value/own))
	default:
		return fmt.Sprintf("%s (%s×)", number(value), number(own/value))
	}
}

// number writes three digits, or all of a large number.
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

func TestATableHasRatios(t *testing.T) {
	for _, c := range []struct {
		row  row
		want string
	}{
		{row{less: false, values: map[string]float64{emulatorInMemory: 1000, writePumpPeer: 100}}, "100 (10.0×)"},
		{row{less: true, values: map[string]float64{emulatorInMemory: 2, writePumpPeer: 9}}, "9.00 (4.50×)"},
		{row{less: true, values: map[string]float64{emulatorInMemory: 0, writePumpPeer: 0}}, "0.00"},
		{row{values: map[string]float64{emulatorInMemory: 1}}, ""},
	} {
		if got := c.row.cell(writePumpPeer); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
