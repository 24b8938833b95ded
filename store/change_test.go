package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/internal/bytereader"
)

// A deafLog keeps what a store gives it, and adds no change.
type deafLog struct {
	content []byte // at the start
	change  []byte // the latest one
	load    func(uint64, []byte) error
	apply   func(uint64, []byte) error
	save    func() (uint64, []byte)
}

func (l *deafLog) Follow(
	_ context.Context, load, apply func(uint64, []byte) error, save func() (uint64, []byte),
) error {
	l.load, l.apply, l.save = load, apply, save
	return load(7, l.content)
}

func (l *deafLog) Append(_ uint64, change []byte) (bool, error) {
	l.change = change
	return true, nil
}

func (l *deafLog) Check() error { return nil }

func sharedResources() ivschat.Resources {
	owner := ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"}
	l := ivschat.LoggingConfiguration{
		ARN:        ivschat.ARN{Owner: owner, ResourceType: ivschat.LoggingConfigurationResource, ID: "l"},
		CreateTime: time.Unix(1, 0).UTC(), UpdateTime: time.Unix(2, 0).UTC(), Tags: ivschat.Tags{"k": "v"},
	}
	r := ivschat.Room{
		ARN:        ivschat.ARN{Owner: owner, ResourceType: ivschat.RoomResource, ID: "r"},
		CreateTime: time.Unix(1, 0).UTC(), UpdateTime: time.Unix(2, 0).UTC(), Name: "name",
		LoggingConfigurationIdentifiers: []ivschat.ARN{l.ARN},
	}
	return ivschat.Resources{Rooms: []ivschat.Room{r}, LoggingConfigurations: []ivschat.LoggingConfiguration{l}}
}

// sharedChange returns a change of every kind, and the store that made it, but does not have it.
func sharedChange(t testing.TB) (change []byte, s *Store, log *deafLog) {
	log = &deafLog{}
	s, err := OpenShared(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	r := sharedResources()
	err = s.update(t.Context(), func(d *draft) error {
		if err := d.replace("", r); err != nil {
			return err
		}
		more := r.Rooms[0]
		more.ARN.ID = "more"
		d.index.runs++
		d.log = appendRuns(d.log, d.index.runs)
		return errors.Join(insert(d, rooms, &more, 10), remove(d, rooms, r.Rooms[0].ARN))
	})
	if err != nil {
		t.Fatal(err)
	}
	return log.change, s, log
}

// checkBroken fails the test unless the store was broken by an error that has the text.
func checkBroken(t *testing.T, s *Store, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("the error is %v, want one with %q", err, text)
	}
	_, reading := s.Resources(t.Context(), "")
	_, readingOne := s.Room(t.Context(), ivschat.ARN{})
	writing := s.Replace(t.Context(), "", ivschat.Resources{})
	for _, err := range []error{reading, readingOne, writing, s.Check()} {
		if failed, ok := errors.AsType[*FileError](err); !ok || !strings.Contains(failed.Error(), text) {
			t.Errorf("a broken store returns %v", err)
		}
	}
	if _, content := s.saveShared(); content != nil {
		t.Error("a broken store has content")
	}
}

func TestAStoreWithADamagedChangeIsBrokenUntilItIsLoadedAgain(t *testing.T) {
	t.Parallel()
	change, s, log := sharedChange(t)
	for i := range change {
		damaged := slices.Clone(change)
		damaged[i] ^= 1
		checkBroken(t, s, log.apply(8, damaged), "the change at revision 8: the record of \"change\" ")
	}
	for n := range change {
		checkBroken(t, s, log.apply(8, change[:n]), "the change at revision 8: the record of \"change\" ")
	}
	if err := errors.Join(log.load(9, nil), log.apply(10, change), s.Check()); err != nil {
		t.Fatal(err)
	}
	checkBroken(t, s, log.load(11, change), "the content at revision 11: the record of \"content\" ")
	revision, content := OpenInMemory().saveShared()
	if err := errors.Join(log.load(12, content), s.Check()); err != nil || revision != 0 {
		t.Error(err)
	}
}

func TestAStartWithADamagedContentFails(t *testing.T) {
	t.Parallel()
	_, err := OpenShared(t.Context(), &deafLog{content: []byte("damaged")})
	const want = "read the shared rooms and logging configurations: the content at revision 7: "
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the error is %v", err)
	}
}

func TestTheRefusalOfAChangeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	owner := sharedResources().Rooms[0].ARN.Owner
	of := func(op operation) []byte { return appendOperation(nil, op, rooms, owner) }
	x := &index{}
	d := draft{index: *x, edit: new(edit), shares: true}
	if err := d.replace("", sharedResources()); err != nil {
		t.Fatal(err)
	}
	x = &d.index
	room, _ := find(x, rooms, sharedResources().Rooms[0].ARN)
	otherID := bytereader.AppendText(of(opPut), "other")
	_, record := newResourceRecord(rooms, room)
	otherID = append(appendNumber(otherID, len(record)), record...)
	again := appendResource(of(opPut), rooms, room)
	twice := appendResource(appendResource(appendNumber(appendNumber(of(opAll), 9), 2), rooms, room), rooms, room)
	early := appendResource(appendNumber(appendNumber(of(opAll), 0), 1), rooms, room)
	unknown := bytereader.AppendText(bytereader.AppendText(bytereader.AppendText([]byte{byte(opPut)}, "1"), "x"), "videos")
	double := *room
	double.resource.ARN.ID = "double"
	for want, content := range map[string][]byte{
		"": again,
		"it has an unknown operation 9: it was written by a newer":            {9},
		"it is about unknown resources \"videos\": it was written by a newer": unknown,
		"room/other\" does not match its checksum":                            otherID,
		"room/r has the position of another room":                             appendResource(of(opPut), rooms, &double),
		"room/r: " + ivschat.ErrIDTaken.Error():                               twice,
		"the room list of 123456789012/us-east-1 has the position ":           early,
		"room/absent does not exist":                                          bytereader.AppendText(of(opRemove), "absent"),
		"the record of \"change\" ends too early":                             {byte(opRuns)},
	} {
		_, err := x.apply(keyChange, newRecord(keyChange, content))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
}

func FuzzAChangeIsAppliedOrRefused(f *testing.F) {
	change, _, _ := sharedChange(f)
	f.Add(change[recordHeader:])
	x := &index{}
	f.Fuzz(func(t *testing.T, content []byte) {
		after, err := x.apply(keyChange, newRecord(keyChange, content))
		if err != nil {
			return
		}
		again, err := x.apply(keyContent, after.record())
		if err != nil {
			t.Fatalf("the content of an index was refused: %v", err)
		}
		if len(again.ownersOf("")) != len(after.ownersOf("")) || again.runs != after.runs {
			t.Error("the content of an index made another one")
		}
	})
}
