package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestAKnownPathWithAnotherMethodIsNotAllowed(t *testing.T) {
	e := emulatortest.Start(t)
	for _, route := range []string{
		"PUT clock", "DELETE clock", "PUT faults", "POST calls", "PUT calls", "POST snapshot", "GET reset",
		"DELETE reset", "GET tokens/inspect", "PUT events", "POST metrics", "PATCH rooms", "PUT faults/1",
	} {
		method, path, _ := strings.Cut(route, " ")
		message := errorMessage(t, e, 405, method, path, "")
		if !strings.Contains(message, "does not support "+method) {
			t.Errorf("%s: %s", route, message)
		}
	}
}

func TestTheAdminAPIIsServedAtItsOwnAddressOrAtTheMainOneOrNotAtAll(t *testing.T) {
	for listen, want := range map[string][2]int{
		"": {200, 200}, "127.0.0.1:0": {404, 200}, emulator.AdminOff: {404, 0},
	} {
		t.Run(listen, func(t *testing.T) {
			e, err := emulator.New(emulator.Config{AdminListen: listen})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if err := e.Start(); err != nil {
				t.Fatal(err)
			}
			if got := [2]int{clockStatus(t, e.URL()), clockStatus(t, e.AdminURL())}; got != want {
				t.Errorf("statuses %v, want %v", got, want)
			}
		})
	}
}

// clockStatus returns the status of a request for the clock, or 0 if there is no URL.
func clockStatus(t *testing.T, url string) int {
	t.Helper()
	if url == "" {
		return 0
	}
	r, err := http.Get(url + admin.Prefix + "clock")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	return r.StatusCode
}
