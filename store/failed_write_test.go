package store

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

var (
	someOwner  = ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"}
	otherOwner = ivschat.Owner{AccountID: "222222222222", Region: "us-east-1"}
	someTime   = time.Unix(1_700_000_000, 0).UTC()
)

func roomOf(owner ivschat.Owner, id string, logging ...ivschat.ARN) ivschat.Room {
	arn := ivschat.ARN{Owner: owner, ResourceType: ivschat.RoomResource, ID: id}
	return ivschat.Room{ARN: arn, UpdateTime: someTime, LoggingConfigurationIdentifiers: logging}
}

func loggingOf(owner ivschat.Owner, id string) ivschat.LoggingConfiguration {
	arn := ivschat.ARN{Owner: owner, ResourceType: ivschat.LoggingConfigurationResource, ID: id}
	return ivschat.LoggingConfiguration{ARN: arn, UpdateTime: someTime}
}

// smallStore returns a store on disk with the room r, which refers to the logging configuration l, and the
// logging configuration k.
func smallStore(t *testing.T) *Store {
	t.Helper()
	s, err := open(filepath.Join(t.TempDir(), File), bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s)
	return s
}

// smallMemoryStore is smallStore in memory.
func smallMemoryStore(t *testing.T) *Store {
	t.Helper()
	s := OpenInMemory()
	fill(t, s)
	return s
}

func fill(t *testing.T, s *Store) {
	t.Helper()
	t.Cleanup(func() { s.Close() })
	l, k := loggingOf(someOwner, "l"), loggingOf(someOwner, "k")
	_, useErr := s.UseToken(t.Context(), "old", someTime, someTime)
	_, runErr := s.NextRun(t.Context())
	if err := errors.Join(
		s.CreateLoggingConfiguration(t.Context(), l, 9), s.CreateLoggingConfiguration(t.Context(), k, 9),
		s.CreateRoom(t.Context(), roomOf(someOwner, "r", l.ARN), 9), useErr, runErr,
	); err != nil {
		t.Fatal(err)
	}
}

// toDeleted makes DeleteLoggingConfiguration remove a logging configuration at once.
func toDeleted(c *ivschat.LoggingConfiguration) error {
	c.State = ivschat.LoggingConfigurationDeleted
	return nil
}

// A call is one method of a store.
type call func(*testing.T, *Store) error

// calls are the methods that a test makes fail, by name.
var calls = map[string]call{
	"create room": func(t *testing.T, s *Store) error {
		return s.CreateRoom(t.Context(), roomOf(someOwner, "new", loggingOf(someOwner, "l").ARN), 9)
	},
	"create room of other": func(t *testing.T, s *Store) error {
		return s.CreateRoom(t.Context(), roomOf(otherOwner, "new"), 9)
	},
	"create logging": func(t *testing.T, s *Store) error {
		return s.CreateLoggingConfiguration(t.Context(), loggingOf(someOwner, "new"), 9)
	},
	"create logging of other": func(t *testing.T, s *Store) error {
		return s.CreateLoggingConfiguration(t.Context(), loggingOf(otherOwner, "new"), 9)
	},
	"room": func(t *testing.T, s *Store) error {
		_, err := s.Room(t.Context(), roomOf(someOwner, "r").ARN)
		return err
	},
	"list rooms": func(t *testing.T, s *Store) error {
		_, _, err := s.ListRooms(t.Context(), someOwner, ivschat.RoomFilter{}, ivschat.Page{Limit: 9})
		return err
	},
	"update room": func(t *testing.T, s *Store) error {
		_, err := s.UpdateRoom(t.Context(), roomOf(someOwner, "r").ARN, func(r *ivschat.Room) {
			r.LoggingConfigurationIdentifiers = []ivschat.ARN{loggingOf(someOwner, "k").ARN}
		})
		return err
	},
	"delete room": func(t *testing.T, s *Store) error {
		return s.DeleteRoom(t.Context(), roomOf(someOwner, "r").ARN)
	},
	"logging": func(t *testing.T, s *Store) error {
		_, err := s.LoggingConfiguration(t.Context(), loggingOf(someOwner, "k").ARN)
		return err
	},
	"list logging": func(t *testing.T, s *Store) error {
		_, _, err := s.ListLoggingConfigurations(t.Context(), someOwner, ivschat.Page{Limit: 9})
		return err
	},
	"update logging": func(t *testing.T, s *Store) error {
		change := func(*ivschat.LoggingConfiguration) error { return nil }
		_, err := s.UpdateLoggingConfiguration(t.Context(), loggingOf(someOwner, "k").ARN, change)
		return err
	},
	"delete logging": func(t *testing.T, s *Store) error {
		return s.DeleteLoggingConfiguration(t.Context(), loggingOf(someOwner, "k").ARN, toDeleted)
	},
	"end transitions": func(t *testing.T, s *Store) error {
		_, err := s.EndTransitions(t.Context(), "", nil)
		return err
	},
	"tag room": func(t *testing.T, s *Store) error {
		return s.ChangeTags(t.Context(), roomOf(someOwner, "r").ARN, func(ivschat.Tags) error { return nil })
	},
	"resources": func(t *testing.T, s *Store) error {
		_, err := s.Resources(t.Context(), "")
		return err
	},
	"seed": func(t *testing.T, s *Store) error {
		return s.Seed(t.Context(), ivschat.Resources{Rooms: []ivschat.Room{roomOf(someOwner, "new")}})
	},
	"replace": func(t *testing.T, s *Store) error { return s.Replace(t.Context(), "", ivschat.Resources{}) },
	// These replace the resources of an account that has none, and so are added.
	"add rooms": func(t *testing.T, s *Store) error {
		return s.Replace(t.Context(), "none", ivschat.Resources{Rooms: []ivschat.Room{
			roomOf(someOwner, "new", loggingOf(someOwner, "l").ARN),
		}})
	},
	"add rooms of other": func(t *testing.T, s *Store) error {
		return s.Replace(t.Context(), "none", ivschat.Resources{Rooms: []ivschat.Room{roomOf(otherOwner, "new")}})
	},
	"add logging": func(t *testing.T, s *Store) error {
		configurations := []ivschat.LoggingConfiguration{loggingOf(someOwner, "new")}
		return s.Replace(t.Context(), "none", ivschat.Resources{LoggingConfigurations: configurations})
	},
	"add logging of other": func(t *testing.T, s *Store) error {
		configurations := []ivschat.LoggingConfiguration{loggingOf(otherOwner, "new")}
		return s.Replace(t.Context(), "none", ivschat.Resources{LoggingConfigurations: configurations})
	},
	"use token": func(t *testing.T, s *Store) error {
		_, err := s.UseToken(t.Context(), "new", someTime, someTime.Add(time.Hour))
		return err
	},
	"next run": func(t *testing.T, s *Store) error {
		_, err := s.NextRun(t.Context())
		return err
	},
}

// inFile changes the file, and not the index.
func (s *Store) inFile(t *testing.T, change func(*bolt.Tx) error) {
	t.Helper()
	if _, err := s.store([]func(*bolt.Tx) error{change}); err != nil {
		t.Fatal(err)
	}
}

// changeBucket changes the bucket at a path, whose parts are separated by |.
func (s *Store) changeBucket(t *testing.T, path string, change func(*bolt.Bucket) error) {
	t.Helper()
	s.inFile(t, func(tx *bolt.Tx) (err error) {
		bucket := tx.Cursor().Bucket()
		for _, name := range strings.Split(path, "|") {
			if path == "" {
				break
			}
			if bucket, err = bucket.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return change(bucket)
	})
}

// content returns every key of the database, with its path, and its value. It includes what reads see.
func (s *Store) content(t *testing.T) map[string]string {
	t.Helper()
	index := s.index.Load()
	resources, err := index.resources(t.Context(), "")
	all := map[string]string{"index": fmt.Sprintf("%+v %d", resources, index.runs)}
	var add func(path string, bucket *bolt.Bucket) error
	add = func(path string, bucket *bolt.Bucket) error {
		all[path] = fmt.Sprint("bucket at ", bucket.Sequence())
		return bucket.ForEach(func(key, value []byte) error {
			if value == nil {
				return add(path+"|"+string(key), bucket.Bucket(key))
			}
			all[path+"|"+string(key)] = string(value)
			return nil
		})
	}
	err = errors.Join(err, s.db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(key []byte, bucket *bolt.Bucket) error {
			if bucket == nil {
				return nil
			}
			return add(string(key), bucket)
		})
	}))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// bbolt refuses to write a value where a bucket is, and the other way round. That stands for every reason for
// which a write can fail.
func TestACallOfWhichOneWriteFailsReturnsTheErrorAndStoresNothing(t *testing.T) {
	t.Parallel()
	const some, other = "123456789012/us-east-1", "222222222222/us-east-1"
	for _, test := range []struct {
		path, key string
		bucket    bool   // put a bucket in place of a value, instead of a value in place of a bucket
		fail      string // the calls, separated by commas
	}{
		{"", other, false, "create room of other,create logging of other,add rooms of other,add logging of other"},
		{"", some, false, "replace,create room,create logging"},
		{other, "rooms", false, "create room of other,add rooms of other"},
		{other, "logging configurations", false, "create logging of other,add logging of other"},
		{other + "|rooms", "id", false, "create room of other,add rooms of other"},
		{some + "|rooms", "count", true, "create room,delete room,add rooms,update room,tag room"},
		{some + "|rooms|id", "new", true, "create room,add rooms"},
		{some + "|rooms|id", "r", true, "update room,delete room,tag room"},
		{some + "|logging configurations", "count", true, "create logging,delete logging,add logging"},
		{some + "|logging configurations|id", "new", true, "create logging,add logging"},
		{some + "|logging configurations|id", "k", true, "update logging,delete logging"},
		{"", "used tokens", false, "use token"},
		{"used tokens", string(usedTokenKey("new", someTime.Add(time.Hour))), true, "use token"},
		{"used tokens", string(usedTokenKey("old", someTime)), true, "use token"},
		{"meta", "runs", true, "next run"},
	} {
		for _, name := range strings.Split(test.fail, ",") {
			s := smallStore(t)
			s.changeBucket(t, test.path, func(bucket *bolt.Bucket) error {
				key := []byte(test.key)
				if test.bucket {
					err := bucket.Delete(key)
					_, createErr := bucket.CreateBucket(key)
					return errors.Join(err, createErr)
				}
				if bucket.Bucket(key) != nil {
					if err := bucket.DeleteBucket(key); err != nil {
						return err
					}
				}
				return bucket.Put(key, []byte("x"))
			})
			before := s.content(t)
			if err := calls[name](t, s); !errors.Is(err, bolterrors.ErrIncompatibleValue) {
				t.Errorf("%s, with another %q in %q: the error is %v", name, test.key, test.path, err)
			}
			if after := s.content(t); !maps.Equal(after, before) {
				t.Errorf("%s, with another %q in %q: the database is\n%q, was\n%q",
					name, test.key, test.path, after, before)
			}
		}
	}
}

func TestATokenWhoseUseIsTriedAgainTakesMemoryOnce(t *testing.T) {
	t.Parallel()
	s := smallStore(t)
	s.changeBucket(t, "", func(bucket *bolt.Bucket) error {
		return errors.Join(bucket.DeleteBucket(bucketUsedTokens), bucket.Put(bucketUsedTokens, nil))
	})
	before := len(s.used.oldest)
	for range 10 {
		if _, err := s.UseToken(t.Context(), "a", someTime, someTime.Add(time.Hour)); err == nil {
			t.Fatal("a use was stored in an entry that is not a bucket")
		}
	}
	if n := len(s.used.oldest) - before; n > 1 {
		t.Errorf("a token was kept %d times", n)
	}
}

func TestAMigrationOfWhichAWriteFailsReturnsTheError(t *testing.T) {
	t.Parallel()
	noRuns := func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Delete(keyRuns) }
	noTokens := func(tx *bolt.Tx) error { return tx.DeleteBucket(bucketUsedTokens) }
	noOwner := func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte(someOwner.String())) }
	oldRuns := func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Put(keyRuns, []byte("7")) }
	version := func(version string) func(tx *bolt.Tx) error {
		return func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Put(keySchema, []byte(version)) }
	}
	toPresent := func(tx *bolt.Tx) error { return migrate(tx, &index{}) }
	for name, test := range map[string]struct {
		prepare []func(*bolt.Tx) error
		write   func(*bolt.Tx) error // what the migration writes
	}{
		"a new database": {
			[]func(*bolt.Tx) error{
				noTokens, noOwner, func(tx *bolt.Tx) error { return tx.DeleteBucket(bucketMeta) },
			}, toPresent,
		},
		"only the version": {
			[]func(*bolt.Tx) error{noRuns, noTokens, noOwner, version(schemaWithJSON)}, toPresent,
		},
		"the number of runs": {
			[]func(*bolt.Tx) error{noTokens, noOwner, oldRuns, version(schemaWithoutChecksums)},
			func(tx *bolt.Tx) error { return addChecksums(tx, tx.Bucket(bucketMeta)) },
		},
		"used tokens": {
			[]func(*bolt.Tx) error{noRuns, noOwner, version(schemaWithoutChecksums)},
			func(tx *bolt.Tx) error { return addChecksums(tx, tx.Bucket(bucketMeta)) },
		},
	} {
		s := smallStore(t)
		for _, prepare := range test.prepare {
			s.inFile(t, prepare)
		}
		// A transaction that only reads refuses every write.
		for _, migrate := range []func(*bolt.Tx) error{toPresent, test.write} {
			if err := s.db.View(migrate); !errors.Is(err, bolterrors.ErrTxNotWritable) {
				t.Errorf("%s: the error is %v", name, err)
			}
		}
		s.inFile(t, toPresent)
		migrated := s.content(t)
		s.inFile(t, toPresent)
		if again := s.content(t); !maps.Equal(again, migrated) || migrated["meta|schema"] != schemaVersion {
			t.Errorf("%s: the database is\n%q, was\n%q", name, again, migrated)
		}
		if _, err := s.NextRun(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatTheFirstLayoutLacksIsAddedOnlyIfTheLayoutIsKnown(t *testing.T) {
	t.Parallel()
	s := smallStore(t)
	s.inFile(t, func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		err := addChecksums(tx, meta) // of a number that has one
		const want = "the number of runs is damaged: strconv.ParseUint: "
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		return meta.Put(keySchema, []byte("4"))
	})
	before := s.content(t)
	if _, err := s.store([]func(*bolt.Tx) error{func(tx *bolt.Tx) error { return migrate(tx, &index{}) }}); !errors.Is(err, errNewer) {
		t.Errorf("the error is %v", err)
	}
	if after := s.content(t); !maps.Equal(after, before) {
		t.Errorf("the database is\n%q, was\n%q", after, before)
	}
}

func TestASeedThatIsAlreadyStoredWritesNothing(t *testing.T) {
	t.Parallel()
	s := smallStore(t)
	if err := calls["update room"](t, s); err != nil { // so that positions have gaps
		t.Fatal(err)
	}
	before := s.content(t)
	seed, err := s.Resources(t.Context(), "")
	if err := errors.Join(err, s.Seed(t.Context(), seed)); err != nil {
		t.Fatal(err)
	}
	if after := s.content(t); !maps.Equal(after, before) {
		t.Errorf("the database is\n%q, was\n%q", after, before)
	}
}

func TestADamagedNumberOfRunsIsNoRun(t *testing.T) {
	t.Parallel()
	for _, version := range []string{schemaWithoutChecksums, schemaWithJSON, schemaVersion} {
		if runs, err := runsIn([]byte("x"), version); runs != 0 || err == nil {
			t.Errorf("layout %s: %d runs (%v)", version, runs, err)
		}
	}
}

func TestAMigrationThatCannotRemoveTheOldRecordsFails(t *testing.T) {
	t.Parallel()
	s := smallStore(t)
	s.inFile(t, func(tx *bolt.Tx) error {
		owner := []byte(someOwner.String())
		return errors.Join(tx.DeleteBucket(owner), tx.Cursor().Bucket().Put(owner, []byte("x")),
			tx.Bucket(bucketMeta).Put(keySchema, []byte(schemaWithJSON)))
	})
	before := s.content(t)
	_, err := s.store([]func(*bolt.Tx) error{func(tx *bolt.Tx) error { return migrate(tx, s.index.Load()) }})
	if !errors.Is(err, bolterrors.ErrIncompatibleValue) {
		t.Errorf("the error is %v", err)
	}
	if after := s.content(t); !maps.Equal(after, before) {
		t.Errorf("the database is\n%q, was\n%q", after, before)
	}
}

func TestAUseOfATokenRemovesFourThatHaveExpired(t *testing.T) {
	t.Parallel()
	s := smallStore(t) // with one
	for i := range 6 {
		if _, err := s.UseToken(t.Context(), fmt.Sprint(i), someTime.Add(-time.Hour), someTime); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.UseToken(t.Context(), "new", someTime, someTime.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	left := 0
	for path := range s.content(t) {
		if strings.HasPrefix(path, "used tokens|") {
			left++
		}
	}
	if left != 7-4+1 {
		t.Errorf("%d tokens are left, want 4", left)
	}
}

func TestARefusalToDeleteALoggingConfigurationNamesTheRoomThatUsesIt(t *testing.T) {
	t.Parallel()
	arn := loggingOf(someOwner, "l").ARN
	err := smallStore(t).DeleteLoggingConfiguration(t.Context(), arn, toDeleted)
	want := ivschat.Conflict(arn, "is in use by room r and cannot be deleted before it is detached")
	if exception, ok := errors.AsType[*ivschat.Exception](err); !ok || exception.Error() != want.Error() {
		t.Errorf("got %v, want %v", err, want)
	}
}
