package journal_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// memory returns how many bytes are in use.
func memory() int {
	runtime.GC()
	runtime.GC() // also what pools have kept
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}

func TestAFullJournalTakesNoMoreMemoryThanItMay(t *testing.T) {
	const maximum = 8 << 20
	header := strings.Repeat("x", 1<<16) // of which an entry has a part
	for name, entry := range map[string]func(i int) journal.Entry{
		"short frames": func(i int) journal.Entry {
			return journal.Entry{Kind: journal.Frame, Account: fmt.Sprintf("%012d", i%10), Frame: []byte(`{"a":1}`)}
		},
		"frames in a buffer": func(i int) journal.Entry {
			buffer := make([]byte, 4096)
			return journal.Entry{Kind: journal.Frame, Account: fmt.Sprint(i % 10)}.WithFrame(append(buffer[:0], "{}"...))
		},
		"long frames": func(int) journal.Entry {
			return journal.Entry{}.WithFrame(make([]byte, 60_000))
		},
		"long texts": func(int) journal.Entry {
			return journal.Entry{Kind: journal.Handshake, Reason: strings.Repeat("x", 2000)}
		},
		"parts of a header": func(i int) journal.Entry {
			own := strings.Clone(header)
			return journal.Entry{Kind: journal.Call, Account: fmt.Sprint(i % 10), Region: own[:9], UserID: own[:3]}
		},
		"parts of a text": func(int) journal.Entry {
			return journal.Entry{Kind: journal.Frame, Text: strings.Clone(header)[:9]}
		},
		"long bodies with chat tokens": func(int) journal.Entry {
			body := []byte(`"AQICAH` + strings.Repeat("x", 40) + `"` + strings.Repeat(" ", 5000))
			return journal.Entry{Kind: journal.Call}.WithRequest(body)
		},
		"reviews": func(i int) journal.Entry {
			own := strings.Clone(header)
			return journal.Entry{
				Kind: journal.Review, Account: fmt.Sprint(i % 10),
				Review: &journal.ReviewEntry{URI: own[:80], Verdict: "DENY", DecidedBy: journal.ByFallback},
			}.WithRequest([]byte(`{"Content":"x"}`)).WithResponse(append(make([]byte, 0, 4096), "{}"...))
		},
		"records of chat logs": func(i int) journal.Entry {
			return journal.Entry{Kind: journal.Record, Account: fmt.Sprint(i % 10), Log: &journal.LogEntry{
				LoggingConfiguration: strings.Clone(header[:80]), Destination: strings.Clone(header[:20]),
				Record: append(make([]byte, 0, 4096), "{}"...),
			}}
		},
		"deliveries": func(i int) journal.Entry {
			own := strings.Clone(header)
			return journal.Entry{Kind: journal.Delivery, Account: fmt.Sprint(i % 10), Log: &journal.LogEntry{
				LoggingConfiguration: strings.Clone(header[:80]), Destination: strings.Clone(header[:20]),
				Where: strings.Clone(header[:200]), Failure: journal.LogOther,
			}, Reason: own[:100]}
		},
		"calls with permissions": func(int) journal.Entry {
			return journal.Entry{Kind: journal.Call, Caller: &journal.CallerEntry{Permissions: []journal.PermissionEntry{
				{Action: "ivschat:CreateRoom", Resource: strings.Clone(header[:60])},
				{Action: "ivschat:TagResource", Resource: strings.Clone(header[:60])},
			}}}
		},
		"many accounts": func(i int) journal.Entry {
			return journal.Entry{Kind: journal.Call, Account: fmt.Sprintf("%012d", i)}
		},
	} {
		before := memory()
		j := journal.New(maximum)
		for i := range 20_000 {
			if i == 4000 && strings.HasPrefix(name, "long") || i == 1000 && strings.HasPrefix(name, "parts") {
				break
			}
			j.Add(entry(i))
		}
		if full := memory() - before; full > maximum*11/10 {
			t.Errorf("%s: the journal takes %d bytes, but may take %d", name, full, maximum)
		}
		if kept := len(j.After(0, 0, journal.Filter{})); kept < 100 {
			t.Errorf("%s: the journal has only %d entries", name, kept)
		}
		j.Forget("")
		if left := memory() - before; left > 1<<20 {
			t.Errorf("%s: %d bytes are left when everything is forgotten", name, left)
		}
		runtime.KeepAlive(j)
	}
}

func TestAJournalTakes64MiBUnlessItIsLimitedToLess(t *testing.T) {
	var byDefault journal.Journal
	for _, test := range []struct {
		journal *journal.Journal
		entry   int // its size in bytes, without what every entry takes
		want    int // number of entries
	}{
		{&byDefault, 1 << 20, 63},
		{journal.New(64 << 20), 1 << 20, 63},
		{journal.New(journal.MinimumBytes), 1 << 16, 15},
	} {
		frame := make([]byte, test.entry) // of which the entries have no copy
		for range test.want + 10 {
			test.journal.Add(journal.Entry{Kind: journal.Frame, Frame: frame})
		}
		if kept := len(test.journal.After(0, 0, journal.Filter{})); kept != test.want {
			t.Errorf("the journal has %d entries of %d bytes, want %d", kept, test.entry, test.want)
		}
	}
}

func TestEntriesThatWereDroppedDoNotCountTowardsTheMaximumNumber(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	frame := make([]byte, journal.MinimumBytes/2) // so that there is one at a time
	for range 10_100 {
		j.Add(journal.Entry{Kind: journal.Frame, Frame: frame})
	}
	for range 100 {
		j.Add(journal.Entry{Kind: journal.Call})
	}
	if kept := len(j.After(0, 0, journal.Filter{Kind: journal.Call})); kept != 100 {
		t.Errorf("the journal has %d of the 100 latest entries", kept)
	}
}

func TestAFrameToEveryoneInARoomCountsOnce(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	frame := make([]byte, 1000)
	for range 500 {
		j.Add(journal.Entry{Kind: journal.Frame, Recipients: 10_000, Frame: frame})
	}
	if kept := len(j.After(0, 0, journal.Filter{})); kept != 500 {
		t.Errorf("the journal has %d entries", kept)
	}
}

func TestAnAccountCannotPushOutTheEntriesOfAnotherThatHasFewer(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	for range 10 {
		j.Add(journal.Entry{Kind: journal.Call, Account: "small"})
		j.Add(journal.Entry{Kind: journal.Handshake}) // of no account
	}
	for range 20_000 {
		j.Add(journal.Entry{Kind: journal.Call, Account: "large"})
	}
	small := ids(j.After(0, 0, journal.Filter{Account: "small"}))
	if len(small) != 10 || small[0] != 1 || len(j.After(0, 0, journal.Filter{Kind: journal.Handshake})) != 10 {
		t.Errorf("the account has the entries %v", small)
	}
	large := ids(j.After(0, 0, journal.Filter{Account: "large"}))
	if n := len(large); n < 1000 || n > 2500 || large[n-1] != j.Last() {
		t.Errorf("the other account has %d entries", n)
	}
}

func TestAnEntryThatIsLongerThanTheJournalIsNotKept(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	j.Add(journal.Entry{Kind: journal.Frame, Account: "a", Frame: make([]byte, journal.MinimumBytes)})
	if j.Last() != 1 || j.Has(journal.Filter{}) {
		t.Error("the entry is kept")
	}
	j.Add(journal.Entry{Kind: journal.Frame, Account: "a"})
	if got := j.After(0, 0, journal.Filter{}); len(got) != 1 || got[0].ID != 2 {
		t.Errorf("the journal has %v", got)
	}
}

func TestAShortFrameInALargeBufferCountsAsAShortFrame(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	for range 1000 {
		j.Add(journal.Entry{Kind: journal.Frame}.WithFrame(append(make([]byte, 0, 4096), "{}"...)))
	}
	if kept := len(j.After(0, 0, journal.Filter{})); kept != 1000 {
		t.Errorf("the journal has %d entries", kept)
	}
}

func TestAnEntryThatIsStillReadKeepsNoOtherEntryInMemory(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	before := memory()
	j.Add(journal.Entry{Kind: journal.Frame})
	read := j.Read(0, journal.Filter{}).Next()
	for range 1000 {
		j.Add(journal.Entry{Kind: journal.Frame, Frame: make([]byte, 10_000)})
	}
	if taken := memory() - before; taken > 2*journal.MinimumBytes {
		t.Errorf("%d bytes are in use", taken)
	}
	runtime.KeepAlive(read)
	runtime.KeepAlive(j)
}
