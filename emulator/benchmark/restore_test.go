//go:build unix

package benchmark_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
)

// BenchmarkRestore measures how long a snapshot takes to be restored, and how much memory the server
// needs at most. The CPU time for each room should be the same for every number of rooms.
func BenchmarkRestore(b *testing.B) {
	for _, kind := range []string{emulatorInMemory, emulatorOnDisk} {
		for _, rooms := range []int{10_000, 20_000, 50_000} {
			measure := fmt.Sprintf("Restore %d rooms", rooms)
			if kind == emulatorOnDisk {
				measure += " on disk"
			}
			b.Run(strings.ReplaceAll(measure, " ", "_"), func(b *testing.B) {
				for b.Loop() {
					for range orOnce(3) {
						p := startPeer(b, kind)
						used := p.cpu(b)
						took := p.restore(b, snapshotOf(rooms), http.StatusNoContent)
						used = p.cpu(b) - used
						mostMemory := memory(b, p.process.Process, peakLine) / 1024
						record(b, measure, emulatorInMemory, "ms", lessIsBetter, milliseconds(took))
						record(b, measure, emulatorInMemory, "µs of CPU/room", lessIsBetter, microseconds(used)/float64(rooms))
						record(b, measure, emulatorInMemory, "MiB of memory at most", lessIsBetter, mostMemory)
					}
				}
			})
		}
	}
}

// BenchmarkRefusedSnapshot measures what snapshots cost that are refused.
func BenchmarkRefusedSnapshot(b *testing.B) {
	const size = 60_000_000
	for _, refused := range []struct{ measure, document string }{
		{"60 MB of rooms, cut off", snapshotOf(size / 300)[:size]},
		{"60 MB of nested arrays, cut off", `{"rooms":[{"tags":[` + strings.Repeat("[[],[]],", size/8)},
		{"60 MB of very small rooms", `{"version":1,"loggingConfigurations":[],"rooms":[` + smallRooms(size)},
	} {
		b.Run(strings.ReplaceAll(refused.measure, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				p := startPeer(b, emulatorInMemory)
				used := p.cpu(b)
				p.restore(b, refused.document, http.StatusBadRequest)
				used = p.cpu(b) - used
				record(b, refused.measure, emulatorInMemory, "ms of CPU", lessIsBetter, milliseconds(used))
				mostMemory := memory(b, p.process.Process, peakLine) / 1024
				record(b, refused.measure, emulatorInMemory, "MiB of memory at most", lessIsBetter, mostMemory)
			}
		})
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// snapshotOf returns a snapshot with that many rooms, whose IDs are random as those of AWS.
func snapshotOf(rooms int) string {
	random := rand.New(rand.NewPCG(1, 2))
	items := make([]string, rooms)
	for i := range items {
		items[i] = fmt.Sprintf(`{
      "id": "%012x",
      "account": "123456789012",
      "region": "us-east-1",
      "name": "room-%d",
      "createTime": "2026-01-31T12:00:00Z",
      "updateTime": "2026-01-31T12:00:00Z",
      "tags": {"team": "chat", "number": "%d"},
      "maximumMessageLength": 500,
      "maximumMessageRatePerSecond": 10
    }`, random.Uint64()>>16, i, i)
	}
	return `{"version": 1, "loggingConfigurations": [], "rooms": [` + strings.Join(items, ", ") + `]}`
}

// smallRooms returns rooms with a name and nothing else, of that many bytes.
func smallRooms(size int) string {
	var text strings.Builder
	for i := 0; text.Len() < size; i++ {
		fmt.Fprintf(&text, `{"name":"%d"},`, i)
	}
	return text.String() + `{"name":"last"}]}`
}

// restore restores a snapshot and returns how long that took.
func (p *peer) restore(b testing.TB, document string, status int) time.Duration {
	b.Helper()
	began := time.Now()
	url := p.url + "/_ivschat/v1/snapshot"
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPut, url, strings.NewReader(document))
	if err != nil {
		b.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != status {
		b.Fatal(response.Status)
	}
	return time.Since(began)
}
