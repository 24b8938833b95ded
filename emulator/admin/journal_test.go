package admin_test

import (
	"strings"
	"testing"
	"testing/synctest"

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
	if answer := <-answered; len(answer["items"].([]any)) != 3 || answer["complete"] != true {
		t.Errorf("answered %v", answer)
	}
	answer := call(t, e, 200, "GET", path+"?after=0&count=4&timeout=1ms&direction=out", "")
	if len(answer["items"].([]any)) != 3 || answer["complete"] != false {
		t.Errorf("answered %v", answer)
	}
}

func TestFramesOfARoomThatDoesNotExistAre404(t *testing.T) {
	e := emulatortest.Start(t)
	const absent = "arn:aws:ivschat:us-east-1:123456789012:room/absentabsent"
	for _, path := range []string{"rooms/" + absent + "/frames", "events?room=" + absent, "rooms/" + absent} {
		if message := errorMessage(t, e, 404, "GET", path, ""); !strings.Contains(message, absent) {
			t.Errorf("%s: %s", path, message)
		}
	}
	if items := list(t, e, "rooms/"+e.Room()+"/frames"); len(items) != 0 { // exists, but has no frames
		t.Errorf("the frames are %v", items)
	}
}

func TestFramesOfADeletedRoomCanStillBeRead(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	anna.SendMessage("hi")
	anna.Receive()
	if r := request(t, e, "POST", "/DeleteRoom", `{"identifier":"`+room+`"}`,
		"Authorization", "AWS4-HMAC-SHA256 Credential=123456789012/20260131/us-east-1/ivschat/aws4_request, SignedHeaders=host, Signature=00",
	); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if items := list(t, e, "rooms/"+room+"/frames"); len(items) != 2 {
		t.Errorf("the frames are %v", items)
	}
	e.Journal().Forget("") // so only the open session is left
	if items := list(t, e, "rooms/"+room+"/frames"); len(items) != 0 {
		t.Errorf("the frames are %v", items)
	}
}

func TestAWaitThatRanOutSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		e.Room()
		for query, want := range map[string]string{
			"after=0&count=3":            "after 10s: there are 1 of the 3 entries after 0; the journal's last entry is 1",
			"after=0&count=3&timeout=1m": "after 1m0s: there are 1 of the 3 entries after 0; the journal's last entry is 1",
			"after=7&count=1&timeout=2s": "after 2s: there are 0 of the 1 entries after 7; the journal's last entry is 1",
			"timeout=2s&count=2":         "after 2s: there are 1 of the 2 entries after 0; the journal's last entry is 1",
		} {
			answer := call(t, e, 200, "GET", "calls?"+query, "")
			if answer["timedOut"] != true || answer["complete"] != false || answer["message"] != want {
				t.Errorf("%s: %v", query, answer)
			}
		}
		for _, query := range []string{"", "count=3", "after=0", "after=0&count=3&timeout=0s", "after=0&count=1"} {
			answer := call(t, e, 200, "GET", "calls?"+query, "")
			if answer["timedOut"] != false || answer["message"] != nil {
				t.Errorf("%s: %v", query, answer)
			}
		}
	})
}

func TestAWaitThatTheEndOfTheEmulatorEndsSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.Start(t)
		answered := make(chan map[string]any)
		go func() { answered <- call(t, e, 200, "GET", "calls?after=0&count=3", "") }()
		synctest.Wait()
		if err := e.Emulator.Close(); err != nil {
			t.Error(err)
		}
		answer := <-answered
		want := "the emulator stops: there are 0 of the 3 entries after 0; the journal's last entry is 0"
		if answer["timedOut"] != false || answer["message"] != want {
			t.Errorf("answered %v", answer)
		}
	})
}
