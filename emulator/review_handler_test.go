package emulator_test

import (
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestTheAccountOfAFunctionIsCheckedOnlyInTheAccountThatIsSet(t *testing.T) {
	const room = `{"messageReviewHandler":{"uri":"arn:aws:lambda:us-east-1:111111111111:function:review"}}`
	standard, set := newEmulator(t, emulator.Config{}), newEmulator(t, emulator.Config{Account: "222222222222"})
	for _, test := range []struct {
		name   string
		status int
		got    int
	}{
		{"the default account", 200, call(standard, "CreateRoom", room).Code},
		{"a made-up account", 200, call(as("333333333333", standard), "CreateRoom", room).Code},
		{"the account that is set", 400, call(set, "CreateRoom", room).Code},
		{"the account that is set, as a key", 400, call(as("222222222222", set), "CreateRoom", room).Code},
		{"the account of the function", 200, call(as("111111111111", set), "CreateRoom", room).Code},
		{"a made-up account beside it", 200, call(as("333333333333", set), "CreateRoom", room).Code},
	} {
		if test.got != test.status {
			t.Errorf("%s: %d, want %d", test.name, test.got, test.status)
		}
	}
}
