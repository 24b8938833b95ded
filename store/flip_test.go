package store_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/store"
)

var (
	flips    = flag.Int("flips", 2000, "number of damaged databases to open")
	flipSeed = flag.Uint64("flip-seed", 1, "seed of the damage")
)

// usedTokens is the number of chat tokens that were used in fullDatabase.
const usedTokens = 200

func usedToken(i int) (id string, expires time.Time) {
	return fmt.Sprintf("token%07d", i), start.Add(time.Duration(1+i%7) * time.Minute)
}

// A databaseContent is what a database has.
type databaseContent struct {
	resources ivschat.Resources
	order     string // the IDs of the rooms of owner
}

// check returns an error unless a store has the content of fullDatabase.
func (c databaseContent) check(s *store.Store) error {
	if err := c.checkResources(s); err != nil {
		return err
	}
	for i := range usedTokens {
		id, expires := usedToken(i)
		if used, err := s.TokenUsed(ctx, id, expires); err != nil || !used {
			return fmt.Errorf("%s is no longer used (error: %v)", id, err)
		}
	}
	if run, err := s.NextRun(ctx); err != nil || run != 3 {
		return fmt.Errorf("the number of runs is %d (error: %v)", run, err)
	}
	return nil
}

// checkResources is check for the resources alone.
func (c databaseContent) checkResources(s *store.Store) error {
	got, err := s.Resources(ctx, "")
	if err != nil || !reflect.DeepEqual(got, c.resources) {
		return fmt.Errorf("the resources are %+v (error: %v)", got, err)
	}
	rooms, _, err := s.ListRooms(ctx, owner, ivschat.RoomFilter{}, ivschat.Page{Limit: largeLimit})
	if err != nil || idsOf(rooms) != c.order {
		return fmt.Errorf("the rooms are %s (error: %v)", idsOf(rooms), err)
	}
	return nil
}

// fullDatabase returns a database file with entries of every kind.
func fullDatabase(t *testing.T) (file []byte, want databaseContent) {
	t.Helper()
	s := onDisk(t)
	for i := range 4 {
		s.createLogging(newLogging(fmt.Sprint("logging", i), i))
	}
	for i, id := range numberedIDs("room", 70) {
		r := newRoom(id, i)
		if i%3 == 0 {
			r = newFullRoom(id, newLogging("logging1", 0).ARN, newLogging("logging3", 0).ARN)
		}
		s.createRooms(r)
	}
	for _, account := range []string{"111111111111", "222222222222"} { // small: each in a single page
		r := newRoom("only", 1)
		r.ARN.Owner.AccountID = account
		s.createRooms(r)
	}
	for i := range usedTokens {
		id, expires := usedToken(i)
		s.use(id, start, expires, true)
	}
	for range 3 {
		_, err := s.NextRun(ctx)
		must(t, err)
	}
	for _, id := range numberedIDs("room", 10) {
		must(t, s.DeleteRoom(ctx, newRoom(id, 0).ARN))
	}
	want = databaseContent{s.resources(""), s.roomIDs(owner, ivschat.RoomFilter{})}
	must(t, s.Close())
	return readDatabase(t, s.dir), want
}

// damage changes the file: mostly one bit, sometimes a byte or a few bytes. It hits page headers, the
// entries, and now and then the space that is not used.
func damage(random *rand.Rand, file []byte) (damaged []byte, what string) {
	const pageSize = 4096
	at := random.IntN(len(file))
	switch random.IntN(4) {
	case 0:
		at = at/pageSize*pageSize + random.IntN(16+64) // the header and what follows, in a meta page all
	case 1, 2:
		for file[at] == 0 {
			at = (at + 1) % len(file)
		}
	}
	damaged = bytes.Clone(file)
	switch random.IntN(10) {
	case 0:
		damaged[at] = byte(random.Uint32())
	case 1:
		n := min(1+random.IntN(16), len(file)-at)
		for i := range n {
			damaged[at+i] = byte(random.Uint32())
		}
	default:
		damaged[at] ^= 1 << random.IntN(8)
	}
	return damaged, fmt.Sprintf("damage at %d, in page %d at %d", at, at/pageSize, at%pageSize)
}

func TestADamagedDatabaseIsRefusedUnlessItHasTheSameContent(t *testing.T) {
	t.Parallel()
	file, want := fullDatabase(t)
	if openDamaged(t, "the whole file", file, want.check) {
		t.Fatal("the whole file is refused")
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	refused, opened := 0, 0
	workers := runtime.GOMAXPROCS(0)
	for worker := range workers {
		all.Go(func() {
			dir := t.TempDir()
			random := rand.New(rand.NewPCG(*flipSeed, uint64(worker)))
			for range *flips / workers {
				damaged, what := damage(random, file)
				isRefused := openDamagedIn(t, dir, what, damaged, want.check)
				mu.Lock()
				if isRefused {
					refused++
				} else {
					opened++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	t.Logf("%d were refused, %d have the same content", refused, opened)
	if refused < *flips/4 || opened < *flips/10 {
		t.Errorf("only %d were refused, and only %d opened", refused, opened)
	}
}

// A start gives the database the present layout.
func TestADatabaseOfAnEarlierLayoutKeepsItsContent(t *testing.T) {
	t.Parallel()
	file, content := fullDatabase(t)
	for name, convert := range map[string]func(ivschat.Resources) func(*bolt.Tx) error{
		"the first layout": toFirstLayout, "the second layout": toSecondLayout,
	} {
		dir := t.TempDir()
		must(t, os.WriteFile(databasePath(dir), file, 0o600))
		want := readAll(t, dir)
		editDatabase(t, dir, convert(resourcesIn(t, file)))
		if got := len(readAll(t, dir)); got < len(want)+70 {
			t.Errorf("%s has only %d entries", name, got)
		}
		for range 2 {
			s := open(t, dir)
			must(t, s.Close())
		}
		checkEqual(t, name, recordsIn(readAll(t, dir)), recordsIn(want))
		if openDamaged(t, name, readDatabase(t, dir), content.check) {
			t.Errorf("%s is refused after the first start", name)
		}
	}
}

func TestADamagedDatabaseOfAnEarlierLayoutIsRefusedUnlessItHasTheSameContent(t *testing.T) {
	t.Parallel()
	file, want := fullDatabase(t)
	for name, test := range map[string]struct {
		convert func(ivschat.Resources) func(*bolt.Tx) error
		check   func(*store.Store) error
	}{
		// It has no checksums of used tokens and of the number of runs, so damage to them goes unnoticed.
		"the first layout":  {toFirstLayout, want.checkResources},
		"the second layout": {toSecondLayout, want.check},
	} {
		dir := t.TempDir()
		must(t, os.WriteFile(databasePath(dir), file, 0o600))
		editDatabase(t, dir, test.convert(resourcesIn(t, file)))
		file := readDatabase(t, dir)
		random := rand.New(rand.NewPCG(*flipSeed, 99))
		refused := 0
		for range *flips / 20 {
			damaged, what := damage(random, file)
			if openDamagedIn(t, dir, name+", "+what, damaged, test.check) {
				refused++
			}
		}
		if refused < *flips/80 {
			t.Errorf("%s: only %d were refused", name, refused)
		}
	}
}

// recordsIn returns the keys of all entries but the counts, which a conversion also adds for no records.
func recordsIn(entries map[string]string) []string {
	keys := slices.Sorted(maps.Keys(entries))
	return slices.DeleteFunc(keys, func(key string) bool { return strings.HasSuffix(key, "|count") })
}
