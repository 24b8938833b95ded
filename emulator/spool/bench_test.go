package spool_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

// benchmarkSpool returns a spool with the default maximum.
func benchmarkSpool(b *testing.B, dir string) *spool.Spool {
	s, err := spool.Open(spool.Config{Dir: dir, Bytes: 256 << 20, Lost: func(spool.Batch, int, string) {}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

func BenchmarkAppend(b *testing.B) {
	for _, kind := range []string{"memory", "files"} {
		for _, rooms := range []int{1, 500} {
			b.Run(fmt.Sprintf("%s/%d", kind, rooms), func(b *testing.B) {
				dir := ""
				if kind == "files" {
					dir = b.TempDir()
				}
				s := benchmarkSpool(b, dir)
				batches := make([]spool.Batch, rooms)
				for i := range batches {
					batches[i] = batch("configuration", fmt.Sprint("room", i))
				}
				record := destination.Record{Time: noon, Text: []byte(numbers(0, 1)[0])}
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					s.Append(batches[i%rooms], record)
				}
			})
		}
	}
}

// BenchmarkFull fills a spool in files with records of about 300 bytes, and reports how much memory a record needs.
func BenchmarkFull(b *testing.B) {
	for _, rooms := range []int{1, 500} {
		b.Run(fmt.Sprint(rooms), func(b *testing.B) {
			for range b.N {
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				s := benchmarkSpool(b, b.TempDir())
				record := destination.Record{Time: noon, Text: []byte(numbers(0, 1)[0])}
				records := 0
				for ; s.Bytes() < 250<<20; records++ {
					s.Append(batch("configuration", fmt.Sprint("room", records%rooms)), record)
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				memory := after.HeapAlloc - before.HeapAlloc
				b.ReportMetric(float64(memory)/float64(records), "B/record")
				b.ReportMetric(float64(memory)/(1<<20), "MiB")
				_ = s.Close()
			}
		})
	}
}
