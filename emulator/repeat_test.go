package emulator_test

import (
	"regexp"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestTheSameSeedMakesTheSameIDs(t *testing.T) {
	run := func(seed uint64) (answers string) {
		e := newEmulator(t, emulator.Config{RandomSeed: seed})
		if e.RandomSeed() != seed {
			t.Errorf("the seed is %d, want %d", e.RandomSeed(), seed)
		}
		for range 3 {
			answers += post(t, e, "CreateRoom", "{}")
		}
		return regexp.MustCompile(`"(create|update)Time":"[^"]*"`).ReplaceAllString(answers, "")
	}
	first, again := run(7), run(7)
	if first != again {
		t.Error("the same seed made other IDs")
	}
	if first == run(8) {
		t.Error("another seed made the same IDs")
	}
}

func TestAnotherRunWithTheSameSeedMakesIDsThatAreNotStoredYet(t *testing.T) {
	config := emulator.Config{DataDir: t.TempDir(), RandomSeed: 7}
	for range 3 {
		e := newEmulator(t, config)
		post(t, e, "CreateRoom", "{}")
		post(t, e, "CreateLoggingConfiguration", `{"destinationConfiguration":{"s3":{"bucketName":"abc"}}}`)
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := newEmulator(t, config).Resources(t.Context(), "")
	if err != nil || len(stored.Rooms) != 3 || len(stored.LoggingConfigurations) != 3 {
		t.Errorf("stored are %+v: %v", stored, err)
	}
}

func TestMessagesOfAnotherRunHaveOtherIDs(t *testing.T) {
	config := emulator.Config{DataDir: t.TempDir(), RandomSeed: 7}
	var room string
	seen := map[string]bool{}
	for range 3 {
		e := newEmulator(t, config)
		if room == "" {
			room = createRoom(t, e, "{}")
		}
		for range 5 {
			id := post(t, e, "SendEvent", `{"roomIdentifier":"`+room+`","eventName":"e"}`)
			if seen[id] {
				t.Errorf("%s was the ID of an earlier event", id)
			}
			seen[id] = true
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
