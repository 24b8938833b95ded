package spool_test

import (
	"bufio"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/spool"
)

// childDir is set in a process that appends until it is killed.
const childDir = "IVSCHAT_TEST_SPOOL_DIR"

const (
	killRounds   = 20
	childRooms   = 3
	childMaximum = 512 << 10 // segments of 64 KiB
)

func childBatch(room int) spool.Batch { return batch("configuration", fmt.Sprint("room", room)) }

// appendUntilKilled appends records, and reads and removes some. It prints what was done, and what it is about to do.
func appendUntilKilled(dir string) {
	lost := func(b spool.Batch, records int, reason string) { fmt.Println("lost", 0, records) }
	s, err := spool.Open(spool.Config{Dir: dir, Bytes: childMaximum, Lost: lost, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println("lost", 0, 0)
		return
	}
	next, removed := map[int]int{}, map[int]int{}
	for {
		room := rand.IntN(childRooms)
		for range 1 + rand.IntN(40) {
			text := numbers(next[room], next[room]+1)[0]
			s.Append(childBatch(room), destination.Record{Text: []byte(text), Time: noon})
			next[room]++
			fmt.Println("appended", room, next[room])
		}
		limits := everything
		limits.Records = 1 + rand.IntN(120)
		room = rand.IntN(childRooms)
		records, through, _ := s.Read(childBatch(room), limits)
		fmt.Println("removing", room, removed[room]+len(records))
		s.Remove(childBatch(room), through)
		removed[room] += len(records)
		fmt.Println("removed", room, removed[room])
	}
}

func TestWhatWasAppendedSurvivesAKill(t *testing.T) {
	for round := range killRounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), childDir+"="+dir)
			output, err := child.StdoutPipe()
			if err == nil {
				err = child.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			said := map[string]map[int]int{"appended": {}, "removing": {}, "removed": {}}
			lines, killAt := 0, 100+rand.IntN(3000)
			for scanner := bufio.NewScanner(output); scanner.Scan(); lines++ {
				var what string
				var room, number int
				if n, err := fmt.Sscan(scanner.Text(), &what, &room, &number); n != 3 || said[what] == nil {
					t.Errorf("the process says %q: %v", scanner.Text(), err)
				}
				if said[what] != nil {
					said[what][room] = number
				}
				if lines == killAt {
					_ = child.Process.Kill()
				}
			}
			if err := child.Wait(); lines < killAt {
				t.Fatalf("the process ended before it was killed: %v", err)
			}
			s := open(t, dir, childMaximum)
			for room := range childRooms {
				s.expectSurvived(room, said["removed"][room], said["removing"][room], said["appended"][room])
			}
			s.expectLost(map[string]int{})
		})
	}
}

// expectSurvived fails the test if records are missing that were appended and not removed, or if records are there
// that were removed. Both may have happened to what was being done during the kill.
func (s *spoolTest) expectSurvived(room, removed, removing, appended int) {
	s.t.Helper()
	records, _, _ := s.Read(childBatch(room), everything)
	var got []string
	for _, r := range records {
		got = append(got, string(r.Text))
	}
	from := 0 // the records of a removal can be in several segments, and each gets an acknowledgement
	if len(got) > 0 {
		_, _ = fmt.Sscanf(got[0], `{"number":%d`, &from)
	} else {
		from = removing
	}
	isWhole := slices.Equal(got, numbers(from, appended)) || slices.Equal(got, numbers(from, appended+1))
	if from < removed || from > removing || !isWhole {
		s.t.Errorf("room %d has %s, and %d to %d of %d were removed", room, summary(got), removed, removing, appended)
	}
}
