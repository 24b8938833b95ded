package control_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

// common are the exceptions that a body can provoke without its row declaring
// them.
var common = []ivschat.Kind{ivschat.RequestEntityTooLarge, ivschat.UnknownOperationException}

// FuzzEveryOperation sends any body, and any ARN and query where the row takes
// them, to any row. No answer is a 500, and none bears an exception that the
// row does not declare.
func FuzzEveryOperation(f *testing.F) {
	e, err := emulator.New(emulator.Config{RoomQuota: 100})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Close() })
	const arn, logging = "arn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkl", "arn:aws:ivschat:us-east-1:000000000000:logging-configuration/abcdefghijkl"
	for row := range model.Operations() {
		for _, body := range []string{
			`{}`, `null`, `{"identifier":"` + arn + `"}`, `{"identifier":"` + logging + `","name":"n"}`,
			`{"name":"n","maximumMessageLength":5,"maximumMessageRatePerSecond":1e2,"tags":{"k":"v"},"messageReviewHandler":{"uri":""},"loggingConfigurationIdentifiers":["` + logging + `"]}`,
			`{"destinationConfiguration":{"s3":{"bucketName":"abc"},"firehose":null},"tags":{}}`,
			`{"roomIdentifier":"` + arn + `","userId":"u","capabilities":["SEND_MESSAGE",null],"sessionDurationInMinutes":180.0,"attributes":{"k":1}}`,
			`{"roomIdentifier":"` + arn + `","id":"abcdefghijkl","reason":"\ud800","eventName":"e"}`,
			`{"maxResults":0,"nextToken":"AAAA","name":""}`,
		} {
			f.Add(uint8(row), arn, "tagKeys=a&tagKeys=%ff", body)
		}
	}
	f.Fuzz(func(t *testing.T, row uint8, label, query, body string) {
		op := model.Operations()[int(row)%len(model.Operations())]
		request := httptest.NewRequest(op.Method, "/", strings.NewReader(body))
		request.URL.Path = strings.Replace(op.Path, "{resourceArn:.+}", label, 1)
		request.URL.RawQuery = query
		recorder := httptest.NewRecorder()
		e.ServeHTTP(recorder, request)

		exception := recorder.Header().Get("x-amzn-ErrorType")
		if recorder.Code == op.Status && exception == "" {
			return
		}
		for _, kind := range slices.Concat(op.Errors, common) {
			if exception == kind.Name && recorder.Code == kind.Status && kind.Status < http.StatusInternalServerError {
				return
			}
		}
		t.Errorf("%s answers %d %s %s to %q", op.Name, recorder.Code, exception, recorder.Body, body)
	})
}
