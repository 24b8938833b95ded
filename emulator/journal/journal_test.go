package journal_test

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// ids returns the IDs of the entries.
func ids(entries []journal.Entry) (all []uint64) {
	for _, e := range entries {
		all = append(all, e.ID)
	}
	return all
}

func TestAFullJournalKeepsTheLatestEntries(t *testing.T) {
	var j journal.Journal
	for i := range 10_005 {
		kind := journal.Call
		if i%2 == 1 {
			kind = journal.Frame
		}
		j.Add(journal.Entry{Kind: kind})
	}
	all := ids(j.After(0, 0, journal.Filter{}))
	if len(all) != 10_000 || all[0] != 6 || all[len(all)-1] != 10_005 {
		t.Errorf("the journal has %d entries, the first are %v", len(all), all[:min(3, len(all))])
	}
	latest := ids(j.Latest(2, journal.Filter{Kind: journal.Frame}))
	if want := []uint64{10_002, 10_004}; !slices.Equal(latest, want) {
		t.Errorf("the latest two frames are %v, want %v", latest, want)
	}
	after := ids(j.After(10_000, 2, journal.Filter{}))
	if want := []uint64{10_001, 10_002}; !slices.Equal(after, want) {
		t.Errorf("the two entries after 10,000 are %v, want %v", after, want)
	}
}

func TestWaitReturnsWhenThereAreEnoughEntriesOrTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal.Journal
		done := make(chan []journal.Entry)
		go func() { done <- j.Wait(t.Context(), 0, 2, journal.Filter{Room: "r"}) }()
		for _, room := range []string{"r", "other", "r"} {
			synctest.Wait()
			j.Add(journal.Entry{Kind: journal.Frame, Room: room})
		}
		if got := ids(<-done); !slices.Equal(got, []uint64{1, 3}) {
			t.Errorf("got the entries %v, want 1 and 3", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got := j.Wait(ctx, 0, 3, journal.Filter{Room: "r"}); len(got) != 2 {
			t.Errorf("got %v when the context ended, want the two entries of the room", got)
		}
	})
}

func TestWaitDoesNotCountEntriesThatAreForgottenMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal.Journal
		done := make(chan []journal.Entry)
		go func() { done <- j.Wait(t.Context(), 0, 2, journal.Filter{}) }()
		j.Add(journal.Entry{Kind: journal.Frame})
		synctest.Wait()
		j.Forget("")
		j.Add(journal.Entry{Kind: journal.Frame})
		synctest.Wait()
		j.Add(journal.Entry{Kind: journal.Frame})
		if got := ids(<-done); !slices.Equal(got, []uint64{2, 3}) {
			t.Errorf("got the entries %v, want 2 and 3", got)
		}
	})
}

func TestForgetRemovesTheEntriesOfOneAccountOnly(t *testing.T) {
	var j journal.Journal
	j.Add(journal.Entry{Kind: journal.Call, Account: "a"})
	j.Add(journal.Entry{Kind: journal.Call, Account: "b"})
	j.Forget("a")
	j.Forget("unknown")
	j.Add(journal.Entry{Kind: journal.Call, Account: "a"})
	if got := ids(j.After(0, 0, journal.Filter{})); !slices.Equal(got, []uint64{2, 3}) {
		t.Errorf("the entries %v are left, want 2 and 3", got)
	}
	j.Forget("")
	if got := ids(j.After(0, 0, journal.Filter{})); len(got) > 0 || j.Last() != 3 {
		t.Errorf("the entries %v are left, and the last ID is %d", got, j.Last())
	}
}

func TestAReaderMissesNoEntryWhileManyWrite(t *testing.T) {
	var j journal.Journal
	var group sync.WaitGroup
	const writers, each = 8, 1000
	for range writers {
		group.Go(func() {
			for range each {
				j.Add(journal.Entry{Kind: journal.Frame})
			}
		})
	}
	for next := uint64(1); next <= writers*each; {
		for _, id := range ids(j.Wait(t.Context(), next-1, 1, journal.Filter{})) {
			if id != next {
				t.Fatalf("got entry %d, want %d", id, next)
			}
			next++
		}
	}
	group.Wait()
}

func TestAFilterSelectsEntriesThatHaveAllItsValues(t *testing.T) {
	var j journal.Journal
	j.Add(journal.Entry{Kind: journal.Call, Account: "a"})
	j.Add(journal.Entry{Kind: journal.Frame, Account: "a", Room: "r", Direction: "in"})
	j.Add(journal.Entry{Kind: journal.Frame, Account: "a", Room: "r", Direction: "out"})
	j.Add(journal.Entry{Kind: journal.Frame, Account: "b", Room: "s", Direction: "out"})
	j.Add(journal.Entry{Kind: journal.Call, Operation: "GetRoom", Status: 404})
	for _, test := range []struct {
		filter journal.Filter
		want   []uint64
	}{
		{journal.Filter{}, []uint64{1, 2, 3, 4, 5}},
		{journal.Filter{Kind: journal.Call}, []uint64{1, 5}},
		{journal.Filter{Operation: "GetRoom"}, []uint64{5}},
		{journal.Filter{Operation: "ListRooms"}, nil},
		{journal.Filter{Status: 404}, []uint64{5}},
		{journal.Filter{Status: 1}, nil},
		{journal.Filter{Account: "a"}, []uint64{1, 2, 3}},
		{journal.Filter{Room: "s"}, []uint64{4}},
		{journal.Filter{Direction: "out"}, []uint64{3, 4}},
		{journal.Filter{Kind: journal.Frame, Account: "a", Room: "r", Direction: "in"}, []uint64{2}},
		{journal.Filter{Kind: journal.Call, Room: "r"}, nil},
		{journal.Filter{Kinds: []journal.Kind{journal.Frame}}, []uint64{2, 3, 4}},
		{journal.Filter{Kinds: []journal.Kind{journal.Frame, journal.Call}}, []uint64{1, 2, 3, 4, 5}},
		{journal.Filter{Kinds: []journal.Kind{journal.Frame, journal.Call}, Direction: "in"}, []uint64{1, 2, 5}},
		{journal.Filter{Kinds: []journal.Kind{journal.Frame}, Direction: "out", Account: "a"}, []uint64{3}},
		{journal.Filter{Kinds: []journal.Kind{journal.Call}, Account: "a", Direction: "out"}, []uint64{1}},
	} {
		if got := ids(j.After(0, 0, test.filter)); !slices.Equal(got, test.want) {
			t.Errorf("%+v selects %v, want %v", test.filter, got, test.want)
		}
	}
}

func TestARequestIsSelectedIfItHasAllThatIsWanted(t *testing.T) {
	for _, test := range []struct {
		wanted, request string
		want            bool
	}{
		{`{}`, `{"a":1}`, true},
		{`{}`, `{}`, true},
		{`{}`, `[]`, false},
		{`{}`, `null`, false},
		{`{}`, ``, false},
		{`{}`, `{"a"`, false},
		{`{"a":"x"}`, `{"a":"x","b":2}`, true},
		{`{"a":"x"}`, `{"a":"y"}`, false},
		{`{"a":"x"}`, `{"b":"x"}`, false},
		{`{"a":"x"}`, `{"a":null}`, false},
		{`{"a":""}`, `{"a":5}`, false},
		{`{"a":5}`, `{"a":5.0}`, true},
		{`{"a":5}`, `{"a":6}`, false},
		{`{"a":5}`, `{"a":"5"}`, false},
		{`{"a":true}`, `{"a":true}`, true},
		{`{"a":true}`, `{"a":false}`, false},
		{`{"a":null}`, `{"a":null}`, true},
		{`{"a":null}`, `{"a":0}`, false},
		{`{"a":null}`, `{}`, false},
		{`{"a":[1,{"b":2}]}`, `{"a":[1,{"b":2}]}`, true},
		{`{"a":[1,{"b":2}]}`, `{"a":[1,{"b":2,"c":3}]}`, false},
		{`{"a":{"b":{"c":"x"}}}`, `{"a":{"b":{"c":"x","d":4},"e":5},"f":6}`, true},
		{`{"a":{"b":{"c":"x"}}}`, `{"a":{"b":{"c":"y"}}}`, false},
		{`{"a":{}}`, `{"a":{"b":1}}`, true},
		{`{"a":{}}`, `{"a":"b"}`, false},
		{`{"a":1,"b":2}`, `{"a":1,"b":2}`, true},
		{`{"a":1,"b":2}`, `{"a":1}`, false},
	} {
		filter := journal.Filter{}
		if err := json.Unmarshal([]byte(test.wanted), &filter.Request); err != nil {
			t.Fatal(err)
		}
		var j journal.Journal
		j.Add(journal.Entry{Kind: journal.Frame})
		j.Add(journal.Entry{Kind: journal.Call}.WithRequest([]byte(test.request)))
		j.Add(journal.Entry{Kind: journal.Frame})
		var want []uint64
		if test.want {
			want = []uint64{2}
		}
		for how, got := range map[string][]journal.Entry{"after": j.After(0, 0, filter), "latest": j.Latest(5, filter)} {
			if !slices.Equal(ids(got), want) {
				t.Errorf("%s: %s selects of %s the entries %v", how, test.wanted, test.request, ids(got))
			}
		}
	}
}

func TestTheKindsAndDirectionsHaveTheNamesThatReadersUse(t *testing.T) {
	kinds := []journal.Kind{"call", "frame", "handshake", "connect", "disconnect", "fault", "review", "delivery"}
	if got := journal.Kinds(); !slices.Equal(got, kinds) {
		t.Errorf("the kinds are %q", got)
	}
	if got := journal.Directions(); !slices.Equal(got, []journal.Direction{"in", "out"}) {
		t.Errorf("the directions are %q", got)
	}
}

func TestAnEntryAboutARoomHasItsAccountRegionAndARN(t *testing.T) {
	const text = "arn:aws:ivschat:eu-central-1:123456789012:room/abcdefghijkl"
	arn, err := ivschat.ParseARN(text)
	if err != nil {
		t.Fatal(err)
	}
	want := journal.Entry{Kind: journal.Frame, Account: "123456789012", Region: "eu-central-1", Room: text}
	if got := (journal.Entry{Kind: journal.Frame}).About(arn); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAStoredEntryHasAllItsTexts(t *testing.T) {
	entry := journal.Entry{
		ID: 1, Time: time.Unix(1, 2).UTC(), Kind: journal.Call, Account: "account", Region: "region", Room: "room",
		UserID: "user", Direction: journal.Out, Frame: []byte("{}"), Text: "text", FrameBytes: 2, Recipients: 3,
		Operation: "operation", Status: 4, RequestID: "request ID", Duration: 5, Exception: "exception",
		Request: []byte(`"request"`), RequestBytes: 6, Response: []byte(`"response"`), ResponseBytes: 7,
		Reason: "reason", Rule: 8,
	}
	var j journal.Journal
	j.Add(entry)
	if got := j.After(0, 0, journal.Filter{}); !reflect.DeepEqual(got, []journal.Entry{entry}) {
		t.Errorf("got %+v, want %+v", got, entry)
	}
}

func TestListenersGetEachEntryBeforeItHasAnID(t *testing.T) {
	var j journal.Journal
	var heard [2][]journal.Entry
	for i := range heard {
		j.Listen(func(e journal.Entry) { heard[i] = append(heard[i], e) })
	}
	added := []journal.Entry{{Kind: journal.Call, Operation: "GetRoom"}, {Kind: journal.Frame, Text: "x"}}
	for _, e := range added {
		j.Add(e)
	}
	for i, got := range heard {
		if !reflect.DeepEqual(got, added) {
			t.Errorf("listener %d got %+v, want %+v", i, got, added)
		}
	}
}

func TestChatTokensAreHiddenInBodies(t *testing.T) {
	token := "AQICAH" + strings.Repeat("aZ0_-", 6)
	for body, want := range map[string]string{
		token:                                 "***",
		token + "aZ09_-":                      "***",
		`{"token":"` + token + `","n":1}`:     `{"token":"***","n":1}`,
		"/" + token + "!!#1/" + token + "#9?": "/***/***?",
		token + "#a":                          "***#a",
		token[:35]:                            token[:35], // too short for a token
		"AQICAX" + token[6:]:                  "AQICAX" + token[6:],
		"AQICAH":                              "AQICAH",
	} {
		e := journal.Entry{}.WithRequest([]byte(body)).WithResponse([]byte(body))
		if string(e.Request) != want || string(e.Response) != want || e.RequestBytes != 0 || e.ResponseBytes != 0 {
			t.Errorf("%s: got %+v, want %s", body, e, want)
		}
	}
}

func TestABodyOfMoreThan16KiBIsReplacedByItsSize(t *testing.T) {
	for size, kept := range map[int]bool{0: true, 1: true, 16384: true, 16385: false} {
		body := make([]byte, size)
		e := journal.Entry{}.WithRequest(body).WithResponse(body)
		want := journal.Entry{RequestBytes: size, ResponseBytes: size}
		if kept {
			want = journal.Entry{Request: body, Response: body}
		}
		if !reflect.DeepEqual(e, want) {
			t.Errorf("%d bytes: the entry has %d and %d bytes, and the sizes %d and %d",
				size, len(e.Request), len(e.Response), e.RequestBytes, e.ResponseBytes)
		}
	}
}

func TestABodyIsACopy(t *testing.T) {
	body := []byte("body")
	e := journal.Entry{}.WithRequest(body).WithResponse(body)
	copy(body, "else")
	if string(e.Request) != "body" || string(e.Response) != "body" {
		t.Errorf("the bodies are %s and %s", e.Request, e.Response)
	}
}

func TestAFrameIsKeptUnchangedAsJSONOrAsText(t *testing.T) {
	for frame, isJSON := range map[string]bool{
		`{"a": 1}`: true, `null`: true, `{"a"`: false, "\xff": false, "": false,
	} {
		e := journal.Entry{}.WithFrame([]byte(frame))
		want := journal.Entry{Text: frame}
		if isJSON {
			want = journal.Entry{Frame: json.RawMessage(frame)}
		}
		if !reflect.DeepEqual(e, want) {
			t.Errorf("%q: got %+v, want %+v", frame, e, want)
		}
	}
}

func TestABodyIsKeptUnchangedUntilItIsRead(t *testing.T) {
	for body, want := range map[string]string{
		`{"b": 1, "a": 2}`: `{"b":1,"a":2}`, `"AQICAH"`: `"AQICAH"`, `"text"`: `"text"`, `{"a"`: `"{\"a\""`, "\xff": `"\ufffd"`,
	} {
		e := journal.Entry{}.WithRequest([]byte(body)).WithResponse([]byte(body))
		got, err := json.Marshal([]journal.Body{e.Request, e.Response})
		if err != nil || string(got) != "["+want+","+want+"]" {
			t.Errorf("%s: got %s, %v", body, got, err)
		}
	}
}

func TestAnEntryCanBeDecodedFromItsJSON(t *testing.T) {
	entry := journal.Entry{ID: 1, Kind: journal.Call}.WithRequest([]byte(`{"a":1}`))
	text, err := json.Marshal(entry)
	if err != nil {
		t.Fatal(err)
	}
	var decoded journal.Entry
	if err := json.Unmarshal(text, &decoded); err != nil || !reflect.DeepEqual(decoded, entry) {
		t.Errorf("decoded %+v: %v", decoded, err)
	}
}
