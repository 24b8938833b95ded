package destination

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// answering answers PutRecordBatch with a body.
func answering(body string) func(w http.ResponseWriter, r request) {
	return func(w http.ResponseWriter, _ request) { _, _ = io.WriteString(w, body) }
}

func TestRecordsArePutIntoTheirDeliveryStreamEachWithADelimiter(t *testing.T) {
	f := serve(t, answering(`{"FailedPutCount":0,"RequestResponses":[{"RecordId":"1"},{"RecordId":"2"}]}`))
	d := deliveryOf(Firehose, "chat", `{"a":"é"}`, `{"b":2}`)
	d.Records[1].Room = "another"
	if where := deliver(t, at(t, f.URL), d); where != "delivery stream chat" {
		t.Errorf("got %s", where)
	}
	var body struct {
		DeliveryStreamName string
		Records            []struct{ Data []byte }
	}
	r := f.received()[0]
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil || body.DeliveryStreamName != "chat" || len(body.Records) != 2 ||
		string(body.Records[0].Data) != "{\"a\":\"é\"}\n" || string(body.Records[1].Data) != "{\"b\":2}\n" ||
		r.Header.Get("X-Amz-Target") != "Firehose_20150804.PutRecordBatch" ||
		!strings.Contains(r.Header.Get("Authorization"), "/us-west-2/firehose/aws4_request") {
		t.Errorf("the request is %v: %s, %v", r.Header, r.body, err)
	}
}

func TestTheRecordsOfTheCallerAreNotChanged(t *testing.T) {
	f := serve(t, answering(`{"FailedPutCount":0}`))
	d := deliveryOf(Firehose, "chat", `{}`)
	text := append(make([]byte, 0, 10), `{}xx`...)
	d.Records[0].Text = text[:2]
	deliver(t, at(t, f.URL), d)
	if string(text) != `{}xx` {
		t.Errorf("got %s", text)
	}
}

func TestOnlyTheRecordsThatFirehoseDidNotTakeFail(t *testing.T) {
	for name, test := range map[string]struct {
		body   string
		want   []int
		reason Reason
		said   string
	}{
		"one": {`{"FailedPutCount":1,"RequestResponses":[{"RecordId":"1"},` +
			`{"ErrorCode":"ServiceUnavailableException","ErrorMessage":"Slow down."},{"RecordId":"2"}]}`,
			[]int{1}, Other, `did not take 1 of 3 records for the delivery stream "chat" ` +
				`(ServiceUnavailableException Slow down.): see`},
		"all": {`{"FailedPutCount":3,"RequestResponses":[` +
			`{"ErrorCode":"AccessDeniedException","ErrorMessage":"a\nb"},{"ErrorCode":"B"},{"ErrorCode":"C"}]}`,
			[]int{0, 1, 2}, AccessDenied, `3 of 3 records for the delivery stream "chat" ` +
				`(AccessDeniedException a b): see`},
		"a wrong count": {`{"FailedPutCount":0,"RequestResponses":[{"ErrorCode":"A"},{"RecordId":"1"}]}`,
			[]int{0}, Other, "1 of 3 records"},
		"not which": {`{"FailedPutCount":2}`,
			nil, Other, `2 of 3 records for the delivery stream "chat": see the log of the server`},
		"too many": {`{"FailedPutCount":1,"RequestResponses":[{},{},{"ErrorCode":"A"},{"ErrorCode":"B"}]}`,
			[]int{2}, Other, "1 of 3 records"},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, answering(test.body))
			e := refuse(t, at(t, f.URL), deliveryOf(Firehose, "chat", `{"n":0}`, `{"n":1}`, `{"n":2}`),
				test.reason, test.said, "the Firehose endpoint "+f.URL)
			if !slices.Equal(e.Failed, test.want) || strings.Contains(e.Log, "Slow") {
				t.Errorf("got %v, want %v: %s", e.Failed, test.want, e.Log)
			}
		})
	}
}

func TestAnAnswerWithoutACountIsNotFromFirehose(t *testing.T) {
	for _, body := range []string{"", "null", "{}", "[]", `{"FailedPutCount":"x"}`, "<html>"} {
		f := serve(t, answering(body))
		refuse(t, at(t, f.URL), deliveryOf(Firehose, "chat", `{}`), Other,
			"did not answer as Firehose does (status 200)")
	}
}
