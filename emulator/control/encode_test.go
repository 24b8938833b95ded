package control

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// FuzzEncoders checks that a response that writes its JSON itself writes what encoding/json writes.
func FuzzEncoders(f *testing.F) {
	for _, text := range []string{"", "a", `"\`, "\n", "\x00\x7f", "é値🍳", "\u2028", "\xff", "<&>"} {
		f.Add("", text, int64(0))
		f.Add(text, "b", int64(946684800123))
	}
	f.Fuzz(func(t *testing.T, a, b string, n int64) {
		room := wireRoom{
			wireRoomSummary: wireRoomSummary{
				ARN: a, ID: b, Name: a + b, CreateTime: b + a, UpdateTime: a + a, Tags: ivschat.Tags{},
			},
			MaximumMessageLength: int(n), MaximumMessageRatePerSecond: -int(n),
		}
		full := room
		full.Tags = ivschat.Tags{a: b, b: a}
		full.MessageReviewHandler = &wireMessageReviewHandler{URI: b, FallbackResult: ivschat.FallbackResult(a)}
		full.LoggingConfigurationIdentifiers = []string{a}
		more := full
		more.Tags = nil
		more.LoggingConfigurationIdentifiers = []string{a, b, ""}
		for _, body := range []appender{
			room, full, more,
			createChatTokenResponse{Token: a, TokenExpirationTime: b, SessionExpirationTime: a + b},
			idResponse{a},
			listTagsForResourceResponse{},
			listTagsForResourceResponse{ivschat.Tags{a: b, b: a}},
		} {
			var want bytes.Buffer
			standard := json.NewEncoder(&want)
			standard.SetEscapeHTML(false)
			if err := standard.Encode(body); err != nil {
				t.Fatal(err)
			}
			if got := string(body.appendJSON([]byte("x"))) + "\n"; got != "x"+want.String() {
				t.Errorf("%T is %s, want x%s", body, got, want.String())
			}
		}
	})
}

// FuzzFormatTime checks that times are written as package time does.
func FuzzFormatTime(f *testing.F) {
	for _, n := range []int64{0, -1, 1, 999_999, 1_000_000, 946684800_000_000_000, 1<<62 + 1, -1 << 62} {
		f.Add(n/1_000_000_000, n%1_000_000_000, 0)
		f.Add(n, n, 3600)
	}
	f.Fuzz(func(t *testing.T, seconds, nanoseconds int64, offset int) {
		at := time.Unix(seconds, nanoseconds).In(time.FixedZone("", offset%86400))
		if year := at.UTC().Year(); year < 0 || year > 9999 { // no clock gets there
			return
		}
		if got, want := formatTime(at), at.UTC().Format("2006-01-02T15:04:05.000Z"); got != want {
			t.Errorf("%v is %s, want %s", at, got, want)
		}
	})
}
