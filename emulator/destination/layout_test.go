package destination

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestTheKeyOfAnObjectIsTheOneOfTheUserGuide(t *testing.T) {
	d := deliveryOf(S3, "chat", `{"a":1}`)
	d.Start = d.Start.In(time.FixedZone("", 3600)) // the key is in UTC
	const want = "AWSLogs/123456789012/IVSChatLogs/1.0/us-west-2/room_AbCdEfGhIjKl/2022/10/14/17/" +
		"123456789012_IVSChatLogs_1.0_us-west-2_room_AbCdEfGhIjKl_20221014T1740Z_"
	hash, found := strings.CutPrefix(d.key(), want)
	if !found || !regexp.MustCompile(`^00000[0-9a-f]{3}\.log\.gz$`).MatchString(hash) {
		t.Errorf("got %s, want %s", d.key(), want)
	}
}

func TestObjectsOfAWindowSortByTime(t *testing.T) {
	last := ""
	for _, test := range []struct {
		at   time.Duration
		want string
	}{
		{0, "00000"}, {time.Millisecond, "00003"}, {2 * time.Millisecond, "00006"}, {150 * time.Second, "80000"},
		{299_999 * time.Millisecond, "ffffc"},
	} {
		d := deliveryOf(S3, "chat", `{}`)
		d.Records[0].Time = window.Add(test.at)
		key := d.key()
		if !strings.Contains(key, "_20221014T1740Z_"+test.want) || key <= last {
			t.Errorf("%v: got %s after %s", test.at, key, last)
		}
		last = key
	}
}

func TestObjectsOfWindowsWithinAMinuteSortByTime(t *testing.T) {
	for _, length := range []time.Duration{time.Second, 7 * time.Second, 59 * time.Second, 90 * time.Second} {
		d, last := deliveryOf(S3, "chat", `{}`), ""
		for d.Start = window.Truncate(length); d.Start.Before(window.Add(10 * time.Minute)); d.Start = d.End {
			d.End = d.Start.Add(length)
			reviewed := d.Start.Add(-time.Second) // the message was sent before its window
			for _, at := range []time.Time{reviewed, d.Start.Add(length / 2), d.End.Add(-time.Millisecond)} {
				d.Records[0].Time = at
				if key := d.key(); key <= last {
					t.Errorf("with windows of %v, the key at %v is %s after %s", length, at, key, last)
				} else {
					last = key
				}
			}
		}
	}
}

func TestTheHashOfARecordOutsideItsWindowIsAtTheBorder(t *testing.T) {
	d := deliveryOf(S3, "chat", `{}`)
	for at, want := range map[time.Duration]int{-time.Hour: 0, 5 * time.Minute: 0xfffff, 100 * time.Hour: 0xfffff} {
		d.Records[0].Time = window.Add(at)
		if got := d.position(); got != want {
			t.Errorf("%v: got %x", at, got)
		}
	}
	d.End = d.Start // no window at all
	if got := d.position(); got != 0 {
		t.Errorf("got %x", got)
	}
}

func TestTheSameRecordsHaveTheSameObject(t *testing.T) {
	d := deliveryOf(S3, "chat", `{"a":1}`, `{"b":2}`)
	other := d
	if d.key() != other.key() || !bytes.Equal(d.object(), other.object()) {
		t.Error("a second delivery makes another object")
	}
	other.Configuration.ID = "AnOtherConfi"
	if d.key() == other.key() {
		t.Error("two logging configurations have the same object")
	}
	if third := deliveryOf(S3, "chat", `{"a":1}`, `{"b":3}`); d.key() == third.key() {
		t.Error("other records have the same object")
	}
	if third := deliveryOf(S3, "chat", `{"a":1}`); d.key() == third.key() {
		t.Error("fewer records have the same object")
	}
}

// unzip returns the content of an object.
func unzip(t testing.TB, object []byte) string {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(object))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil || !reader.ModTime.IsZero() || reader.Name != "" {
		t.Errorf("the header is %+v, %v", reader.Header, err)
	}
	return string(content)
}

func TestAnObjectHasOneRecordInEachLine(t *testing.T) {
	if got := unzip(t, deliveryOf(S3, "chat", `{"a":"é"}`, `{"b":2}`).object()); got != "{\"a\":\"é\"}\n{\"b\":2}\n" {
		t.Errorf("got %q", got)
	}
}

func TestWithoutAFolderOrEndpointNothingIsDelivered(t *testing.T) {
	to := deliverer(t, Config{})
	s3 := deliveryOf(S3, "chat", `{}`)
	for want, d := range map[string]Delivery{
		"s3://chat/" + s3.key(): s3,
		"log group /a/b, log stream aws/IVSChatLogs/1.0/room_AbCdEfGhIjKl": deliveryOf(CloudWatchLogs, "/a/b", `{}`),
		"delivery stream chat": deliveryOf(Firehose, "chat", `{}`),
	} {
		want = "in memory only, for " + want
		if where := deliver(t, to, d); where != want {
			t.Errorf("got %s, want %s", where, want)
		}
	}
}

func TestADeliveryWithoutRecordsReachesNoServer(t *testing.T) {
	to := deliverer(t, Config{S3Endpoint: "http://127.0.0.1:1", Folder: t.TempDir()})
	for want, d := range map[string]Delivery{
		"bucket chat": deliveryOf(S3, "chat"), "log group a": deliveryOf(CloudWatchLogs, "a"),
		"delivery stream b": deliveryOf(Firehose, "b"),
	} {
		if where := deliver(t, to, d); where != want {
			t.Errorf("got %s, want %s", where, want)
		}
	}
}

func TestADestinationOfAnUnknownKindIsAnError(t *testing.T) {
	refuse(t, deliverer(t, Config{}), deliveryOf("kinesis", "x", `{}`), Other,
		`there is no destination of the kind "kinesis"`)
}
