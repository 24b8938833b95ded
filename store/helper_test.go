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

const plenty = 1000 // a quota, or a page, that is large enough

// A bench is a store under test. On disk it can be closed and opened again;
// in memory that does nothing, so that one test runs on both.
type bench struct {
	*store.Store
	t   testing.TB
	dir string // "" in memory
}

func onDisk(t testing.TB) *bench {
	b := &bench{t: t, dir: t.TempDir()}
	b.Store = open(t, b.dir)
	t.Cleanup(func() { b.Close() })
	return b
}

func inMemory(t testing.TB) *bench {
	s, err := store.OpenInMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &bench{Store: s, t: t}
}

func (b *bench) reopen() {
	b.t.Helper()
	if b.dir != "" {
		must(b.t, b.Close())
		b.Store = open(b.t, b.dir)
	}
}

// everywhere runs the test in memory and on disk.
func everywhere(t *testing.T, test func(t *testing.T, b *bench)) {
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

func same[Value any](t testing.TB, what string, got, want Value) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got\n%+v, not\n%+v", what, got, want)
	}
}

// refusal wants the error to be an exception of the kind.
func refusal(t testing.TB, err error, kind ivschat.Kind) *ivschat.Exception {
	t.Helper()
	var exception *ivschat.Exception
	if !errors.As(err, &exception) || exception.Kind != kind {
		t.Fatalf("the error is %v, not %s", err, kind.Name)
	}
	return exception
}

func arnOf(resource ivschat.ResourceType, id string) ivschat.ARN {
	return ivschat.ARN{Owner: owner, ResourceType: resource, ID: id}
}

// room makes a plain room that was updated so many seconds after start.
func room(id string, seconds int) ivschat.Room {
	at := start.Add(time.Duration(seconds) * time.Second)
	return ivschat.Room{
		ARN: arnOf(ivschat.RoomResource, id), CreateTime: at, UpdateTime: at,
		MaximumMessageLength: 500, MaximumMessageRatePerSecond: 10,
	}
}

func fullRoom(id string, logging ...ivschat.ARN) ivschat.Room {
	r := room(id, 0)
	r.Name = "Küche 🍳"
	r.UpdateTime = r.UpdateTime.Add(time.Nanosecond)
	r.MessageReviewHandler = &ivschat.MessageReviewHandler{URI: "arn:aws:lambda:us-east-1:123456789012:function:f", FallbackResult: ivschat.FallbackDeny}
	r.LoggingConfigurationIdentifiers = logging
	r.Tags = ivschat.Tags{"": "", "a<b": "c&d", "ключ": "\u2028"}
	return r
}

func logging(id string, seconds int) ivschat.LoggingConfiguration {
	at := start.Add(time.Duration(seconds) * time.Second)
	return ivschat.LoggingConfiguration{
		ARN: arnOf(ivschat.LoggingConfigurationResource, id), CreateTime: at, UpdateTime: at, State: ivschat.LoggingConfigurationActive,
		DestinationConfiguration: ivschat.DestinationConfiguration{S3: &ivschat.S3DestinationConfiguration{BucketName: "bucket"}},
	}
}

func (b *bench) createRooms(rooms ...ivschat.Room) {
	b.t.Helper()
	for _, r := range rooms {
		must(b.t, b.CreateRoom(ctx, r, plenty))
	}
}

func (b *bench) createLogging(configurations ...ivschat.LoggingConfiguration) {
	b.t.Helper()
	for _, c := range configurations {
		must(b.t, b.CreateLoggingConfiguration(ctx, c, plenty))
	}
}

// touch updates a room so many seconds after start.
func (b *bench) touch(id string, seconds int) {
	b.t.Helper()
	_, err := b.UpdateRoom(ctx, arnOf(ivschat.RoomResource, id), func(r *ivschat.Room) { r.UpdateTime = room(id, seconds).UpdateTime })
	must(b.t, err)
}

// roomIDs lists the ids of the rooms of an owner, parted by spaces.
func (b *bench) roomIDs(of ivschat.Owner, filter ivschat.RoomFilter) string {
	b.t.Helper()
	rooms, next, err := b.ListRooms(ctx, of, filter, ivschat.Page{Limit: plenty})
	must(b.t, err)
	if next != nil {
		b.t.Error("a page that holds all has another behind it")
	}
	return idsOf(rooms)
}

// pageThrough reads the list page by page.
func (b *bench) pageThrough(filter ivschat.RoomFilter, limit int, each func(page ivschat.Page, rooms []ivschat.Room, more bool)) {
	b.t.Helper()
	page := ivschat.Page{Limit: limit}
	for range plenty {
		rooms, next, err := b.ListRooms(ctx, owner, filter, page)
		must(b.t, err)
		each(page, rooms, next != nil)
		if page.After = next; next == nil {
			return
		}
	}
	b.t.Fatal("there is no last page")
}

func idsOf(rooms []ivschat.Room) string {
	var ids []string
	for _, r := range rooms {
		ids = append(ids, r.ARN.ID)
	}
	return strings.Join(ids, " ")
}

func (b *bench) loggingIDs() string {
	b.t.Helper()
	configurations, _, err := b.ListLoggingConfigurations(ctx, owner, ivschat.Page{Limit: plenty})
	must(b.t, err)
	var ids []string
	for _, c := range configurations {
		ids = append(ids, c.ARN.ID)
	}
	return strings.Join(ids, " ")
}

func names(prefix string, n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("%s%03d", prefix, i))
	}
	return slices.Clip(ids)
}

func database(dir string) string { return filepath.Join(dir, store.File) }

func contentOf(t testing.TB, dir string) []byte {
	t.Helper()
	content, err := os.ReadFile(database(dir))
	must(t, err)
	return content
}
