package emulatortest_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// The votes of a poll with 19 voters, as one of AWS's own demos sends them, have more than 1,024 bytes.
func TestTheSizeOfMessageAttributesIsASettingAndTheLogNamesItOnce(t *testing.T) {
	votes := map[string]string{"voters": strings.Repeat(`"d4e1f2a3-1111-4222-8333-444455556666":"yes",`, 23)}
	var log strings.Builder
	e := emulatortest.Start(t, emulator.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	anna := e.Connect(e.Room(), "anna", "SEND_MESSAGE")
	for range 2 {
		anna.SendMessageWithAttributes("vote", votes)
		if f := anna.Receive(); f.ErrorCode != 413 {
			t.Errorf("received %+v", f)
		}
	}
	if n := strings.Count(log.String(), "--message-attribute-bytes"); n != 1 {
		t.Errorf("the log names the setting %d times:\n%s", n, log.String())
	}

	e = emulatortest.Start(t, emulator.Config{MessageAttributeBytes: 4096})
	anna = e.Connect(e.Room(), "anna", "SEND_MESSAGE")
	anna.SendMessageWithAttributes("vote", votes)
	if f := anna.Receive(); f.Attributes["voters"] != votes["voters"] {
		t.Errorf("received %+v", f)
	}
}
