package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheListOfEquivalentMutantsIsValid(t *testing.T) {
	t.Parallel()
	if _, err := readEquivalent("equivalent.txt"); err != nil {
		t.Error(err)
	}
}

func TestAnEntryThatIsNotValidIsRefused(t *testing.T) {
	t.Parallel()
	const valid = "a/a.go T.f #2\n- x\n+ y\nThe reason\nhas two lines."
	for content, want := range map[string]string{
		valid:                              "",
		"# Only a comment.":                "",
		valid + "\n\n" + valid:             "twice",
		"a/a.go\n- x\n+ y\nThe reason.":    "the first line must be a file and a function",
		"a/a.go f #b\n- x\n+ y\nA reason.": `"#b" is not a number`,
		"a/a.go f\nThe reason.":            "the diff is missing",
		"a/a.go f\n- x\n+ y":               "the reason is missing",
	} {
		path := filepath.Join(t.TempDir(), "equivalent.txt")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readEquivalent(path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want %q", content, err, want)
		}
	}
}
