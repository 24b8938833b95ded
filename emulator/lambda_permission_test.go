package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// functionOf returns the ARN of a function.
func functionOf(name string) string { return "arn:aws:lambda:us-east-1:000000000000:function:" + name }

// handlerOf returns the member of a request that sets a message review handler.
func handlerOf(name string) string {
	return `"messageReviewHandler":{"uri":"` + functionOf(name) + `"}`
}

// policyServer answers GetPolicy: the rooms of the account may use the function "public", and only one room
// "private". It counts its requests.
func policyServer(t *testing.T, room *atomic.Value) (url string, requests *atomic.Int32) {
	requests = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		function := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/2015-03-31/functions/"), "/policy")
		source := map[string]string{
			functionOf("public"):  "arn:aws:ivschat:us-east-1:000000000000:room/*",
			functionOf("private"): room.Load().(string),
		}[function]
		switch {
		case function == functionOf("broken"):
			w.WriteHeader(http.StatusServiceUnavailable)
		case source == "":
			w.Header().Set("X-Amzn-ErrorType", "ResourceNotFoundException")
			w.WriteHeader(http.StatusNotFound)
		default:
			policy := `{"Statement":[{"Effect":"Allow","Principal":{"Service":"ivschat.amazonaws.com"},` +
				`"Action":"lambda:InvokeFunction","Resource":"` + function + `",` +
				`"Condition":{"ArnLike":{"AWS:SourceArn":"` + source + `"}}}]}`
			w.Write([]byte(`{"Policy":"` + strings.ReplaceAll(policy, `"`, `\"`) + `"}`))
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func TestAFunctionThatIVSChatMayNotInvokeIsRefused(t *testing.T) {
	var log logBuffer
	var permitted atomic.Value
	permitted.Store("")
	url, requests := policyServer(t, &permitted)
	e := newEmulator(t, emulator.Config{
		LambdaEndpoint: url, LambdaPermission: emulator.CheckPermission, Logger: log.logger(),
		ReviewHandler: []string{functionOf("elsewhere") + "=http://127.0.0.1:1"},
	})
	room := createRoom(t, e, "{"+handlerOf("public")+"}")
	permitted.Store(room)
	const refused = `"message":"Request member: uri failed to satisfy the constraints: invalid lambda permission"`
	for _, test := range []struct {
		operation, members string
		status             int
		body               string
		asked              int32
	}{
		{"CreateRoom", handlerOf("public"), 200, "public", 1},
		{"CreateRoom", handlerOf("private"), 400, refused, 1},
		{"CreateRoom", handlerOf("nobodys"), 400, refused, 1},
		{"CreateRoom", handlerOf("elsewhere"), 200, "elsewhere", 0},
		{"CreateRoom", `"messageReviewHandler":{"uri":""}`, 200, `"uri":""`, 0},
		{"CreateRoom", `"name":"none"`, 200, "none", 0},
		{"CreateRoom", strings.Replace(handlerOf("public"), "us-east-1", "eu-west-1", 1), 400, "in the region", 0},
		{"UpdateRoom", handlerOf("private"), 200, "private", 1}, // the room exists, so a policy can name it
		{"UpdateRoom", handlerOf("nobodys"), 400, refused, 1},
		{"UpdateRoom", `"name":"other"`, 200, functionOf("private"), 0},
		{"UpdateRoom", `"messageReviewHandler":{"fallbackResult":"DENY"}`, 200, "DENY", 0},
		{"UpdateRoom", `"messageReviewHandler":{"uri":""}`, 200, `"uri":""`, 0},
		{"UpdateRoom", handlerOf("broken"), 500, "Internal error", 1},
	} {
		before := requests.Load()
		body := "{" + test.members + "}"
		if test.operation == "UpdateRoom" {
			body = `{"identifier":"` + room + `",` + test.members + "}"
		}
		got := call(e, test.operation, body)
		if got.Code != test.status || !strings.Contains(got.Body.String(), test.body) ||
			requests.Load()-before != test.asked {
			t.Errorf("%s with %s: %d %s after %d requests", test.operation, test.members, got.Code, got.Body,
				requests.Load()-before)
		}
	}
	before := requests.Load()
	unknown := `{"identifier":"` + room[:len(room)-12] + `nosuchroom00",` + handlerOf("nobodys") + "}"
	if got := call(e, "UpdateRoom", unknown); got.Code != 404 || requests.Load() != before {
		t.Errorf("UpdateRoom of an unknown room: %d %s after %d requests", got.Code, got.Body, requests.Load()-before)
	}
	if why := "the Lambda endpoint " + url + " did not tell the policy of the function " + functionOf("broken") +
		" (status 503)"; !strings.Contains(log.String(), why) {
		t.Errorf("the log does not have %s:\n%s", why, log.String())
	}
}

func TestPermissionsAreNotCheckedByDefault(t *testing.T) {
	var permitted atomic.Value
	permitted.Store("")
	url, requests := policyServer(t, &permitted)
	for _, permission := range []string{"", emulator.IgnorePermission} {
		e := newEmulator(t, emulator.Config{LambdaEndpoint: url, LambdaPermission: permission})
		post(t, e, "CreateRoom", "{"+handlerOf("nobodys")+"}")
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("the server was asked %d times", n)
	}
}

func TestAReviewHandlerThatCannotBeUsedIsNamed(t *testing.T) {
	_, err := emulator.New(emulator.Config{ReviewHandler: []string{"*=command:/no/such/program"}})
	if err == nil || !strings.Contains(err.Error(), `the review handler "*=command:/no/such/program": `) {
		t.Errorf("got %v", err)
	}
}
