package emulator_test

import (
	"regexp"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestTheSameSeedMakesTheSameIDs(t *testing.T) {
	run := func(seed uint64) (said string) {
		e, err := emulator.New(emulator.Config{RandomSeed: seed})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		if e.RandomSeed() != seed {
			t.Errorf("it began from %d", e.RandomSeed())
		}
		for range 3 {
			said += post(t, e, "/CreateRoom", "{}")
		}
		return regexp.MustCompile(`"(create|update)Time":"[^"]*"`).ReplaceAllString(said, "")
	}
	first, again := run(7), run(7)
	if first != again {
		t.Error("the same seed made other ids")
	}
	if first == run(8) {
		t.Error("another seed made the same ids")
	}
}

func TestASeedThatIsUsedAgainFindsOtherIDsThanThoseThatAreKept(t *testing.T) {
	config := emulator.Config{DataDir: t.TempDir(), RandomSeed: 7}
	for range 3 {
		e, err := emulator.New(config)
		if err != nil {
			t.Fatal(err)
		}
		post(t, e, "/CreateRoom", "{}")
		post(t, e, "/CreateLoggingConfiguration", `{"destinationConfiguration":{"s3":{"bucketName":"abc"}}}`)
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	e, err := emulator.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if there, err := e.Resources(t.Context(), ""); err != nil || len(there.Rooms) != 3 || len(there.LoggingConfigurations) != 3 {
		t.Errorf("%+v: %v", there, err)
	}
}

func TestMessagesOfAnotherRunHaveOtherIDs(t *testing.T) {
	config := emulator.Config{DataDir: t.TempDir(), RandomSeed: 7}
	var room string
	seen := map[string]bool{}
	for range 3 {
		e, err := emulator.New(config)
		if err != nil {
			t.Fatal(err)
		}
		if room == "" {
			room = regexp.MustCompile(`arn:[^"]*`).FindString(post(t, e, "/CreateRoom", "{}"))
		}
		for range 5 {
			id := post(t, e, "/SendEvent", `{"roomIdentifier":"`+room+`","eventName":"e"}`)
			if seen[id] {
				t.Errorf("%s was there before", id)
			}
			seen[id] = true
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
