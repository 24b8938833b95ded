package guides_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

func TestBlocksHaveTheirLanguageLineAndSection(t *testing.T) {
	text := "# Title\n```sh\na\nb\n```\n## One\n\n- x\n\n  ```js\n  c\n  ```\n\n### Part\n```\nd\n```\n"
	want := `[{sh 3  a
b
} {js 11 One   c
} { 16 One d
}]`
	if got := fmt.Sprint(guides.Blocks(text)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A recorder is a test that only notes what fails in it.
type recorder struct {
	testing.TB
	skipped  bool
	failures []string
	cleanup  func()
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanup = f }
func (r *recorder) Skipped() bool    { return r.skipped }
func (r *recorder) Failed() bool     { return len(r.failures) > 0 }
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestABlockThatATestDoesNotUseFailsIt(t *testing.T) {
	for name, each := range map[string]struct {
		use     func(*guides.Guide)
		skipped bool
		want    int // how many blocks are not used
	}{
		"none":                {use: func(*guides.Guide) {}, want: 2},
		"one":                 {use: func(g *guides.Guide) { g.Block("yaml", "rooms:") }, want: 1},
		"all":                 {use: func(g *guides.Guide) { g.Blocks("yaml"); g.Blocks("go") }, want: 0},
		"other languages":     {use: func(g *guides.Guide) { g.Blocks("sh") }, want: 2},
		"none, and a skipped": {use: func(*guides.Guide) {}, skipped: true, want: 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t, skipped: each.skipped}
			each.use(guides.Open(r, "internal/guides/testdata/guide.md", "yaml", "go"))
			r.cleanup()
			if len(r.failures) != each.want {
				t.Errorf("%d blocks are not used, want %d: %s", len(r.failures), each.want, r.failures)
			}
		})
	}
}

func TestAFileThatAGuideDoesNotHaveIsNoticed(t *testing.T) {
	r := &recorder{TB: t}
	g := guides.Open(r, "internal/guides/testdata/guide.md")
	g.HasFile("testdata/seed.yaml")
	g.IsIn("testdata/example.go.txt", "go", "room :=")
	if len(r.failures) > 0 {
		t.Errorf("the guide has the files, but: %s", r.failures)
	}
	g.HasFile("testdata/example.go.txt")
	g.IsIn("testdata/seed.yaml", "go", "room :=")
	if len(r.failures) != 2 || !strings.Contains(r.failures[0], "does not have the file") {
		t.Errorf("the guide does not have the files, but there are the failures %q", r.failures)
	}
}
