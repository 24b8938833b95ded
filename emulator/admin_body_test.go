package emulator_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func TestABodyThatTheAdminAPIDoesNotTakeIsRefusedEvenIfItIsNotComplete(t *testing.T) {
	n := serveOverTCP(t, emulator.Config{})
	if _, err := n.Faults().Add(fault.Rule{Operation: "GetRoom", Effect: fault.ReturnStatus{Status: 500}}); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"it does not arrive":  "Content-Length: 10\r\n\r\n",
		"its chunk is broken": "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		response, text := n.sendRaw(t, "DELETE /_ivschat/v1/faults HTTP/1.1\r\nHost: localhost\r\n"+body)
		if response.StatusCode != 400 || !strings.Contains(text, "takes no body") {
			t.Errorf("%s: %s %s", name, response.Status, text)
		}
	}
	if len(n.Faults().Rules("")) != 1 {
		t.Error("the fault was removed")
	}
}
