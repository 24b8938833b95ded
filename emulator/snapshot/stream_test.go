package snapshot_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

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

func TestASnapshotWithoutAMemberThatEverySnapshotHasIsRefused(t *testing.T) {
	for document, missing := range map[string]string{
		`{}`: "version",
		`{"rooms": [], "time": "2026-01-31T12:00:00Z"}`: "version",
		`{"version": 1, "rooms": []}`:                   "loggingConfigurations",
		`{"version": 1, "loggingConfigurations": []}`:   "rooms",
	} {
		_, err := snapshot.Decode(strings.NewReader(document), defaults)
		if err == nil || !strings.HasSuffix(err.Error(), "but has no "+missing) {
			t.Errorf("%s: %v", document, err)
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

func TestJSONAndYAMLMayBeNestedEquallyDeep(t *testing.T) {
	for depth, tooDeep := range map[int]bool{100: false, 101: true} {
		for _, begin := range []string{"", "# YAML\n"} {
			_, err := decodeSeed(begin + strings.Repeat("[", depth) + strings.Repeat("]", depth))
			if err == nil || strings.Contains(err.Error(), "nested at most 100 levels deep") != tooDeep {
				t.Errorf("%s%d levels deep: %v", begin, depth, err)
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

func TestADocumentHasALimitedNumberOfResources(t *testing.T) {
	items := make([]string, 100_001)
	for i := range items {
		items[i] = fmt.Sprintf(`{"name":"%d"}`, i)
	}
	_, err := decode(`{"rooms":[` + strings.Join(items, ",\n") + `]}`)
	if want := "line 100001: rooms[100000]: a document can have at most 100000 resources"; err == nil ||
		!strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestAnErrorOfTheReaderIsReturned(t *testing.T) {
	broken := errors.New("broken")
	for _, text := range []string{"", " ", "{", `{"version": 1`, `{"rooms": [{"name": "a"}`, `{"rooms": ["`, `{} `} {
		in := io.MultiReader(strings.NewReader(text), failing{broken})
		if _, err := snapshot.Decode(in, defaults); !errors.Is(err, broken) {
			t.Errorf("%s: %v", text, err)
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
