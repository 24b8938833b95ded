package destination

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// fill returns a delivery that is as large as the limits of its kind allow, of records of a length.
func fill(kind Kind, length int) Delivery {
	limits := LimitsOf(kind)
	n := min(limits.Records, limits.Bytes/(length+limits.Overhead))
	d := deliveryOf(kind, "chat")
	text := []byte(`"` + strings.Repeat("x", length-2) + `"`)
	for i := range n {
		d.Records = append(d.Records, Record{room, window.Add(time.Duration(i) * time.Millisecond), text})
	}
	return d
}

func TestABatchWithinTheLimitsIsWithinThoseOfPutLogEvents(t *testing.T) {
	const bytes, records, each, overhead = 1_048_576, 10_000, 1_048_576, 26
	f := serve(t, func(w http.ResponseWriter, _ request) { _, _ = io.WriteString(w, `{}`) })
	for length, want := range map[int]int{2: records, 78: records, 79: 9986, LimitsOf(CloudWatchLogs).RecordBytes: 1} {
		deliver(t, at(t, f.URL), fill(CloudWatchLogs, length))
		events := batchIn(t, f.last()).LogEvents
		sum := 0
		for _, e := range events {
			sum += len(e.Message) + overhead
			if len(e.Message)+overhead > each {
				t.Errorf("an event has %d bytes", len(e.Message))
			}
		}
		if len(events) != want || len(events) > records || sum > bytes {
			t.Errorf("there are %d events with %d bytes", len(events), sum)
		}
	}
	if l := LimitsOf(CloudWatchLogs); l.RecordBytes+l.Overhead != each || l.Span != 24*time.Hour || !l.OneRoom {
		t.Errorf("got %+v", l)
	}
}

func TestABatchWithinTheLimitsIsWithinThoseOfPutRecordBatch(t *testing.T) {
	const bytes, records, each = 4 << 20, 500, 1000 << 10
	f := serve(t, answering(`{"FailedPutCount":0}`))
	for length, want := range map[int]int{2: records, 8387: records, 8388: 499, LimitsOf(Firehose).RecordBytes: 4} {
		deliver(t, at(t, f.URL), fill(Firehose, length))
		var body struct{ Records []struct{ Data []byte } }
		if err := json.Unmarshal(f.last().body, &body); err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, r := range body.Records {
			sum += len(r.Data)
			if len(r.Data) > each {
				t.Errorf("a record has %d bytes", len(r.Data))
			}
		}
		if len(body.Records) != want || sum > bytes {
			t.Errorf("%d: there are %d records with %d bytes", length, len(body.Records), sum)
		}
	}
	if l := LimitsOf(Firehose); l.RecordBytes+len(delimiter) != each || l.Span != 0 || l.OneRoom {
		t.Errorf("got %+v", l)
	}
}

func TestAnObjectIsBounded(t *testing.T) {
	for _, length := range []int{1 << 20, LimitsOf(S3).RecordBytes} {
		d := fill(S3, length)
		if n, err := d.writeLines(io.Discard); err != nil || n > 32<<20 || n < 31<<20 {
			t.Errorf("%d: an object has %d bytes, %v", length, n, err)
		}
	}
	if l := LimitsOf(S3); l.Span != 0 || !l.OneRoom || l.RecordBytes != 32<<20-1 || l.Records < 1<<30 {
		t.Errorf("got %+v", l)
	}
	if l := LimitsOf("kinesis"); l != (Limits{}) {
		t.Errorf("got %+v", l)
	}
}
