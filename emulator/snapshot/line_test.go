package snapshot_test

import "testing"

func TestTheLineOfAMistakeIsThatOfTheNameOfTheMember(t *testing.T) {
	for document, want := range map[string]string{
		"{\n\"version\": 1,\n\"rooms\":\n\n3}": "line 3: rooms: must be an array, but is 3",
		"{\"rooms\": [\n{\n\"id\":\n\n1}]}":    "line 3: rooms[0].id: must be 12 letters and digits, but is 1",
		"{\"rooms\": [{\"id\":\"abcdefghijkl\"},\n\n{\"id\":\"abcdefghijkm\",\"tags\":\n{\n\"a\":\n1}}]}": "line 5: rooms[1].tags[\"a\"]: must be a string, but is a number",
		"{\"version\": 1,\n\"rooms\": [],\n\n\"loggingConfigurations\"\n:\n\n\"x\"}":                      "line 4: loggingConfigurations: must be an array, but is \"x\"",
	} {
		if _, err := decode(document); err == nil || err.Error() != want {
			t.Errorf("%s\ngot  %v\nwant %s", document, err, want)
		}
	}
}
