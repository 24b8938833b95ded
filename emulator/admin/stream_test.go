package admin_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// fill makes more calls of the default account than the journal keeps.
func fill(t *testing.T, e *emulatortest.Emulator) {
	t.Helper()
	for range 200 {
		request(t, e, "POST", "/CreateRoom", `{"name":"`+strings.Repeat("x", 10_000)+`"}`)
	}
}

func TestAnAnswerSaysHowManyEntriesWereDropped(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{JournalBytes: journal.MinimumBytes})
	e.Room()
	fill(t, e)
	e.Room()
	filter := journal.Filter{Account: "000000000000"}
	kept := e.Journal().After(0, 0, filter)
	dropped := float64(200 - len(kept))
	for query, want := range map[string]any{
		"account=000000000000&after=0&count=0":                             dropped,
		"account=000000000000&after=0&count=10":                            dropped,
		"account=000000000000&count=200":                                   dropped,
		"account=000000000000&count=10":                                    nil,
		"account=000000000000&timeout=1ms":                                 dropped,
		fmt.Sprintf("account=000000000000&after=%d&count=0", kept[0].ID-1): nil,
		fmt.Sprintf("account=000000000000&after=%d&count=0", kept[0].ID-2): 1.0,
		"account=123456789012&after=0&count=0":                             nil,
		"account=111111111111&after=0&count=0":                             nil,
		"after=0&count=0":                                                  dropped,
		"count=10":                                                         nil,
	} {
		if answer := call(t, e, 200, "GET", "calls?"+query, ""); answer["missed"] != want {
			t.Errorf("%s: missed %v, want %v", query, answer["missed"], want)
		}
	}
	for after, missed := range map[uint64]float64{0: dropped, kept[0].ID - 2: 1} {
		query := fmt.Sprintf("account=000000000000&after=%d&count=200&timeout=1ms", after)
		answer := call(t, e, 200, "GET", "calls?"+query, "")
		want := fmt.Sprintf("; at most %v were dropped, because the journal was full", missed)
		if message, _ := answer["message"].(string); !strings.HasSuffix(message, want) {
			t.Errorf("the message is %q, want the end %q", message, want)
		}
	}
	if items := list(t, e, "calls?account=123456789012&after=0&count=0"); len(items) != 2 {
		t.Errorf("the other account has %d calls left", len(items))
	}
}

func TestAStreamSaysHowManyEntriesItMissed(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{JournalBytes: journal.MinimumBytes})
	fill(t, e)
	oldest := e.Journal().After(0, 1, journal.Filter{})[0].ID
	for _, after := range []uint64{0, oldest - 2} {
		lines := openStream(t, e, fmt.Sprint("?after=", after), "")
		for _, want := range []string{
			"event: missed", fmt.Sprintf(`data: {"missed":%d}`, oldest-1-after), "", fmt.Sprintf("id: %d-", oldest),
		} {
			if lines.Scan(); !strings.HasPrefix(lines.Text(), want) {
				t.Errorf("after %d: the stream has %q, want %q", after, lines.Text(), want)
			}
		}
	}
}

func TestWhoReadsOfOneRoomMissesNothingOfOtherAccounts(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{JournalBytes: journal.MinimumBytes})
	room := e.Room()
	fill(t, e)
	if missed := call(t, e, 200, "GET", "rooms/"+room+"/frames?after=0", "")["missed"]; missed != nil {
		t.Errorf("missed %v frames", missed)
	}
	lines := openStream(t, e, "?after=0&room="+room, "")
	e.Connect(room, "anna")
	if lines.Scan(); !strings.HasPrefix(lines.Text(), "id: ") {
		t.Errorf("the stream has %q", lines.Text())
	}
}

func TestAClientThatDoesNotReadIsDisconnected(t *testing.T) {
	tags := map[string]string{}
	for i := range 50 {
		tags[fmt.Sprint(i)] = strings.Repeat("x", 256)
	}
	room, err := json.Marshal(map[string]any{"tags": tags})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"events?after=0", "journal?after=0&count=0", "snapshot", "rooms"} {
		synctest.Test(t, func(t *testing.T) {
			e := emulatortest.Start(t)
			for range 20 {
				request(t, e, "POST", "/CreateRoom", string(room))
			}
			open := func() net.Conn {
				conn, err := e.DialContext(t.Context(), "tcp", "ivschat.localhost:80")
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(conn, "GET %s%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", admin.Prefix, path)
				return conn
			}
			conn := open()
			time.Sleep(10*time.Second + time.Millisecond)
			if text, _ := io.ReadAll(conn); len(text) > 100_000 {
				t.Errorf("%s: it still got %d bytes", path, len(text))
			}
			conn = open() // of a client that takes its time, but reads
			time.Sleep(10*time.Second - time.Millisecond)
			first := make([]byte, 80_000) // more than a piece
			if _, err := io.ReadFull(conn, first); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			time.Sleep(9 * time.Second)
			if _, err := io.ReadFull(conn, first); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			_ = conn.Close()
		})
	}
}

func TestAConnectionCanBeUsedAgainLongAfterAnAnswerInPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		for range 20 {
			request(t, e, "POST", "/CreateRoom", `{"name":"`+strings.Repeat("x", 10_000)+`"}`)
		}
		conn, err := e.DialContext(t.Context(), "tcp", "ivschat.localhost:80")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		for _, path := range []string{"calls?after=0&count=20", "clock", "calls?after=0&count=20"} {
			fmt.Fprintf(conn, "GET %s%s HTTP/1.1\r\nHost: localhost\r\n\r\n", admin.Prefix, path)
			response, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			text, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || response.StatusCode != 200 || len(text) < 200_000 && path != "clock" {
				t.Errorf("%s: %s, %d bytes, %v", path, response.Status, len(text), err)
			}
			time.Sleep(time.Minute) // longer than the deadline of the answer
		}
	})
}
