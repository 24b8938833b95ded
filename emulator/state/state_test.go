package state_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/clock"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/random"
	"github.com/ivschat-local/ivschat-local/emulator/state"
)

const account, other = "123456789012", "210987654321"

// A fakeStore keeps resources in memory. Every method fails with err if that is set.
type fakeStore struct {
	ivschat.Resources
	accounts []string // of the calls
	err      error
}

// A storeOf is a fakeStore as a state.Store.
type storeOf struct{ *fakeStore }

func (s storeOf) Resources(_ context.Context, account string) (ivschat.Resources, error) {
	s.accounts = append(s.accounts, account)
	return s.fakeStore.Resources, s.err
}

func (s storeOf) Owners(context.Context) (map[ivschat.Owner]int, error) { return nil, nil }

func (s storeOf) Replace(_ context.Context, account string, by ivschat.Resources) error {
	s.accounts = append(s.accounts, account)
	if s.err == nil {
		s.fakeStore.Resources = by
	}
	return s.err
}

func (s storeOf) Seed(_ context.Context, seed ivschat.Resources) error {
	if s.err == nil {
		s.fakeStore.Resources, _ = s.fakeStore.Resources.Seed(seed)
	}
	return s.err
}

func (s storeOf) LoggingConfiguration(_ context.Context, arn ivschat.ARN) (ivschat.LoggingConfiguration, error) {
	for _, configuration := range s.LoggingConfigurations {
		if configuration.ARN == arn {
			return configuration, nil
		}
	}
	return ivschat.LoggingConfiguration{}, errors.New("not found")
}

// A fakeLive notes of which accounts it closes the sessions.
type fakeLive struct {
	reset, restored []string
	err             error
}

func (l *fakeLive) Reset(account string) error {
	l.reset = append(l.reset, account)
	return l.err
}

func (l *fakeLive) Restore(account string) error {
	l.restored = append(l.restored, account)
	return l.err
}

// clearing notes of which accounts the scripted answers or the chat logs are cleared.
type clearing struct {
	cleared []string
	err     error
}

func (c *clearing) Clear(account string) error {
	c.cleared = append(c.cleared, account)
	return c.err
}

// A stage is a state with its parts. Two accounts have a fault, an entry of the journal, and a clock that
// is an hour ahead.
type stage struct {
	*state.State
	store   *fakeStore
	live    *fakeLive
	reviews *clearing
	logs    *clearing
	faults  *fault.Set
	journal *journal.Journal
	clock   *clock.Clock
	seed    *state.Seed
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{
		store: new(fakeStore), live: new(fakeLive), reviews: new(clearing), logs: new(clearing), clock: clock.New(),
		seed:    new(state.Seed),
		journal: journal.New(journal.MinimumBytes),
		faults:  fault.New(random.New(1), func(fault.Rule, fault.Point) {}),
	}
	for _, account := range []string{account, other} {
		rule := fault.Rule{Operation: "GetRoom", Account: account, Effect: fault.ReturnStatus{Status: 500}}
		if _, err := s.faults.Add(rule); err != nil {
			t.Fatal(err)
		}
		s.journal.Add(journal.Entry{Kind: journal.Call, Account: account})
		s.clock.Account(account).SetScale(0)
		s.clock.Account(account).Advance(time.Hour)
	}
	s.State = state.New(state.Config{
		Store: storeOf{s.store}, Live: s.live, Faults: s.faults, Reviews: s.reviews, Logs: s.logs, Journal: s.journal,
		Clock: s.clock, Seed: s.seed,
		Owner: ivschat.Owner{AccountID: "000000000000", Region: "eu-west-1"},
	})
	return s
}

// left returns which accounts still have a fault, an entry of the journal, and a clock of their own.
func (s *stage) left() (faults, entries, clocks []string) {
	for _, rule := range s.faults.Rules("") {
		faults = append(faults, rule.Account)
	}
	for _, entry := range s.journal.After(0, 0, journal.Filter{}) {
		entries = append(entries, entry.Account)
	}
	return faults, entries, s.clock.Moved()
}

// seeded adds a document to the seed.
func (s *stage) seeded(t *testing.T, document string) {
	t.Helper()
	if err := s.Seed(t.Context(), []byte(document)); err != nil {
		t.Fatal(err)
	}
}

// names returns the accounts and the names of the rooms and logging configurations.
func names(resources ivschat.Resources) (found []string) {
	for _, room := range resources.Rooms {
		found = append(found, room.ARN.Owner.AccountID+" "+room.Name)
	}
	for _, configuration := range resources.LoggingConfigurations {
		found = append(found, configuration.ARN.Owner.AccountID+" "+configuration.Name)
	}
	return found
}

const (
	seed = `{"rooms": [{"name": "lobby", "account": "123456789012", "loggingConfigurationIdentifiers": ["logs"]},
		{"name": "hall", "account": "210987654321"}], "loggingConfigurations": [{"name": "logs",
		"account": "123456789012", "destinationConfiguration": {"s3": {"bucketName": "chat-logs"}}}]}`
	snapshot = `{"version": 1, "rooms": [{"name": "hall", "id": "RoomNumber01"}, {"name": "lobby", ` +
		`"id": "RoomNumber02", "account": "210987654321"}], "loggingConfigurations": []}`
)

func TestAResetChangesWhatBelongsToItsAccount(t *testing.T) {
	for _, test := range []struct {
		account string
		left    []string
	}{{account, []string{other}}, {"", nil}} {
		for name, reset := range map[string]func(*stage) error{
			"empty": func(s *stage) error { return s.Reset(t.Context(), test.account) },
			"seed":  func(s *stage) error { return s.ResetToSeed(t.Context(), test.account) },
		} {
			s := newStage(t)
			s.seeded(t, seed)
			if err := reset(s); err != nil {
				t.Fatal(err)
			}
			faults, entries, clocks := s.left()
			for what, left := range map[string][]string{"faults": faults, "entries": entries, "clocks": clocks} {
				if !reflect.DeepEqual(left, test.left) {
					t.Errorf("to %s of %q: the %s of %q are left", name, test.account, what, left)
				}
			}
			want := fmt.Sprintf("[%s]", test.account)
			if fmt.Sprint(s.store.accounts) != want || fmt.Sprint(s.live.reset) != want || s.live.restored != nil {
				t.Errorf("to %s of %q: the resources of %q were replaced, and the sessions of %q were closed",
					name, test.account, s.store.accounts, s.live.reset)
			}
			if fmt.Sprint(s.reviews.cleared) != want || fmt.Sprint(s.logs.cleared) != want {
				t.Errorf("to %s of %q: the scripted answers of %q and the chat logs of %q were removed",
					name, test.account, s.reviews.cleared, s.logs.cleared)
			}
			if got := names(s.store.Resources); (got == nil) != (name == "empty") {
				t.Errorf("to %s of %q: the store has %q", name, test.account, got)
			}
		}
	}
}

func TestAResetToTheSeedOfAnAccountHasOnlyItsResources(t *testing.T) {
	for account, want := range map[string][]string{
		account: {account + " lobby", account + " logs"}, other: {other + " hall"}, "000000000000": nil,
		"": {account + " lobby", other + " hall", account + " logs"},
	} {
		s := newStage(t)
		s.seeded(t, seed)
		if err := s.ResetToSeed(t.Context(), account); err != nil {
			t.Fatal(err)
		}
		if got := names(s.store.Resources); !reflect.DeepEqual(got, want) {
			t.Errorf("account %q has %q, want %q", account, got, want)
		}
	}
}

func TestAResetToASeedThatIsNotThereOrNotCompleteIsRefused(t *testing.T) {
	s := newStage(t)
	refused := func(account, want string) {
		t.Helper()
		err := s.ResetToSeed(t.Context(), account)
		if _, ok := errors.AsType[*state.SeedError](err); !ok || err.Error() != want {
			t.Errorf("account %q: the error is %v, want %s", account, err, want)
		}
		if faults, _, _ := s.left(); len(faults) != 2 || s.live.reset != nil {
			t.Errorf("account %q: %d faults are left, and the sessions of %q were closed",
				account, len(faults), s.live.reset)
		}
	}
	const none = "there is no seed: start the emulator with --seed FILE, or seed it in Go"
	refused("", none)
	s.store.err = errors.New("the disk is full")
	if err := s.Seed(t.Context(), []byte(seed)); err != s.store.err {
		t.Errorf("the error is %v", err)
	}
	s.store.err = nil
	if err := s.Seed(t.Context(), []byte(`{"rooms": 1}`)); err == nil {
		t.Error("an invalid seed was added")
	}
	refused("", none)
	configuration := ivschat.LoggingConfiguration{ARN: ivschat.ARN{
		Owner:        ivschat.Owner{AccountID: account, Region: "eu-west-1"},
		ResourceType: ivschat.LoggingConfigurationResource, ID: "LoggingConf1",
	}}
	s.store.LoggingConfigurations = append(s.store.LoggingConfigurations, configuration)
	s.seeded(t, `{"rooms": [{"id": "RoomNumber01", "account": "123456789012",
		"loggingConfigurationIdentifiers": ["LoggingConf1"]}]}`)
	incomplete := "the seed has the room arn:aws:ivschat:eu-west-1:123456789012:room/RoomNumber01, but not its " +
		"logging configuration arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/LoggingConf1: " +
		"add that to the seed"
	refused("", incomplete)
	refused(account, incomplete)
	if err := s.ResetToSeed(t.Context(), other); err != nil {
		t.Errorf("the seed of the other account is complete, but the error is %v", err)
	}
}

func TestASeedThatRefersToWhatDoesNotExistIsRefused(t *testing.T) {
	const document = `{"rooms": [{"id": "RoomNumber01", "loggingConfigurationIdentifiers": ["LoggingConf1"]}]}`
	err := newStage(t).Seed(t.Context(), []byte(document))
	if err == nil || !strings.Contains(err.Error(), "there is no ") {
		t.Errorf("the error is %v", err)
	}
}

func TestWhatTheStoreRefusesChangesNothing(t *testing.T) {
	for name, change := range map[string]func(*stage) error{
		"a reset":             func(s *stage) error { return s.Reset(t.Context(), "") },
		"a reset to the seed": func(s *stage) error { return s.ResetToSeed(t.Context(), "") },
		"a restore":           func(s *stage) error { return s.Restore(t.Context(), "", []byte(snapshot)) },
	} {
		s := newStage(t)
		s.seeded(t, seed)
		s.store.err = errors.New("the disk is full")
		if err := change(s); err != s.store.err {
			t.Errorf("%s: the error is %v", name, err)
		}
		faults, entries, clocks := s.left()
		if len(faults) != 2 || len(entries) != 2 || len(clocks) != 2 || s.live.reset != nil || s.live.restored != nil {
			t.Errorf("%s: left are the faults of %q, the entries of %q, and the clocks of %q; sessions were closed: %q, %q",
				name, faults, entries, clocks, s.live.reset, s.live.restored)
		}
	}
}

func TestAResetOrRestoreFailsIfNotAllSessionsCanBeClosed(t *testing.T) {
	s := newStage(t)
	s.live.err = errors.New("another node cannot be reached")
	if err := s.Reset(t.Context(), account); err != s.live.err {
		t.Errorf("the reset: %v", err)
	}
	if err := s.Restore(t.Context(), account, []byte(snapshot)); err != s.live.err {
		t.Errorf("the restore: %v", err)
	}
}

func TestARestoreReplacesTheResourcesOfItsAccountAndClosesItsSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for account, want := range map[string][]string{
			"":      {"000000000000 hall", other + " lobby"},
			account: {account + " hall"},
			other:   {other + " hall", other + " lobby"},
		} {
			s := newStage(t)
			if err := s.Restore(t.Context(), account, []byte(snapshot)); err != nil {
				t.Fatal(err)
			}
			if got := names(s.store.Resources); !reflect.DeepEqual(got, want) {
				t.Errorf("account %q has %q, want %q", account, got, want)
			}
			first := s.store.Rooms[0]
			if now := s.clock.Account(account).Now(); first.ARN.Owner.Region != "eu-west-1" ||
				!first.CreateTime.Equal(now) {
				t.Errorf("account %q: %s was created at %v, want %v", account, first.ARN, first.CreateTime, now)
			}
			closed := fmt.Sprintf("[%s]", account)
			if fmt.Sprint(s.live.restored) != closed || s.live.reset != nil || fmt.Sprint(s.store.accounts) != closed {
				t.Errorf("account %q: the resources of %q were replaced, and the sessions of %q were closed",
					account, s.store.accounts, s.live.restored)
			}
			if faults, entries, clocks := s.left(); len(faults) != 2 || len(entries) != 2 || len(clocks) != 2 {
				t.Errorf("account %q: left are %q, %q, %q", account, faults, entries, clocks)
			}
		}
	})
}

func TestADocumentThatCannotBeRestoredIsRefusedWithTheReason(t *testing.T) {
	s := newStage(t)
	broken := errors.New("the connection broke")
	for _, test := range []struct {
		document io.Reader
		want     string
		is       error
	}{
		{strings.NewReader(`{"version": 2}`), "line 1: version: must be 1, but is 2", nil},
		{iotest.ErrReader(broken), "the connection broke", broken},
	} {
		err := s.RestoreFrom(t.Context(), "", test.document)
		_, ok := errors.AsType[*state.DocumentError](err)
		if !ok || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("the error is %v, want %s", err, test.want)
		}
	}
	if s.store.accounts != nil || s.live.restored != nil {
		t.Errorf("the resources of %q were replaced, and the sessions of %q were closed",
			s.store.accounts, s.live.restored)
	}
}

func TestASnapshotHasTheResourcesAndTheTimeOfItsAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where it is midnight
		for account, at := range map[string]string{"": "2000-01-01T00:00:00Z", account: "2000-01-01T01:00:00Z"} {
			s := newStage(t)
			s.seeded(t, seed)
			document, err := s.Snapshot(t.Context(), account)
			if err != nil || !strings.Contains(string(document), `"time": "`+at+`"`) ||
				!strings.Contains(string(document), `"lobby"`) || fmt.Sprint(s.store.accounts) != "["+account+"]" {
				t.Errorf("account %q: of %q: %v\n%s", account, s.store.accounts, err, document)
			}
			resources, err := s.Resources(t.Context(), account)
			if err != nil || len(resources.Rooms) != 2 || s.store.accounts[1] != account {
				t.Errorf("account %q: of %q: %v, %v", account, s.store.accounts, resources, err)
			}
		}
	})
}

func TestASnapshotOfAStoreThatCannotBeReadFails(t *testing.T) {
	s := newStage(t)
	s.store.err = errors.New("the disk is broken")
	if document, err := s.Snapshot(t.Context(), ""); err != s.store.err || document != nil {
		t.Errorf("%s: %v", document, err)
	}
	if _, err := s.Resources(t.Context(), ""); err != s.store.err {
		t.Errorf("the error is %v", err)
	}
}

func TestAResetOfAProcessThatHasGrownCollectsGarbage(t *testing.T) {
	s := newStage(t)
	collections := func() uint32 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.NumForcedGC
	}
	reset := func() {
		t.Helper()
		if err := s.Reset(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	reset()
	before := collections()
	grown := make([]byte, 128<<20)
	for i := range grown {
		grown[i] = 1
	}
	runtime.KeepAlive(grown)
	reset()
	if collections() == before {
		t.Error("there was no collection")
	}
}
