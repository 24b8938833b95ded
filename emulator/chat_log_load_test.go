package emulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Each of many logging configurations has a record, and their destinations never answer.
func TestAResetEndsTheDeliveriesOfAThousandLoggingConfigurations(t *testing.T) {
	const configurations = 1000
	waiting, deliver := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		deliver()
		<-r.Context().Done()
	}))
	e := newEmulator(t, emulator.Config{AWSEndpoint: server.URL, LoggingConfigurationQuota: configurations})
	for i := range configurations {
		destination := []string{`"s3":{"bucketName":"bucket%d"}`, `"firehose":{"deliveryStreamName":"stream%d"}`}[i%2]
		configuration := create(t, e, "CreateLoggingConfiguration",
			fmt.Sprintf(`{"destinationConfiguration":{`+destination+`}}`, i))
		room := create(t, e, "CreateRoom", fmt.Sprintf(`{"loggingConfigurationIdentifiers":[%q]}`, configuration))
		post(t, e, "SendEvent", fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"said"}`, room))
	}
	e.ChatLogs().Flush(waiting, "") // until the first request is there
	began := time.Now()
	if err := e.Reset(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 9*time.Second { // a delivery may take 10 s
		t.Errorf("the reset took %s, so it has waited until the deliveries ended by themselves", took)
	}
	server.Close() // waits until all requests have ended, which only the reset does
	if left := e.ChatLogs().OwnStatus("", ivschat.ARN{}, ivschat.ARN{}); len(left) > 0 {
		t.Errorf("after the reset, %d logging configurations have records", len(left))
	}
}

// create calls an operation and returns the ARN of what it has created.
func create(t *testing.T, e *emulator.Emulator, operation, body string) string {
	t.Helper()
	var created struct{ ARN string }
	if err := json.Unmarshal([]byte(post(t, e, operation, body)), &created); err != nil {
		t.Fatal(err)
	}
	return created.ARN
}
