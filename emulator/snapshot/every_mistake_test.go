package snapshot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

const severalMistakes = `rooms:
  - {name: a room, region: EU}
  - {name: lobby, loggingConfigurationIdentifiers: [logs, other]}
  - {name: stage, maximumMessageRatePerSecond: 101, colour: red}
  - {id: RoomNumber01}
  - {id: RoomNumber01}
loggingConfigurations:
  - {name: logs}
  - {id: short, destinationConfiguration: {s3: {bucketName: logs}}}
  - {id: short, destinationConfiguration: {s3: {bucketName: logs}}}
`

func TestTheErrorOfASeedHasAllMistakesInTheOrderOfTheirLines(t *testing.T) {
	want := []string{
		`line 2: rooms[0].region: must be a region such as us-east-1, but is "EU"`,
		`line 2: rooms[0].name: ` + nameExpected + `"a room"`,
		`line 3: rooms[1].loggingConfigurationIdentifiers: there is no logging configuration with the name "other" ` +
			"in account 000000000000 and region us-east-1: add it to loggingConfigurations",
		`line 4: rooms[2].colour: ` + membersOfARoom,
		`line 4: rooms[2].maximumMessageRatePerSecond: must be between 1 and 100, but is 101`,
		`line 6: rooms[4]: is a duplicate of rooms[3]: both are ` +
			`arn:aws:ivschat:us-east-1:000000000000:room/RoomNumber01; remove one or change its id`,
		`line 8: loggingConfigurations[0].destinationConfiguration: is required`,
		`line 9: loggingConfigurations[1].id: must be 12 letters and digits, but is "short"`,
		`line 10: loggingConfigurations[2].id: must be 12 letters and digits, but is "short"`, // but no duplicate
	}
	_, err := snapshot.DecodeSeed([]byte(severalMistakes), defaults)
	if got := fmt.Sprint(err); got != strings.Join(want, "; ") {
		t.Errorf("got\n%s\nwant\n%s", strings.ReplaceAll(got, "; ", "\n"), strings.Join(want, "\n"))
	}
}

func TestTheErrorOfASeedHasAtMost20Mistakes(t *testing.T) {
	for _, count := range []int{19, 20, 1000} {
		for form, begin := range map[string]string{"JSON": `{"rooms": [0`, "YAML": "rooms: [0"} {
			document := begin + strings.Repeat(",\n0", count-1) + "]" + strings.Repeat("}", strings.Count(begin, "{"))
			_, err := snapshot.DecodeSeed([]byte(document), defaults)
			got := strings.Split(fmt.Sprint(err), "; ")
			want := min(count, 20)
			hasMore := got[len(got)-1] == "there may be more mistakes after these"
			if hasMore != (count >= 20) {
				t.Errorf("%s with %d mistakes: the last one is %s", form, count, got[len(got)-1])
			}
			if hasMore {
				want++
			}
			if len(got) != want || got[0] != "line 1: rooms[0]: must be an object, but is 0" {
				t.Errorf("%s with %d mistakes: the error has %d: %v", form, count, len(got), got)
			}
		}
	}
}

func TestTheErrorOfASeedEndsWithWhatMakesItNoJSON(t *testing.T) {
	_, err := snapshot.DecodeSeed([]byte("{\"rooms\": [0,\n0"), defaults)
	const want = "line 1: rooms[0]: must be an object, but is 0; line 2: rooms[1]: must be an object, but is 0; " +
		"line 2: the document is not valid JSON: it ends too early"
	if fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
