package fault_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func TestThePointOfARequestHasOnlyWhatIsAnARNAndAUserID(t *testing.T) {
	const prefix = "arn:aws:ivschat:us-east-1:123456789012:room/"
	longest := prefix + strings.Repeat("a", 128-len(prefix))
	for _, test := range []struct {
		members      map[string]any
		room, userID string
	}{
		{map[string]any{"roomIdentifier": longest, "userId": strings.Repeat("é", 128)}, longest, strings.Repeat("é", 128)},
		{map[string]any{"identifier": prefix + "a"}, prefix + "a", ""},
		{map[string]any{"resourceArn": prefix + "a"}, prefix + "a", ""},
		{map[string]any{"roomIdentifier": longest + "a", "userId": strings.Repeat("é", 129)}, "", ""},
		{map[string]any{"roomIdentifier": "anna", "userId": 7}, "", ""},
		{map[string]any{"roomIdentifier": "anna", "identifier": prefix + "a"}, "", ""},
		{nil, "", ""},
	} {
		p := fault.OperationPoint("CreateChatToken", "123456789012", test.members)
		if p.Room != test.room || p.UserID != test.userID || p.Operation != "CreateChatToken" ||
			p.Account != "123456789012" {
			t.Errorf("%v: got %+v", test.members, p)
		}
	}
}
