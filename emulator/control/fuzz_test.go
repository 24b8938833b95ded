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

// commonErrors are the exceptions that a body or a query can cause although no operation declares them.
var commonErrors = []ivschat.ExceptionType{
	ivschat.RequestEntityTooLarge, ivschat.UnknownOperationException, ivschat.MalformedHTTPRequest,
	ivschat.IncompleteSignature, ivschat.InvalidSignatureException,
}

// seedQueries are the queries of the seed corpus: with tags, with a mistake, and with a signature.
var seedQueries = []string{"tagKeys=a&tagKeys=%ff", "tagKeys=a&tagKeys=%", "X-Amz-Signature=a"}

// The resources of the seed corpus.
const (
	roomARN    = "arn:aws:ivschat:us-east-1:000000000000:room/abcdefghijkl"
	loggingARN = "arn:aws:ivschat:us-east-1:000000000000:logging-configuration/abcdefghijkl"
)

// seedBodies are the bodies of the seed corpus.
var seedBodies = []string{
	`{}`,
	`null`,
	`{"identifier":"` + roomARN + `"}`,
	`{"identifier":"` + loggingARN + `","name":"n"}`,
	`{"name":"n","maximumMessageLength":5,"maximumMessageRatePerSecond":1e2,"tags":{"k":"v"},` +
		`"messageReviewHandler":{"uri":""},"loggingConfigurationIdentifiers":["` + loggingARN + `"]}`,
	`{"destinationConfiguration":{"s3":{"bucketName":"abc"},"firehose":null},"tags":{}}`,
	`{"roomIdentifier":"` + roomARN + `","userId":"u","capabilities":["SEND_MESSAGE",null],` +
		`"sessionDurationInMinutes":180.0,"attributes":{"k":1}}`,
	`{"roomIdentifier":"` + roomARN + `","id":"abcdefghijkl","reason":"\ud800","eventName":"e"}`,
	`{"maxResults":0,"nextToken":"AAAA","name":""}`,
}

// FuzzEveryOperation sends every operation arbitrary bodies, and arbitrary ARNs and queries if it
// accepts them. No answer has a status of 500 or above or an exception that the operation does not
// declare.
func FuzzEveryOperation(f *testing.F) {
	e, err := emulator.New(emulator.Config{RoomQuota: 100})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Close() })
	operations := model.Operations()
	for i := range operations {
		for _, body := range seedBodies {
			f.Add(uint8(i), roomARN, seedQueries[0], body)
		}
		for _, query := range seedQueries[1:] {
			f.Add(uint8(i), roomARN, query, "{}")
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, arn, query, body string) {
		op := operations[int(i)%len(operations)]
		request := httptest.NewRequest(op.Method, "/", strings.NewReader(body))
		request.URL.Path = strings.Replace(op.Path, "{resourceArn:.+}", arn, 1)
		request.URL.RawQuery = query
		recorder := httptest.NewRecorder()
		e.ServeHTTP(recorder, request)

		exception := recorder.Header().Get("x-amzn-ErrorType")
		if recorder.Code == op.Status && exception == "" {
			return
		}
		for _, kind := range slices.Concat(op.Errors, commonErrors) {
			if exception == kind.Name && recorder.Code == kind.Status &&
				kind.Status < http.StatusInternalServerError {
				return
			}
		}
		t.Errorf("%s answers %q with %d %s %s", op.Name, body, recorder.Code, exception, recorder.Body)
	})
}
