package spool_test

import (
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

// A sender per logging configuration reads and removes what is appended for many rooms. Meanwhile all records of
// another account are removed again and again.
func TestManyGoroutinesUseASpool(t *testing.T) {
	inMemoryAndInFiles(t, func(t *testing.T, dir string) {
		s := open(t, dir, 64<<10) // so that segments are short; they are rewritten once half of it is used
		const configurations, rooms, records = 3, 10, 60
		name := func(configuration, room int) spool.Batch {
			return batch(fmt.Sprint(configuration), fmt.Sprint(configuration, "-", room))
		}
		var appending, others sync.WaitGroup
		stop := make(chan struct{})
		got := make([]map[string]map[string]bool, configurations) // room -> texts that were read
		for configuration := range configurations {
			got[configuration] = map[string]map[string]bool{}
			for room := range rooms {
				got[configuration][name(configuration, room).Room] = map[string]bool{}
				appending.Go(func() {
					for n := range records {
						s.add(later(name(configuration, room), n/20), numbers(n, n+1)...)
					}
				})
			}
			others.Go(func() {
				for isLast := false; ; {
					for _, p := range s.Pending() {
						if p.Configuration != name(configuration, 0).Configuration || p.Place.Owner != owner {
							continue
						}
						found, through, _ := s.Read(p.Batch,
							destination.Limits{Records: 7, Bytes: 1 << 20, RecordBytes: 1 << 20})
						s.Remove(p.Batch, through)
						for _, r := range found {
							got[configuration][p.Room][string(r.Text)] = true
						}
					}
					if isLast {
						return
					}
					select {
					case <-stop:
						isLast = len(s.Pending()) == 0
					default:
					}
				}
			})
		}
		others.Go(func() {
			b := batch("configuration", "of another account")
			b.Place.Owner.AccountID = "222222222222"
			for {
				select {
				case <-stop:
					return
				default:
					s.add(b, "{}")
					s.Read(b, everything)
					s.Remove(b, math.MaxUint64)
					_ = s.Bytes()
				}
			}
		})
		appending.Wait()
		close(stop)
		others.Wait()
		for configuration := range configurations {
			for room := range rooms {
				room := name(configuration, room).Room
				read, lost := len(got[configuration][room]), s.lost[room+": "+spool.Full]
				if read > records || lost > records || read+lost < records { // what was read can be lost before Remove
					t.Errorf("of room %s, %d records were read and %d lost, of %d", room, read, lost, records)
				}
			}
		}
		if bytes := s.Bytes(); bytes != 0 {
			t.Errorf("%d bytes are kept", bytes)
		}
	})
}
