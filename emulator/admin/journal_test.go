package admin_test

import (
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestARequestThatWaitsForFramesGetsThemWhenTheyAreSent(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	path := "rooms/" + room + "/frames"
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	answered := make(chan map[string]any)
	go func() {
		answered <- call(t, e, 200, "GET", path+"?after=0&count=3&timeout=10s&direction=out", "")
	}()
	for range 3 {
		anna.SendMessage("hi")
		anna.Receive()
	}
	if answer := <-answered; len(answer["frames"].([]any)) != 3 || answer["complete"] != true {
		t.Errorf("answered %v", answer)
	}
	answer := call(t, e, 200, "GET", path+"?after=0&count=4&timeout=1ms&direction=out", "")
	if len(answer["frames"].([]any)) != 3 || answer["complete"] != false {
		t.Errorf("answered %v", answer)
	}
}
