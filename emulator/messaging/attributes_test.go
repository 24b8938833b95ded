package messaging_test

import (
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/messaging"
)

func TestTheBytesOfTheKeysAndValuesOfAttributesAreCounted(t *testing.T) {
	attributes := map[string]string{"a": "bcd", "é": "🍳"} // 4 and 6 bytes
	if err := messaging.CheckAttributes(attributes, 10); err != nil {
		t.Errorf("10 bytes of 10: %v", err)
	}
	want := messaging.Error{Code: 413, Message: "Attributes must have at most 9 bytes"}
	if err := messaging.CheckAttributes(attributes, 9); err == nil || *err != want {
		t.Errorf("10 bytes of 9: %v, want %v", err, want)
	}
}
