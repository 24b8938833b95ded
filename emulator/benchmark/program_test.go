//go:build unix

package benchmark_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// build builds a program without debug information, with additional environment variables, and returns
// its path and its size in bytes.
func build(b testing.TB, name string, environment ...string) (path string, size int64) {
	b.Helper()
	path = filepath.Join(b.TempDir(), name)
	command := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path, "../../cmd/"+name)
	command.Env = append(os.Environ(), environment...)
	if output, err := command.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, output)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return path, info.Size()
}

// BenchmarkProgram measures the program as it is released: the time from the start of its process to
// the answer to its first request, its memory then, and its size.
func BenchmarkProgram(b *testing.B) {
	path, size := build(b, "ivschat-local", "CGO_ENABLED=0")
	for _, where := range []string{"in memory", "on disk"} {
		b.Run(strings.ReplaceAll(where, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				const runs = 10
				var total time.Duration
				var resident float64 // KiB
				for range runs {
					data := ":memory:"
					if where == "on disk" {
						data = b.TempDir()
					}
					took, kib := startProgram(b, path, data)
					total += took
					resident = max(resident, kib)
				}
				measure, mean := "Program "+where, total/runs
				record(b, measure, emulatorInMemory, "ms to the first answer", lessIsBetter, mean.Seconds()*1000)
				record(b, measure, emulatorInMemory, "MiB of memory, idle", lessIsBetter, resident/1024)
			}
		})
	}
	record(b, "Program", emulatorInMemory, "MB stripped", lessIsBetter, float64(size)/1e6)
}

// startProgram starts the program, waits for the answer to its first request, and ends it. It returns
// how long that took, and how much memory the program needed then, in KiB.
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
	return took, memory(b, command.Process, residentLine)
}

// TestTheProgramIsSmall checks the size of the program, which does not depend on the machine. It logs
// the rest.
func TestTheProgramIsSmall(t *testing.T) {
	path, size := build(t, "ivschat-local")
	took, kib := startProgram(t, path, ":memory:")
	t.Logf("%.1f MB stripped, %.1f MiB of memory when idle, first answer after %s",
		float64(size)/1e6, kib/1024, took.Round(time.Millisecond))
	if size > 22_000_000 {
		t.Errorf("the program has %d bytes, want at most 22 MB", size)
	}
}
