package guides

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Generate fails the test unless a part of a document is what is generated for it. The part is between the comments
// <!-- generated: NAME --> and <!-- end: NAME -->. With update, it is written instead.
func Generate(t testing.TB, path, name, want string, update bool) {
	t.Helper()
	begin, end := "<!-- generated: "+name+" -->\n", "\n<!-- end: "+name+" -->"
	before, rest, hasBegin := strings.Cut(Read(t, path), begin)
	got, after, hasEnd := strings.Cut(rest, end)
	if !hasBegin || !hasEnd {
		t.Fatalf("%s does not have the comments %s and %s", path, begin, end)
	}
	want = "\n" + strings.TrimSpace(want) + "\n"
	if got == want {
		return
	}
	if !update {
		t.Fatalf("%s is not current: run make docs", path)
	}
	text := before + begin + want + end + after
	if err := os.WriteFile(filepath.Join(Root(t), path), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
