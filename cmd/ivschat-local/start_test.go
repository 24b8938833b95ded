package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkStart runs the program as it is shipped: from the start of its
// process to the answer to its first request. It also tells what it weighs.
func BenchmarkStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "ivschat-local")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, output)
	}
	size, err := os.Stat(program)
	if err != nil {
		b.Fatal(err)
	}
	for _, data := range []string{":memory:", "on disk"} {
		b.Run(data, func(b *testing.B) {
			var resident float64
			for b.Loop() {
				if data != ":memory:" {
					data = b.TempDir()
				}
				p, err := launch(".", os.Environ(), program, "--listen", "127.0.0.1:0", "--data", data)
				if err != nil {
					b.Fatal(err)
				}
				response, err := http.Get(p.endpoint + "/health")
				if err != nil {
					b.Fatal(err)
				}
				response.Body.Close()
				resident = residentMiB(p.command.Process.Pid)
				_ = p.command.Process.Kill()
				_ = p.command.Wait()
			}
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/start")
			b.ReportMetric(resident, "MiB-resident")
			b.ReportMetric(float64(size.Size())/1e6, "MB-binary")
		})
	}
}

// residentMiB is what Linux says that a process holds in memory, 0 elsewhere.
func residentMiB(pid int) float64 {
	status, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, _ := strconv.ParseFloat(strings.Fields(rest + " 0")[0], 64)
	return kib / 1024
}
