package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/store"
)

// ctx is for calls that are not about contexts.
var ctx = context.Background()

var (
	owner = ivschat.Owner{AccountID: "123456789012", Region: "us-east-1"}
	start = time.Date(2024, 2, 29, 12, 0, 0, 123_456_789, time.UTC)
)

// largeLimit is a quota, or the limit of a page, that no test reaches.
const largeLimit = 1000

// A testStore is a store under test. A store on disk, or one that shares a log, can be closed and opened again. In
// memory reopen does nothing, so that the same test runs in every mode.
type testStore struct {
	*store.Store
	t    testing.TB
	dir  string     // "" without a file
	log  *memoryLog // nil unless it is shared
	node *logNode   // nil unless it is shared
}

func onDisk(t testing.TB) *testStore {
	s := &testStore{t: t, dir: t.TempDir()}
	s.Store = open(t, s.dir)
	t.Cleanup(func() { s.Close() })
	return s
}

func inMemory(t testing.TB) *testStore {
	s := store.OpenInMemory()
	t.Cleanup(func() { s.Close() })
	return &testStore{Store: s, t: t}
}

// sharing returns a store that follows the log.
func (l *memoryLog) sharing(t testing.TB) *testStore {
	t.Helper()
	node := l.node()
	return &testStore{t: t, log: l, node: node, Store: openShared(t, node)}
}

func (s *testStore) reopen() {
	s.t.Helper()
	switch {
	case s.dir != "":
		must(s.t, s.Close())
		s.Store = open(s.t, s.dir)
	case s.log != nil:
		must(s.t, s.Close())
		s.node.die()
		*s = *s.log.sharing(s.t)
	}
}

// inEveryMode runs the test in memory, on disk, and with a log that another store follows, which must have the same
// at the end.
func inEveryMode(t *testing.T, test func(t *testing.T, s *testStore)) {
	inBothModes(t, test)
	t.Run("shared", func(t *testing.T) {
		t.Parallel()
		log := newMemoryLog(t)
		other, s := log.sharing(t), log.sharing(t)
		test(t, s)
		checkSame(t, s, other, log.sharing(t))
	})
}

// checkSame fails the test unless all stores have the same resources with the same positions.
func checkSame(t testing.TB, first *testStore, others ...*testStore) {
	t.Helper()
	want, wantPositions := first.resources(""), first.positions()
	for _, other := range others {
		checkEqual(t, "the resources", other.resources(""), want)
		checkEqual(t, "the positions in lists", other.positions(), wantPositions)
	}
}

// positions returns the position of each room and each logging configuration, by its ARN.
func (s *testStore) positions() map[string]string {
	s.t.Helper()
	owners, err := s.Owners(ctx)
	must(s.t, err)
	all := map[string]string{}
	for owner := range owners {
		for page := (ivschat.Page{Limit: 1}); ; {
			rooms, next, err := s.ListRooms(ctx, owner, ivschat.RoomFilter{}, page)
			must(s.t, err)
			if page.After = next; next == nil {
				break
			}
			all[rooms[0].ARN.String()] = string(next)
		}
		for page := (ivschat.Page{Limit: 1}); ; {
			configurations, next, err := s.ListLoggingConfigurations(ctx, owner, page)
			must(s.t, err)
			if page.After = next; next == nil {
				break
			}
			all[configurations[0].ARN.String()] = string(next)
		}
	}
	return all
}

// inBothModes runs the test in memory and on disk.
func inBothModes(t *testing.T, test func(t *testing.T, s *testStore)) {
	t.Parallel()
	t.Run("in memory", func(t *testing.T) { t.Parallel(); test(t, inMemory(t)) })
	t.Run("on disk", func(t *testing.T) { t.Parallel(); test(t, onDisk(t)) })
}

func open(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func checkEqual[Value any](t testing.TB, what string, got, want Value) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got\n%+v, want\n%+v", what, got, want)
	}
}

// checkException fails the test unless the error is an exception of the kind.
func checkException(t testing.TB, err error, kind ivschat.ExceptionType) *ivschat.Exception {
	t.Helper()
	exception, ok := errors.AsType[*ivschat.Exception](err)
	if !ok || exception.Type != kind {
		t.Fatalf("the error is %v, want %s", err, kind.Name)
	}
	return exception
}

func arnOf(resource ivschat.ResourceType, id string) ivschat.ARN {
	return ivschat.ARN{Owner: owner, ResourceType: resource, ID: id}
}

// newRoom returns a room with required members only, created and updated so many seconds after start.
func newRoom(id string, seconds int) ivschat.Room {
	at := start.Add(time.Duration(seconds) * time.Second)
	return ivschat.Room{
		ARN: arnOf(ivschat.RoomResource, id), CreateTime: at, UpdateTime: at,
		MaximumMessageLength: 500, MaximumMessageRatePerSecond: 10,
	}
}

// newFullRoom returns a room with all members.
func newFullRoom(id string, logging ...ivschat.ARN) ivschat.Room {
	r := newRoom(id, 0)
	r.Name = "Küche 🍳"
	r.UpdateTime = r.UpdateTime.Add(time.Nanosecond)
	r.MessageReviewHandler = &ivschat.MessageReviewHandler{
		URI: "arn:aws:lambda:us-east-1:123456789012:function:f", FallbackResult: ivschat.FallbackDeny,
	}
	r.LoggingConfigurationIdentifiers = logging
	r.Tags = ivschat.Tags{"": "", "a<b": "c&d", "ключ": "\u2028"}
	return r
}

// newLogging returns a logging configuration, created and updated so many seconds after start.
func newLogging(id string, seconds int) ivschat.LoggingConfiguration {
	at := start.Add(time.Duration(seconds) * time.Second)
	return ivschat.LoggingConfiguration{
		ARN: arnOf(ivschat.LoggingConfigurationResource, id), CreateTime: at, UpdateTime: at,
		State: ivschat.LoggingConfigurationActive,
		DestinationConfiguration: ivschat.DestinationConfiguration{
			S3: &ivschat.S3DestinationConfiguration{BucketName: "bucket"},
		},
	}
}

// setDeleted makes DeleteLoggingConfiguration remove a logging configuration at once.
func setDeleted(c *ivschat.LoggingConfiguration) error {
	c.State = ivschat.LoggingConfigurationDeleted
	return nil
}

func (s *testStore) deleteLogging(arn ivschat.ARN) error {
	return s.DeleteLoggingConfiguration(ctx, arn, setDeleted)
}

func (s *testStore) createRooms(rooms ...ivschat.Room) {
	s.t.Helper()
	for _, r := range rooms {
		must(s.t, s.CreateRoom(ctx, r, largeLimit))
	}
}

func (s *testStore) createLogging(configurations ...ivschat.LoggingConfiguration) {
	s.t.Helper()
	for _, c := range configurations {
		must(s.t, s.CreateLoggingConfiguration(ctx, c, largeLimit))
	}
}

// touch sets the update time of a room to so many seconds after start.
func (s *testStore) touch(id string, seconds int) {
	s.t.Helper()
	_, err := s.UpdateRoom(ctx, arnOf(ivschat.RoomResource, id), func(r *ivschat.Room) {
		r.UpdateTime = newRoom(id, seconds).UpdateTime
	})
	must(s.t, err)
}

// roomIDs returns the IDs of an owner's rooms in the order of the list, separated by spaces.
func (s *testStore) roomIDs(of ivschat.Owner, filter ivschat.RoomFilter) string {
	s.t.Helper()
	rooms, next, err := s.ListRooms(ctx, of, filter, ivschat.Page{Limit: largeLimit})
	must(s.t, err)
	if next != nil {
		s.t.Error("a page that holds all rooms has a next page")
	}
	return idsOf(rooms)
}

// pageThrough reads the list page by page.
func (s *testStore) pageThrough(
	filter ivschat.RoomFilter, limit int, each func(page ivschat.Page, rooms []ivschat.Room, more bool),
) {
	s.t.Helper()
	page := ivschat.Page{Limit: limit}
	for range largeLimit {
		rooms, next, err := s.ListRooms(ctx, owner, filter, page)
		must(s.t, err)
		each(page, rooms, next != nil)
		if page.After = next; next == nil {
			return
		}
	}
	s.t.Fatal("the list has no last page")
}

func idsOf(rooms []ivschat.Room) string {
	var ids []string
	for _, r := range rooms {
		ids = append(ids, r.ARN.ID)
	}
	return strings.Join(ids, " ")
}

func (s *testStore) loggingIDs() string {
	s.t.Helper()
	configurations, _, err := s.ListLoggingConfigurations(ctx, owner, ivschat.Page{Limit: largeLimit})
	must(s.t, err)
	var ids []string
	for _, c := range configurations {
		ids = append(ids, c.ARN.ID)
	}
	return strings.Join(ids, " ")
}

func numberedIDs(prefix string, n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("%s%03d", prefix, i))
	}
	return slices.Clip(ids)
}

func databasePath(dir string) string { return filepath.Join(dir, store.File) }

func readDatabase(t testing.TB, dir string) []byte {
	t.Helper()
	content, err := os.ReadFile(databasePath(dir))
	must(t, err)
	return content
}
