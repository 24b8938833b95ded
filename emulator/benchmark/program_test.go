//go:build unix

package benchmark_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// build builds a program, stripped, with more in its environment.
func build(b testing.TB, name string, more ...string) (path string, size int64) {
	b.Helper()
	path = filepath.Join(b.TempDir(), name)
	command := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path, "../../cmd/"+name)
	command.Env = append(os.Environ(), more...)
	if output, err := command.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, output)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return path, info.Size()
}

// BenchmarkProgram runs the program as it is shipped: from the start of its
// process to the answer to its first request, and what it weighs then.
func BenchmarkProgram(b *testing.B) {
	path, size := build(b, "ivschat-local", "CGO_ENABLED=0")
	for _, where := range []string{"in memory", "on disk"} {
		b.Run(strings.ReplaceAll(where, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				const times = 10
				var took time.Duration
				var resident float64
				for range times {
					data := ":memory:"
					if where == "on disk" {
						data = b.TempDir()
					}
					t, kib := startProgram(b, path, data)
					took += t
					resident = max(resident, kib)
				}
				record(b, "Program "+where, emulatorInMemory, "ms to the first answer", lessIsBetter, took.Seconds()*1000/times)
				record(b, "Program "+where, emulatorInMemory, "MiB of memory, idle", lessIsBetter, resident/1024)
			}
		})
	}
	record(b, "Program", emulatorInMemory, "MB stripped", lessIsBetter, float64(size)/1e6)
}

func startProgram(b testing.TB, path, data string) (took time.Duration, residentMemory float64) {
	b.Helper()
	began := time.Now()
	command := exec.Command(path, "--listen", "127.0.0.1:0", "--data", data, "--log-format", "json")
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}()
	var ready struct{ Endpoint string }
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&ready); err != nil {
		b.Fatal(err)
	}
	response, err := http.Get(ready.Endpoint + "/health")
	if err != nil {
		b.Fatal(err)
	}
	took = time.Since(began)
	response.Body.Close()
	return took, residentKiB(b, command.Process.Pid)
}

// TestTheProgramIsSmall prints what the program weighs and how soon it answers,
// and holds it to what does not depend on the machine.
func TestTheProgramIsSmall(t *testing.T) {
	path, size := build(t, "ivschat-local")
	took, kib := startProgram(t, path, ":memory:")
	t.Logf("%.1f MB stripped, %.1f MiB of memory when idle, first answer after %s", float64(size)/1e6, kib/1024, took.Round(time.Millisecond))
	if size > 20_000_000 {
		t.Errorf("it has grown to %d bytes, at most 20 MB", size)
	}
}

// BenchmarkRoom lets ivschat-load fill a room and hold a rate.
func BenchmarkRoom(b *testing.B) {
	path, _ := build(b, "ivschat-load")
	for _, room := range []struct {
		measure  string
		load     string
		duration time.Duration
		kinds    []string
	}{
		{"1000 viewers, 10 messages a second", "--viewers 1000 --rate 10", 15 * time.Second, []string{emulatorInMemory, writePumpPeer}},
		{"5000 viewers, 100 messages a second", "--viewers 5000 --rate 100", 30 * time.Second, []string{emulatorInMemory}},
		{"5000 viewers, 100 events a second", "--viewers 5000 --rate 0 --events 100", 30 * time.Second, []string{emulatorInMemory}},
	} {
		for _, kind := range room.kinds {
			b.Run(strings.ReplaceAll(room.measure+"/"+kind, " ", "_"), func(b *testing.B) {
				for b.Loop() {
					hold(b, path, room.measure, kind, strings.Fields(room.load), span(room.duration))
				}
			})
		}
	}
}

// hold lets a load go on a peer and records what it reports.
func hold(b *testing.B, path, measure, kind string, load []string, duration time.Duration) {
	b.Helper()
	p := startPeer(b, kind)
	output, err := exec.Command(path, append(load, "--endpoint", p.url, "--duration", duration.String(), "--format", "json")...).Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) { // it exits with 1 when something was lost, which is for the table to say
		b.Fatal(err)
	}
	var report struct {
		Messages, Events, Deliveries struct {
			PerSecond float64
			Lost      int64
		}
		LatencyMilliseconds struct{ P50, P99, Max float64 }
	}
	if err := json.Unmarshal(output, &report); err != nil {
		b.Fatalf("%v: %s", err, output)
	}
	record(b, measure, kind, "accepted/s", moreIsBetter, report.Messages.PerSecond+report.Events.PerSecond)
	record(b, measure, kind, "deliveries/s", moreIsBetter, report.Deliveries.PerSecond)
	record(b, measure, kind, "lost", lessIsBetter, float64(report.Deliveries.Lost))
	record(b, measure, kind, "ms p50", lessIsBetter, report.LatencyMilliseconds.P50)
	record(b, measure, kind, "ms p99", lessIsBetter, report.LatencyMilliseconds.P99)
	record(b, measure, kind, "ms maximum", lessIsBetter, report.LatencyMilliseconds.Max)
}
