package guides_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// opened returns the languages in which tests of this repository open each document.
func opened(t *testing.T) map[string][]string {
	t.Helper()
	languages := map[string][]string{}
	for _, path := range files(t, "_test.go") {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(guides.Root(t), path), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if call, ok := node.(*ast.CallExpr); ok {
				if words := literals(call); words != nil {
					languages[words[0]] = append(languages[words[0]], words[1:]...)
				}
			}
			return true
		})
	}
	return languages
}

// literals returns the document and the languages of a call of guides.Open. It returns nil for any other call.
func literals(call *ast.CallExpr) (words []string) {
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || function.Sel.Name != "Open" || len(call.Args) < 2 {
		return nil
	}
	if name, ok := function.X.(*ast.Ident); !ok || name.Name != "guides" {
		return nil
	}
	for _, argument := range call.Args[1:] {
		literal, ok := argument.(*ast.BasicLit)
		if !ok {
			return nil
		}
		word, err := strconv.Unquote(literal.Value)
		if err != nil {
			return nil
		}
		words = append(words, word)
	}
	return words
}

// notForUsers are documents whose commands take too long for a test, or change the repository.
var notForUsers = []string{"CONTRIBUTING.md", "BENCHMARKS.md", "CHANGELOG.md"}

// A block without a language is what a program prints.
func TestATestOpensEachDocumentForEachLanguageInIt(t *testing.T) {
	opened := opened(t)
	for _, path := range files(t, ".md") {
		if slices.Contains(notForUsers, path) {
			continue
		}
		for _, block := range guides.Blocks(guides.Read(t, path)) {
			if block.Language != "" && !slices.Contains(opened[path], block.Language) {
				t.Errorf("%s:%d: no test runs the blocks in %s. One has to open the document with guides.Open(t, %q, %q)",
					path, block.Line, block.Language, path, block.Language)
				opened[path] = append(opened[path], block.Language) // once is enough
			}
		}
		delete(opened, path)
	}
	for path := range opened {
		if !strings.Contains(path, "/testdata/") {
			t.Errorf("a test opens %s, which does not exist", path)
		}
	}
}
