package journal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// full returns an entry of a kind in which every field has a value.
func full(t testing.TB, kind journal.Kind) (e journal.Entry) {
	t.Helper()
	fill(t, reflect.ValueOf(&e).Elem(), "Entry")
	e.Kind = kind
	return e
}

// fill sets every exported field of a value, whose path tells the values apart.
func fill(t testing.TB, v reflect.Value, path string) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2031, 2, 3, 4, 5, 6, 789, time.UTC)))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), path)
	case v.Kind() == reflect.String:
		v.SetString("text of " + path)
	case v.CanInt():
		v.SetInt(int64(len(path)))
	case v.CanUint():
		v.SetUint(uint64(len(path)))
	case v.Type().ConvertibleTo(reflect.TypeFor[[]byte]()):
		v.Set(reflect.ValueOf([]byte(`{"path":"` + path + `"}`)).Convert(v.Type()))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i), fmt.Sprint(path, i))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				fill(t, v.Field(i), path+"."+field.Name)
			}
		}
	default:
		t.Fatalf("%s has the type %v, which the test does not know", path, v.Type())
	}
}

// asJSON returns entries as the admin API shows them.
func asJSON(t testing.TB, entries ...journal.Entry) string {
	t.Helper()
	text, err := json.MarshalIndent(entries, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnEntryThatIsDecodedHasEveryField(t *testing.T) {
	inUTC := time.Date(1999, 1, 2, 3, 4, 5, 6, time.UTC)
	for name, entry := range map[string]journal.Entry{
		"a full call":       full(t, journal.Call),
		"a full record":     full(t, journal.Record),
		"an unknown kind":   full(t, "unknown"),
		"an empty entry":    {},
		"a negative number": {Kind: journal.Call, Duration: -time.Second, Status: -1},
		"an early time":     {Kind: journal.Call, Time: time.Unix(-1e10, 5).UTC()},
		"another time zone": {Kind: journal.Call, Time: inUTC.In(time.FixedZone("", 3600))},
		"a caller alone":    {Kind: journal.Call, Caller: &journal.CallerEntry{}},
	} {
		data := entry.Encode([]byte("before"))
		decoded, err := journal.Decode(data[len("before"):])
		if string(data[:6]) != "before" || err != nil {
			t.Errorf("%s: %q: %v", name, data, err)
		}
		entry.Time = entry.Time.UTC()
		if got, want := asJSON(t, decoded), asJSON(t, entry); got != want {
			t.Errorf("%s: %s\nis decoded as %s", name, want, got)
		}
	}
}

// Many fields are empty, and frames are most of what there is.
func TestAnEncodedEntryIsLittleLongerThanItsTexts(t *testing.T) {
	entry, texts := typicalEntry()
	if size := len(entry.Encode(nil)); size > texts+40 {
		t.Errorf("%d bytes for %d bytes of texts", size, texts)
	}
}

// typicalEntry returns the entry of a message from a client, and the length of its texts.
func typicalEntry() (e journal.Entry, texts int) {
	const room = "arn:aws:ivschat:us-east-1:123456789012:room/AbCdEfGhIjKl"
	const frame = `{"Action":"SEND_MESSAGE","RequestId":"0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0","Content":"Hello, everyone!"}`
	e = journal.Entry{
		Time: time.Date(2031, 2, 3, 4, 5, 6, 7, time.UTC), Kind: journal.Frame, Direction: journal.In,
		Account: "123456789012", Region: "us-east-1", Room: room, Node: "node-1", UserID: "viewer-1234",
		Frame: []byte(frame),
	}
	return e, len(e.Account+e.Region+e.Node+e.UserID) + len(room) + len(frame)
}

// sharer shares a journal with other ones, as the nodes of a cluster do, but at once.
type sharer struct {
	nodes []*journal.Journal
	fails error
}

func (s *sharer) Post(e journal.Entry) {
	data := e.Encode(nil)
	for _, node := range s.nodes {
		entry, err := journal.Decode(data)
		if err != nil {
			panic(err)
		}
		node.Append(entry)
	}
}

func (s *sharer) Forget(account string) error {
	if s.fails == nil {
		for _, node := range s.nodes {
			node.Remove(account)
		}
	}
	return s.fails
}

func TestAnEntryOfASharedJournalIsOnAllNodesButIsToldToTheListenersOfItsNodeAlone(t *testing.T) {
	shared, told := new(sharer), make([]int, 3)
	for i := range told {
		node := journal.New(journal.MinimumBytes)
		node.Listen(func(journal.Entry) { told[i]++ })
		node.Share(fmt.Sprint("node-", i), shared)
		shared.nodes = append(shared.nodes, node)
	}
	shared.nodes[1].Add(journal.Entry{Kind: journal.Call})
	shared.nodes[2].Add(journal.Entry{Kind: journal.Frame})
	shared.nodes[2].Notify(journal.Entry{Kind: journal.Handshake})
	for i, node := range shared.nodes {
		entries := node.After(0, 0, journal.Filter{})
		if len(entries) != 2 || entries[0].Node != "node-1" || entries[1].Node != "node-2" || told[i] != i {
			t.Errorf("node %d has the entries %v, and its listeners know %d", i, entries, told[i])
		}
	}
	if err := shared.nodes[0].Forget(""); err != nil || shared.nodes[2].Has(journal.Filter{}) {
		t.Errorf("the other nodes have not forgotten their entries: %v", err)
	}
	shared.fails = errors.New("the cluster cannot be reached")
	if err := shared.nodes[0].Forget(""); !errors.Is(err, shared.fails) {
		t.Errorf("the error is %v", err)
	}
}

// filled returns a journal from which entries were dropped and forgotten.
func filled(maximum int) *journal.Journal {
	j := journal.New(maximum)
	for i := range 6000 {
		account := fmt.Sprint(i % 7)
		if i == 300 {
			account = "vanished"
		}
		e := journal.Entry{
			Kind: journal.Call, Account: account, Room: fmt.Sprint("room ", i%3), Text: strings.Repeat("x", i%100),
			Caller: &journal.CallerEntry{AccessKeyID: "key"},
		}
		e, _ = journal.Decode(e.Encode(nil)) // as all nodes do
		j.Append(e)
		switch i {
		case 200:
			j.Remove("")
		case 5000:
			j.Remove("3")
		}
	}
	return j
}

// missed returns how many entries a reader of an account that knows entry 5 has missed.
func missed(j *journal.Journal, account string) (missed uint64) {
	r := j.Read(5, journal.Filter{Account: account})
	for end := false; !end; {
		b := r.Next()
		missed, end = missed+b.Missed, b.End
	}
	return missed
}

func load(t *testing.T, from *journal.Journal, maximum int) *journal.Journal {
	t.Helper()
	to := journal.New(maximum)
	if err := to.Load(from.Save()()); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestAJournalThatIsLoadedIsEqualAndStaysSo(t *testing.T) {
	saved := filled(journal.MinimumBytes)
	loaded := load(t, saved, journal.MinimumBytes)
	for range 2 {
		want, got := saved.After(0, 0, journal.Filter{}), loaded.After(0, 0, journal.Filter{})
		if asJSON(t, got...) != asJSON(t, want...) || loaded.Last() != saved.Last() || len(want) < 1000 {
			t.Errorf("there are %d entries up to %d, want %d up to %d", len(got), loaded.Last(), len(want), saved.Last())
		}
		for _, account := range []string{"", "0", "3", "vanished", "none"} {
			if got, want := missed(loaded, account), missed(saved, account); got != want {
				t.Errorf("a reader of %q misses %d entries, want %d", account, got, want)
			}
		}
		for i := range 1000 {
			e := journal.Entry{Kind: journal.Call, Account: fmt.Sprint(i % 4)}
			saved.Append(e)
			loaded.Append(e)
		}
	}
}

func TestANodeWithASmallerJournalKeepsTheLatestEntriesWithTheSameIDs(t *testing.T) {
	saved := filled(4 * journal.MinimumBytes)
	loaded := load(t, saved, journal.MinimumBytes)
	want, got := saved.After(0, 0, journal.Filter{Account: "2"}), loaded.After(0, 0, journal.Filter{Account: "2"})
	if len(got) < 100 || len(got) > len(want)/2 || asJSON(t, got...) != asJSON(t, want[len(want)-len(got):]...) {
		t.Errorf("it has %d entries of %d", len(got), len(want))
	}
	if loaded.Last() != saved.Last() || missed(loaded, "2") == 0 {
		t.Errorf("the last one is %d, want %d", loaded.Last(), saved.Last())
	}
}

func TestWhatIsSavedIsTheJournalAsItWas(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	j.Append(journal.Entry{Kind: journal.Call, Account: "1"})
	encode := j.Save()
	j.Append(journal.Entry{Kind: journal.Call, Account: "2"})
	j.Remove("1")
	if err := j.Load(encode()); err != nil {
		t.Fatal(err)
	}
	if got := ids(j.After(0, 0, journal.Filter{})); !slices.Equal(got, []uint64{1}) {
		t.Errorf("the entries are %v", got)
	}
	if err := j.Load(nil); err != nil || j.Last() != 0 || j.Has(journal.Filter{}) {
		t.Errorf("without a saved journal, the last entry is %d: %v", j.Last(), err)
	}
}

func TestAJournalThatWasCutOffOrChangedIsNotLoaded(t *testing.T) {
	j := journal.New(journal.MinimumBytes)
	for range 3 {
		j.Append(full(t, journal.Call))
	}
	data := j.Save()()
	for n := range data {
		if j.Load(data[:n]) == nil {
			t.Errorf("%d bytes of %d are a journal", n, len(data))
		}
		changed := slices.Clone(data)
		changed[n] ^= 0xff
		_ = j.Load(changed) // it does not panic
	}
	if j.Load(append(data, 0)) == nil {
		t.Error("there may be something after a journal")
	}
}

func TestWhoWaitsLooksAgainWhenTheJournalIsLoaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j, other journal.Journal
		for range 5 {
			other.Append(journal.Entry{Kind: journal.Call})
		}
		waiting := make(chan []journal.Entry)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		go func() { waiting <- j.Wait(ctx, 3, 2, journal.Filter{Kind: journal.Call}) }()
		reader, read := j.Read(3, journal.Filter{}), make(chan bool)
		go func() {
			reader.Next()
			read <- reader.Wait(ctx, 1)
		}()
		synctest.Wait()
		if err := j.Load(other.Save()()); err != nil {
			t.Fatal(err)
		}
		if got := ids(<-waiting); !slices.Equal(got, []uint64{4, 5}) {
			t.Errorf("who waits gets %v", got)
		}
		if !<-read {
			t.Error("the reader has to wait")
		}
		if batch := reader.Next(); len(batch.Entries) != 2 {
			t.Errorf("the reader gets %d entries", len(batch.Entries))
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, kind := range append(journal.Kinds(), journal.Record, "") {
		e := full(f, kind)
		f.Add(e.Encode(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := journal.Decode(data)
		if err != nil {
			return
		}
		again, err := journal.Decode(e.Encode(nil))
		if err != nil || fmt.Sprint(again.ID, again.Time, again.Room, again.Rule) != fmt.Sprint(e.ID, e.Time, e.Room, e.Rule) {
			t.Errorf("%v is decoded as %v: %v", e, again, err)
		}
		journal.New(journal.MinimumBytes).Append(e)
	})
}

// What an entry costs each node of a cluster: the node where it happened encodes it, and all decode and append it.
func BenchmarkEntry(b *testing.B) {
	e, _ := typicalEntry()
	data := e.Encode(nil)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			data = e.Encode(data[:0])
		}
		b.ReportMetric(float64(len(data)), "bytes")
	})
	b.Run("decode and append", func(b *testing.B) {
		j := journal.New(journal.DefaultBytes)
		b.ReportAllocs()
		for b.Loop() {
			decoded, err := journal.Decode(data)
			if err != nil {
				b.Fatal(err)
			}
			j.Append(decoded)
		}
	})
	b.Run("append", func(b *testing.B) {
		j := journal.New(journal.DefaultBytes)
		b.ReportAllocs()
		for b.Loop() {
			j.Append(e)
		}
	})
}

// What it costs to give a full journal to a node that joins.
func BenchmarkSave(b *testing.B) {
	j := journal.New(journal.DefaultBytes)
	e, _ := typicalEntry()
	for i := range 100_000 {
		e.Account = fmt.Sprint(i % 20)
		j.Append(e)
	}
	b.Run("save", func(b *testing.B) {
		for b.Loop() {
			j.Save()
		}
	})
	data := j.Save()()
	b.Run("encode", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			j.Save()()
		}
	})
	b.Run("load", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if err := journal.New(journal.DefaultBytes).Load(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
