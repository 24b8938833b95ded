package admin_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A faultLog is a log that calls a function when a fault is told.
type faultLog struct {
	slog.Handler
	told func()
}

// Handle implements slog.Handler.
func (l faultLog) Handle(_ context.Context, record slog.Record) error {
	if record.Message == "a fault fired" {
		l.told()
	}
	return nil
}

func TestAFaultThatBreaksAConnectionIsToldOnceAndWhenItIsBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e *emulatortest.Emulator
		told, broken := 0, false
		log := faultLog{slog.NewTextHandler(io.Discard, nil), func() {
			told++
			broken = e.Sessions("", ivschat.ARN{})[0].Broken()
		}}
		e = emulatortest.Start(t, emulator.Config{Logger: slog.New(log)})
		for point, action := range map[string]string{
			"SEND_MESSAGE": `{"Action":"SEND_MESSAGE","Content":"x"}`,
			"MESSAGE":      `{"Action":"SEND_MESSAGE","Content":"x"}`,
			"ERROR":        `{}`,
		} {
			for _, effect := range []string{`"close":4000`, `"reset":true`, `"silence":true`, `"close":1001,"delay":"1s"`} {
				told, broken = 0, false
				addFault(t, e, `{"operation":"`+point+`",`+effect+`}`)
				e.Connect(e.Room(), "anna", "SEND_MESSAGE").Send(action)
				waitForFault(t, e)
				synctest.Wait()
				if told != 1 || !broken {
					t.Errorf("%s %s: the fault was told %d times, and the connection was broken then: %v",
						point, effect, told, broken)
				}
				call(t, e, 204, "POST", "reset", "")
				synctest.Wait()
			}
		}
	})
}

func TestAnActionCanBeRefusedWithEveryErrorCode(t *testing.T) {
	e := emulatortest.Start(t)
	anna := e.Connect(e.Room(), "anna", "SEND_MESSAGE")
	for _, code := range []int{400, 401, 403, 404, 406, 413, 429, 500} {
		addFault(t, e, fmt.Sprintf(`{"operation":"SEND_MESSAGE","times":1,"error":%d}`, code))
		anna.SendMessage("x")
		if frame := anna.Receive(); frame.Type != "ERROR" || frame.ErrorCode != code || frame.ErrorMessage != "fault" {
			t.Errorf("received %+v, want the error %d", frame, code)
		}
	}
	anna.SendMessage("not refused")
	if frame := anna.Receive(); frame.Content != "not refused" {
		t.Errorf("received %+v", frame)
	}
}
