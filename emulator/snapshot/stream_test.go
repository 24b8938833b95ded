package snapshot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

func TestADocumentThatIsCutOffAnywhereIsRefused(t *testing.T) {
	text, err := os.ReadFile("testdata/version-1.json")
	if err != nil {
		t.Fatal(err)
	}
	complete := strings.TrimSpace(string(text))
	for end := range complete {
		_, err := snapshot.Decode(strings.NewReader(complete[:end]), defaults)
		if err == nil || !strings.HasSuffix(err.Error(), "the document is not valid JSON: it ends too early") {
			t.Errorf("%s: %v", complete[:end], err)
		}
	}
}

func TestWhiteSpaceBetweenValuesDoesNotCountForTheirLength(t *testing.T) {
	space := strings.Repeat(" ", 1<<20+1)
	resources, err := decode(`{"rooms": [{"name": "a"},` + space + `{"name": "b"}` + space + `]}`)
	if err != nil || len(resources.Rooms) != 2 {
		t.Errorf("%d rooms, %v", len(resources.Rooms), err)
	}
}

func TestAResourceAndANameHaveAtMost1MiB(t *testing.T) {
	const tooLong = "line 1: a resource, or another value, has more than 1048576 bytes of JSON, which is the maximum"
	for _, test := range []struct {
		document string // with FILL in a value or a name
		length   int    // of the value or the name, without FILL
		message  string // if the length is 1 MiB
	}{
		{`{"rooms": [{"name": "a"FILL}]}`, len(`{"name": "a"}`), ""},
		{`{"$schema": "FILL"}`, len(`""`), ""},
		{`{"FILL": 1}`, len(`""`), "is not a member of the document"},
	} {
		for length, want := range map[int]string{1 << 20: test.message, 1<<20 + 1: tooLong} {
			fill := strings.Repeat(" ", length-test.length)
			_, err := decode(strings.Replace(test.document, "FILL", fill, 1))
			if got := fmt.Sprint(err); !strings.Contains(got, want) || (err == nil) != (want == "") {
				t.Errorf("%s with %d bytes: %.200s, want %q", test.document, length, got, want)
			}
		}
	}
}

func TestStringsAreDecodedAsEncodingJSONDoes(t *testing.T) {
	for _, text := range []string{
		`""`, `"a b"`, `"é"`, `"a\"b"`, `"\""`, `"\\"`, `"a\\\"b"`, `"\n\t\/"`, `"\u00e9\ud83d\ude00"`, `"\ud83d"`,
		"\"\x7f\"", "\"a\xffb\"", `"{[,:]}"`,
	} {
		var want string
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		resources, err := snapshot.Decode(strings.NewReader(`{"version": 1, "loggingConfigurations": [],
			"rooms": [{"id": "RoomNumber01", "tags": {"value": `+text+`, "key `+text[1:]+`: ""}}]}`), defaults)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		tags := resources.Rooms[0].Tags
		if value := tags["value"]; value != want {
			t.Errorf("%s: got %q, want %q", text, value, want)
		}
		if _, ok := tags["key "+want]; !ok {
			t.Errorf("%s: the tags are %q, without the key %q", text, tags, "key "+want)
		}
	}
}

func TestASnapshotWithoutAMemberThatEverySnapshotHasIsRefused(t *testing.T) {
	for document, missing := range map[string]string{
		`{}`: "version",
		`{"rooms": [], "time": "2026-01-31T12:00:00Z"}`: "version",
		`{"version": 1, "rooms": []}`:                   "loggingConfigurations",
		`{"version": 1, "loggingConfigurations": []}`:   "rooms",
	} {
		_, err := snapshot.Decode(strings.NewReader(document), defaults)
		if want := "line 1: the document: must have the members version, loggingConfigurations, rooms, as every " +
			"snapshot does, but has no " + missing; err == nil || err.Error() != want {
			t.Errorf("%s\ngot  %v\nwant %s", document, err, want)
		}
		if _, err := decode(document); err != nil {
			t.Errorf("as a seed, %s is refused: %v", document, err)
		}
	}
}

func TestObjectsAndArraysCountForTheDepthOfADocument(t *testing.T) {
	for name, brackets := range map[string][2]string{
		"arrays": {"[", "]"}, "objects": {`{"a":`, "}"}, "both": {`[{"a":`, "}]"},
	} {
		levels := strings.Count(brackets[0], "[") + strings.Count(brackets[0], "{")
		for depth, tooDeep := range map[int]bool{96: false, 102: true, 100_002: true} {
			repeat := depth / levels
			for _, document := range []string{
				strings.Repeat(brackets[0], repeat) + "7" + strings.Repeat(brackets[1], repeat),
				`{"rooms": [{"tags": ` + strings.Repeat(brackets[0], repeat) + "7" + strings.Repeat(brackets[1], repeat) + "}]}",
			} {
				_, err := decode(document)
				if err == nil || strings.Contains(err.Error(), "nested at most 100 levels deep") != tooDeep {
					t.Errorf("%s %d levels deep: %.200v", name, depth, err)
				}
			}
		}
	}
}

func TestJSONAndYAMLMayBeNested100LevelsDeepEverywhere(t *testing.T) {
	for _, outer := range []struct{ begin, end string }{
		{"", ""}, {`{"version": `, "}"}, {`{"rooms": [`, "]}"}, {`{"rooms": [{"tags": `, "}]}"},
		{`{"rooms": [{"name": "a", "loggingConfigurationIdentifiers": [], "tags": {"a": `, "}}]}"},
	} {
		for _, inner := range []struct{ begin, end string }{{"[", "]"}, {`{"a": `, "}"}} {
			for depth, tooDeep := range map[int]bool{100: false, 101: true} {
				n := depth - len(outer.end)
				document := outer.begin + strings.Repeat(inner.begin, n) + "7" + strings.Repeat(inner.end, n) + outer.end
				for _, begin := range []string{"", "# YAML\n"} {
					_, err := decodeSeed(begin + document)
					if err == nil ||
						strings.HasSuffix(err.Error(), ": the document must be nested at most 100 levels deep") != tooDeep {
						t.Errorf("%s%s, %d levels deep: %v", begin, document, depth, err)
					}
				}
			}
		}
	}
}

func TestRoomsMayComeBeforeTheLoggingConfigurationsToWhichTheyRefer(t *testing.T) {
	const (
		rooms = `"rooms": [{"name": "a"}, {"name": "b", "loggingConfigurationIdentifiers": ["logs"]},
			{"name": "c"}, {"name": "d", "loggingConfigurationIdentifiers": ["logs"]}]`
		configurations = `"loggingConfigurations": [
			{"name": "logs", "destinationConfiguration": {"s3": {"bucketName": "logs"}}}]`
	)
	before, err := decode("{" + rooms + "," + configurations + "}")
	if err != nil {
		t.Fatal(err)
	}
	after, err := decode("{" + configurations + "," + rooms + "}")
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("%+v\n%+v: %v", before, after, err)
	}
	if len(before.Rooms) != 4 || before.Rooms[3].LoggingConfigurationIdentifiers == nil {
		t.Errorf("the rooms are %+v", before.Rooms)
	}
}

// An endless reader returns a text, and then another one again and again.
type endless struct {
	text, again string
	count       int // of bytes that were read
}

func (e *endless) Read(buffer []byte) (int, error) {
	if e.text == "" {
		e.text = e.again
	}
	n := copy(buffer, e.text)
	e.text = e.text[n:]
	e.count += n
	return n, nil
}

func TestADocumentIsReadNoFurtherThanToItsFirstMistake(t *testing.T) {
	for _, test := range []struct{ text, again, message string }{
		{`{"rooms": [7`, `,7`, "must be an object"},
		{`{"rooms": [`, `[`, "nested at most"},
		{`{"rooms": [[`, `[],`, "more than 1048576 bytes"},
		{`{"rooms": [{"name": "`, `a`, "more than 1048576 bytes"},
		{`{"version": `, `1`, "more than 1048576 bytes"},
		{`{"`, `a`, "more than 1048576 bytes"},
		{`{"version": 1`, `, "version": 1`, "is a duplicate"},
		{`{"colour": 1`, `, "colour": 1`, "is not a member"},
		{`[`, `{},`, "more than 1048576 bytes"},
		{`{} `, `x`, "more text after"},
	} {
		document := &endless{text: test.text, again: test.again}
		_, err := snapshot.Decode(document, defaults)
		if err == nil || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%s: %v, want %s", test.text, err, test.message)
		}
		if document.count > 2<<20 {
			t.Errorf("%s: %d bytes were read", test.text, document.count)
		}
	}
}

func TestADocumentHasAtMost100000Resources(t *testing.T) {
	const configuration = `{"name": "logs", "destinationConfiguration": {"s3": {"bucketName": "logs"}}}`
	for _, test := range []struct {
		begin, room string
		index       int // of the first room that is too many
	}{
		{`{"loggingConfigurations": [` + configuration + "],\n" + `"rooms": [`, `{"name": "%d"}`, 99_999},
		{"{\n" + `"rooms": [`, `{"name": "%d", "loggingConfigurationIdentifiers": []}`, 100_000}, // they wait
	} {
		rooms := make([]string, 100_001)
		for i := range rooms {
			rooms[i] = fmt.Sprintf(test.room, i)
		}
		_, err := decode(test.begin + strings.Join(rooms, ",\n") + "]}")
		want := fmt.Sprintf("line %d: rooms[%d]: a document can have at most 100000 resources: use one for each account",
			test.index+2, test.index)
		if err == nil || err.Error() != want {
			t.Errorf("%s...\ngot  %.300v\nwant %s", test.begin, err, want)
		}
	}
}

func TestAnErrorOfTheReaderIsReturned(t *testing.T) {
	broken := errors.New("broken")
	for _, text := range []string{"", " ", "{", `{"version": 1`, `{"rooms": [{"name": "a"}`, `{"rooms": ["`, `{} `} {
		in := io.MultiReader(strings.NewReader("\n"+text), failing{broken})
		_, err := snapshot.Decode(in, defaults)
		if want := "line 2: the document cannot be read: broken"; !errors.Is(err, broken) || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestTheYear1970IsATime(t *testing.T) {
	resources, err := decode(`{"time": "1970-01-01T00:00:00Z",
		"rooms": [{"name": "lobby", "createTime": "1970-01-01T00:00:00Z", "updateTime": "1970-01-01T00:00:00.5Z"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	room := resources.Rooms[0]
	if !room.CreateTime.Equal(time.Unix(0, 0)) || !room.UpdateTime.Equal(time.Unix(0, 5e8)) {
		t.Errorf("the times are %v and %v", room.CreateTime, room.UpdateTime)
	}
}

// The nodes of a resource are used again for the next one.
func TestAResourceHasNothingOfTheOneBefore(t *testing.T) {
	tags := `"t": "1"`
	for i := range 49 { // with more values than are used again
		tags += fmt.Sprintf(`, "t%d": "v"`, i)
	}
	var rooms, alone []string
	for i, members := range []string{
		`"tags": {` + tags + `}, "maximumMessageLength": 7, "maximumMessageRatePerSecond": 3`,
		`"maximumMessageLength": null`, `"tags": {"t": "2"}`, `"tags": {}`, `"account": "999999999999"`,
		`"messageReviewHandler": {"fallbackResult": "DENY"}, "updateTime": "2030-01-02T03:04:05Z"`, `"region": "eu-west-1"`,
	} {
		room := fmt.Sprintf(`{"name": "room%d", %s}`, i, members)
		rooms = append(rooms, room)
		r, err := snapshot.DecodeSeed([]byte(`{"rooms": [`+room+`]}`), defaults)
		if err != nil {
			t.Fatal(err)
		}
		alone = append(alone, fmt.Sprintf("%+v", r.Rooms[0].Tags)+string(snapshot.Encode(r, defaults.Now)))
	}
	together, err := snapshot.DecodeSeed([]byte(`{"rooms": [`+strings.Join(rooms, ",")+`]}`), defaults)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range together.Rooms {
		one := ivschat.Resources{Rooms: []ivschat.Room{r}}
		if got := fmt.Sprintf("%+v", r.Tags) + string(snapshot.Encode(one, defaults.Now)); got != alone[i] {
			t.Errorf("got  %s\nwant %s", got, alone[i])
		}
	}
}
