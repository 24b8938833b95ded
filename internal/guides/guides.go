// Package guides gives tests the examples in the documentation, for tests.
//
// A test that opens a document has to use each of its blocks of code in the languages that it names, and fails
// otherwise. The tests of this package require that some test opens every document for each language in it. So an
// example without a test is noticed.
package guides

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A Block is a block of code in a document.
type Block struct {
	Language string // the word after ```, such as sh
	Line     int    // the number of its first line of code in the document
	Section  string // the nearest heading of the second level above it, or ""
	Code     string // its lines, the last one with its newline
}

// A Guide is a document with the blocks that a test has to use.
type Guide struct {
	t         testing.TB
	path      string
	text      string
	languages []string
	used      map[int]bool // by line
}

// Open reads a document, such as docs/faults.md. At its end, the test fails if it has not used each block of code in
// one of the languages, unless it is skipped. Write path and languages as literals, for the tests of this package.
func Open(t testing.TB, path string, languages ...string) *Guide {
	t.Helper()
	g := &Guide{t: t, path: path, text: Read(t, path), languages: languages, used: map[int]bool{}}
	t.Cleanup(g.checkUse)
	return g
}

func (g *Guide) checkUse() {
	if g.t.Skipped() || g.t.Failed() {
		return
	}
	for _, block := range Blocks(g.text) {
		if slices.Contains(g.languages, block.Language) && !g.used[block.Line] {
			g.t.Errorf("%s:%d: this test does not use the block in %s:\n%s", g.path, block.Line, block.Language, block.Code)
		}
	}
}

// Text returns the whole document.
func (g *Guide) Text() string { return g.text }

// Blocks returns all blocks in a language, in the order of the document. They count as used: the test has to do
// something with each, or has to say which ones it leaves out, and why.
func (g *Guide) Blocks(language string) (blocks []Block) {
	for _, block := range Blocks(g.text) {
		if block.Language == language {
			g.used[block.Line] = true
			blocks = append(blocks, block)
		}
	}
	return blocks
}

// Block returns the code of the first block in a language that contains a text. It fails the test if there is none.
func (g *Guide) Block(language, text string) string {
	g.t.Helper()
	for _, block := range Blocks(g.text) {
		if block.Language == language && strings.Contains(block.Code, text) {
			g.used[block.Line] = true
			return block.Code
		}
	}
	g.t.Fatalf("%s has no block in %s with %q", g.path, language, text)
	return ""
}

// HasFile fails the test unless one of the blocks is the text of a file, and the line above it has the name of the
// file. The path is relative to the directory of the test.
func (g *Guide) HasFile(path string) {
	g.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		g.t.Fatal(err)
	}
	lines := strings.Split(g.text, "\n")
	for _, block := range Blocks(g.text) {
		before := strings.Join(lines[max(block.Line-4, 0):block.Line-1], "\n")
		if block.Code == string(text) && strings.Contains(before, "`"+filepath.Base(path)+"`") {
			g.used[block.Line] = true
			return
		}
	}
	g.t.Errorf("%s does not have the file %s", g.path, path)
}

// IsIn fails the test unless the first block in a language that contains a text is also in a source file, where its
// lines may be indented with tabs. The path is relative to the directory of the test.
func (g *Guide) IsIn(source, language, text string) {
	g.t.Helper()
	code, err := os.ReadFile(source)
	if err != nil {
		g.t.Fatal(err)
	}
	if block := g.Block(language, text); !strings.Contains("\n"+withoutTabs(string(code)), "\n"+withoutTabs(block)) {
		g.t.Errorf("%s has another example than %s:\n%s", g.path, source, block)
	}
}

func withoutTabs(code string) string { return indentation.ReplaceAllString(code, "") }

// Read returns a document, by its path in the repository.
func Read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Root(t), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Root returns the directory of this repository: the nearest one above the test that has a go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no directory above the test has a go.mod")
		}
		dir = filepath.Dir(dir)
	}
}

var (
	fence   = regexp.MustCompile("^ *```(\\w*)")
	heading = regexp.MustCompile(`^## (.+)$`)

	indentation = regexp.MustCompile(`(?m)^\t+`)
)

// Blocks returns the blocks of code in a text, in order. Those without a language have an empty one.
func Blocks(text string) (blocks []Block) {
	var section string
	var open *Block
	number := 0
	for line := range strings.Lines(text) {
		number++
		opens := fence.FindStringSubmatch(line)
		switch {
		case open == nil && opens != nil:
			open = &Block{Language: opens[1], Line: number + 1, Section: section}
		case open != nil && opens != nil:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.Code += line
		default:
			if match := heading.FindStringSubmatch(strings.TrimSpace(line)); match != nil {
				section = match[1]
			}
		}
	}
	return blocks
}
