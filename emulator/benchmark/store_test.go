//go:build unix

package benchmark_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// manyRooms returns how many rooms there are in the benchmarks of a large store.
func manyRooms() int {
	if testing.Short() {
		return 500
	}
	return 50_000
}

// manyRoomsDocument returns a snapshot of many rooms of the default account. Ten have a review handler.
func manyRoomsDocument() string {
	document := strings.ReplaceAll(snapshotOf(manyRooms()), "123456789012", emulator.DefaultAccount)
	handler := fmt.Sprintf(`"messageReviewHandler": {"uri": %q}, "tags"`, handlerURI)
	return strings.Replace(document, `"tags"`, handler, 10)
}

const handlerURI = "arn:aws:lambda:us-east-1:000000000000:function:review"

// BenchmarkListRooms measures how long a call of ListRooms takes that finds a few of many rooms.
func BenchmarkListRooms(b *testing.B) {
	for b.Loop() {
		p := startPeer(b, emulatorInMemory)
		p.restore(b, manyRoomsDocument(), http.StatusNoContent)
		for range orOnce(5) {
			for _, filter := range []struct {
				what, body string
				want       int
			}{
				{"name", `{"name":"room-123"}`, 1},
				{"review handler", fmt.Sprintf(`{"messageReviewHandlerUri":%q}`, handlerURI), 10},
			} {
				var list struct{ Rooms []any }
				err := json.Unmarshal(p.call(b, "ListRooms", filter.body), &list)
				if found := len(list.Rooms); err != nil || found != filter.want {
					b.Fatalf("ListRooms by %s found %d rooms, want %d: %v", filter.what, found, filter.want, err)
				}
				answered := p.callAgain(b, post("ListRooms", filter.body), 1, orShort(time.Second))
				measure := fmt.Sprintf("ListRooms by %s, %d rooms", filter.what, manyRooms())
				record(b, measure, emulatorInMemory, "ms", lessIsBetter, 1000/answered.perSecond())
			}
		}
	}
}

// BenchmarkCreateRoomAmongMany compares a CreateRoom on disk when there are many rooms with one when there
// are none. Both servers run during the whole benchmark and are measured in turns.
func BenchmarkCreateRoomAmongMany(b *testing.B) {
	request := post("CreateRoom", `{"name":"benchmark"}`)
	for b.Loop() {
		empty, full := startPeer(b, emulatorOnDisk), startPeer(b, emulatorOnDisk)
		// The second restore replaces the rooms of the first, which leaves many unused pages in the database.
		for range 2 {
			full.restore(b, manyRoomsDocument(), http.StatusNoContent)
		}
		for range orOnce(7) {
			measure := fmt.Sprintf("CreateRoom on disk, %d rooms", manyRooms())
			withNone := empty.callAgain(b, request, 1, orShort(time.Second)).cpuEach()
			withMany := full.callAgain(b, request, 1, orShort(time.Second)).cpuEach()
			record(b, measure, emulatorInMemory, "µs of CPU/request", lessIsBetter, withMany)
			record(b, measure, emulatorInMemory, "µs of CPU/request, no other rooms", lessIsBetter, withNone)
			record(b, measure, emulatorInMemory, "times the CPU of no other rooms", lessIsBetter, withMany/withNone)
		}
	}
}

// BenchmarkListTags compares ListTagsForResource with GetRoom, in turns on the same server.
func BenchmarkListTags(b *testing.B) {
	for b.Loop() {
		p := startPeer(b, emulatorInMemory)
		room := p.createRoom(b, `{"name":"benchmark","tags":{"team":"chat"}}`)
		getRoom := post("GetRoom", fmt.Sprintf(`{"identifier":%q}`, room))
		listTags := fmt.Appendf(nil, "GET /tags/%s HTTP/1.1\r\nHost: localhost\r\n\r\n", url.PathEscape(room))
		for range orOnce(5) {
			get := p.callAgain(b, getRoom, 32, orShort(time.Second)).cpuEach()
			list := p.callAgain(b, listTags, 32, orShort(time.Second)).cpuEach()
			record(b, "ListTagsForResource", emulatorInMemory, "µs of CPU/request", lessIsBetter, list)
			record(b, "ListTagsForResource", emulatorInMemory, "times the CPU of GetRoom", lessIsBetter, list/get)
		}
	}
}
