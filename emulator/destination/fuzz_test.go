package destination

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// documentedKey matches the keys of the User Guide (Chat Logging), as a consumer of them does.
var documentedKey = regexp.MustCompile(`^AWSLogs/([0-9]{12})/IVSChatLogs/1\.0/([a-z0-9-]+)/room_([0-9A-Za-z]{12})/` +
	`([0-9]{4})/([0-9]{2})/([0-9]{2})/([0-9]{2})/([0-9]{12})_IVSChatLogs_1\.0_([a-z0-9-]+)_room_([0-9A-Za-z]{12})_` +
	`([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})Z_[0-9a-f]{8}\.log\.gz$`)

func FuzzKeysAreThoseOfTheUserGuideAndSortByTime(f *testing.F) {
	f.Add("123456789012", "us-west-2", room, int64(1_665_769_200), int64(300), int64(1000), int64(2000), `{"a":1}`)
	f.Add("000000000000", "ap-northeast-1", "abcdefghijkl", int64(1_672_531_199), int64(1), int64(0), int64(1), ``)
	f.Fuzz(func(t *testing.T, account, region, room string, seconds, window, first, second int64, text string) {
		legal := regexp.MustCompile(`^[0-9]{12} [a-z0-9-]{2,20} [0-9A-Za-z]{12}$`)
		if !legal.MatchString(strings.Join([]string{account, region, room}, " ")) || seconds < 0 || seconds > 1<<36 ||
			window < 1 || window > 86400 {
			return
		}
		d := deliveryOf(S3, "chat", text)
		d.Place.Owner.AccountID, d.Place.Owner.Region, d.Records[0].Room = account, region, room
		d.Start = time.Unix(seconds, 0)
		d.End = d.Start.Add(time.Duration(window) * time.Second)
		keyAt := func(at int64) string {
			d.Records[0].Time = d.Start.Add(time.Duration(at))
			return d.key()
		}
		key := keyAt(first)
		match := documentedKey.FindStringSubmatch(key)
		if match == nil {
			t.Fatalf("got %s", key)
		}
		if !slices.Equal(match[1:8], match[8:15]) || match[1] != account || match[2] != region || match[3] != room ||
			d.Start.UTC().Format("200601021504") != strings.Join(match[11:], "") {
			t.Errorf("got %s", key)
		}
		if later := keyAt(max(first, second)); later[:len(later)-len("000.log.gz")] < key[:len(key)-len("000.log.gz")] {
			t.Errorf("%s is before %s", later, key)
		}
		if keyAt(first) != key {
			t.Error("the key is not always the same")
		}
		d.Start, d.End = d.End, d.End.Add(time.Duration(window)*time.Second)
		if next := keyAt(0); window >= 60 && next <= key {
			t.Errorf("the key of the next window is %s after %s", next, key)
		}
	})
}

func FuzzRecordsAreDeliveredByteForByte(f *testing.F) {
	f.Add(`{"a":"é\u2028<>&"}`, "{\"b\":\" \u2029 \x7f\"}", false)
	f.Add(`{"a":"\n\r\t\u0000"}`, `{}`, true)
	f.Add(`{"a":"😀"}`, strings.Repeat("[", 100)+strings.Repeat("]", 100), true)
	var body []byte
	s := serve(f, func(w http.ResponseWriter, r request) {
		body = r.body
		w.Header().Set("ETag", `"x"`)
		_, _ = io.WriteString(w, `{"FailedPutCount":0}`)
	})
	remote, local := at(f, s.URL), deliverer(f, Config{Folder: f.TempDir()})
	f.Fuzz(func(t *testing.T, first, second string, files bool) {
		for _, text := range []string{first, second} {
			if !json.Valid([]byte(text)) || !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n") {
				return
			}
		}
		want := first + "\n" + second + "\n"
		for kind := range kinds {
			d := deliveryOf(kind, "chat", first, second)
			deliver(t, remote, d)
			if got := decoded(t, kind, body); got != want {
				t.Errorf("%s has %q, want %q", kind, got, want)
			}
			if !files { // is slower
				continue
			}
			where := deliver(t, local, d)
			content, err := os.ReadFile(where)
			if err == nil && kind == S3 {
				content = []byte(unzip(t, content))
			}
			if err != nil || string(content) != want {
				t.Errorf("%s has %q, %v, want %q", where, content, err, want)
			}
			if err := os.Remove(where); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// decoded returns the records in the body of a request, each with a line feed.
func decoded(t *testing.T, kind Kind, body []byte) string {
	t.Helper()
	var lines bytes.Buffer
	switch kind {
	case S3:
		return unzip(t, body)
	case CloudWatchLogs:
		for _, message := range batchIn(t, request{body: body}).messages() {
			lines.WriteString(message + "\n")
		}
	case Firehose:
		var batch struct{ Records []struct{ Data []byte } }
		if err := json.Unmarshal(body, &batch); err != nil {
			t.Error(err)
		}
		for _, r := range batch.Records {
			lines.Write(r.Data)
		}
	}
	return lines.String()
}
