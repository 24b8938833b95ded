package destination

import (
	"context"
	"encoding/json"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// firehose delivers to a server with Firehose's API.
type firehose struct{ server }

// A firehoseRecord is a record of PutRecordBatch. Its data is written in Base64.
type firehoseRecord struct{ Data []byte }

// A stored is the answer of PutRecordBatch.
type stored struct {
	FailedPutCount   *int
	RequestResponses []struct{ ErrorCode, ErrorMessage string } // of each record
}

// Deliver puts the records into the delivery stream, each with a delimiter (decision D70). If the service
// has not taken some of them, the error names those.
func (f *firehose) Deliver(ctx context.Context, d Delivery) (string, error) {
	records := make([]firehoseRecord, len(d.Records))
	for i, r := range d.Records {
		records[i].Data = append(append(make([]byte, 0, len(r.Text)+len(delimiter)), r.Text...), delimiter...)
	}
	body, _ := json.Marshal(struct {
		DeliveryStreamName string
		Records            []firehoseRecord
	}{d.Place.Name, records}) // texts only
	reply, err := f.call(ctx, d.Place, "Firehose_20150804.PutRecordBatch", body)
	var answer stored
	switch {
	case err != nil:
		return "", f.unreachable(ctx, err)
	case !reply.OK(), json.Unmarshal(reply.Body, &answer) != nil, answer.FailedPutCount == nil:
		return "", f.refused(d.Place, reply)
	}
	if failure := f.failure(d, answer); failure != nil {
		return "", failure
	}
	return d.where(), nil
}

// failure returns the error for an answer in which records have failed, or nil.
func (f *firehose) failure(d Delivery, answer stored) *Error {
	var indexes []int
	code, message := "", ""
	for i, r := range answer.RequestResponses {
		if r.ErrorCode == "" || i >= len(d.Records) {
			continue
		}
		if indexes = append(indexes, i); code == "" {
			code, message = r.ErrorCode, r.ErrorMessage
		}
	}
	count := len(indexes)
	if count == 0 { // does not tell which
		if count = *answer.FailedPutCount; count == 0 {
			return nil
		}
	}
	text := awsapi.Short(code + " " + message)
	if text != "" {
		text = " (" + text + ")"
	}
	failure := failed(reasonOf(code, 0), "%s did not take %d of %d records for the delivery stream %q%s: see the log "+
		"of the server", f.server, count, len(d.Records), awsapi.Short(d.Place.Name), awsapi.Saying(text))
	failure.Failed = indexes
	return failure
}
