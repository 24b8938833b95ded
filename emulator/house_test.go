package emulator_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ivschat-local/ivschat-local"

// floors is the picture in doc.go. A package may import lower floors only.
var floors = map[string]int{
	"emulator/ivschat": 0, "emulator/clock": 0, "emulator/shape": 0,
	"crypto": 1, "store": 1, "emulator/hub": 1, "emulator/messaging": 1,
	"emulator/fault": 1, "emulator/journal": 1, "emulator/world": 1,
	"emulator/room": 2, "emulator/metrics": 2,
	"emulator/control": 3, "emulator/inspect": 3, "emulator/socket": 3,
	"emulator": 4, "emulator/emulatortest": 5, "emulator/benchmark": 5,
	"cmd/ivschat-local": 5, "cmd/ivschat-load": 5, "cmd/internal/cli": 4, "conformance": 4, "conformance/claims": 5, "conformance/clients": 5, "conformance/internal/program": 5,
}

// hidden says which packages a floor must not see although they are lower:
// doors reach disk and keys through interfaces of their own.
var hidden = map[int][]string{3: {"crypto", "store"}}

// owners says which packages may import a module that is not ours. Tests may
// import what they like.
var owners = map[string][]string{
	"github.com/adrg/xdg":                          {"cmd/ivschat-local"},
	"github.com/alecthomas/kong":                   {"cmd/internal/cli", "cmd/ivschat-load", "cmd/ivschat-local"},
	"github.com/aws/aws-sdk-go-v2":                 {"cmd/ivschat-load", "conformance", "conformance/claims", "emulator/emulatortest"},
	"github.com/aws/aws-sdk-go-v2/service/ivschat": {"cmd/ivschat-load", "conformance", "conformance/claims"},
	"github.com/aws/smithy-go":                     {"cmd/ivschat-load"},
	"github.com/google/tink/go":                    {"crypto"},
	"github.com/google/uuid":                       {"emulator/control"},
	"github.com/gorilla/mux":                       {"emulator/control", "emulator/inspect"},
	"github.com/gorilla/websocket":                 {"cmd/ivschat-load", "conformance", "conformance/claims", "emulator/emulatortest", "emulator/socket"},
	"github.com/HdrHistogram/hdrhistogram-go":      {"cmd/ivschat-load"},
	"github.com/prometheus/client_golang":          {"emulator/metrics"},
	"github.com/rogpeppe/go-internal":              {"crypto"},
	"github.com/schollz/progressbar/v3":            {"cmd/ivschat-load"},
	"go.etcd.io/bbolt":                             {"store"},
	"golang.org/x/sys":                             {"store"},
	"golang.org/x/term":                            {"cmd/ivschat-load"},
	"golang.org/x/text":                            {"cmd/ivschat-load"},
}

// A goPackage is what `go list` tells of a package.
type goPackage struct {
	ImportPath, Dir, Doc string
	Imports              []string
	Module               *struct{ Path string }
	Standard             bool
}

func list(t *testing.T, args ...string) (packages []goPackage) {
	t.Helper()
	command := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Doc,Imports,Module,Standard"}, args...)...)
	command.Dir, command.Stderr = "..", os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func room(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
}

func TestImportsOnlyGoDownTheFloors(t *testing.T) {
	moduleOf := map[string]string{}
	for _, p := range list(t, "-deps", "./...") {
		if p.Module != nil {
			moduleOf[p.ImportPath] = p.Module.Path
		}
	}
	for _, p := range list(t, "./...") {
		floor, known := floors[room(p.ImportPath)]
		if !known {
			t.Errorf("%s has no floor: give it one here and in doc.go", p.ImportPath)
		}
		for _, imported := range p.Imports {
			switch moduleOf[imported] {
			case "": // the standard library
			case module:
				if below := floors[room(imported)]; below >= floor {
					t.Errorf("%s (floor %d) imports %s (floor %d)", p.ImportPath, floor, imported, below)
				}
				if slices.Contains(hidden[floor], room(imported)) {
					t.Errorf("%s imports %s instead of declaring an interface", p.ImportPath, imported)
				}
			default:
				if !slices.Contains(owners[moduleOf[imported]], room(p.ImportPath)) {
					t.Errorf("%s imports %s, which is for %v", p.ImportPath, imported, owners[moduleOf[imported]])
				}
			}
		}
	}
}

func TestOnlyTheKeyringTouchesKeysInCleartext(t *testing.T) {
	forEachFile(t, func(path string, file *ast.File, _ *token.FileSet) {
		for _, imported := range file.Imports {
			if strings.Contains(imported.Path.Value, "insecurecleartextkeyset") && filepath.ToSlash(path) != "../crypto/keyring.go" {
				t.Errorf("%s imports %s", path, imported.Path.Value)
			}
		}
	})
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range list(t, "./...") {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	forEachFile(t, func(path string, file *ast.File, _ *token.FileSet) {
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil {
					t.Errorf("%s: %s", path, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if name, doc := specification(spec); ast.IsExported(name) && d.Doc == nil && doc == nil {
						t.Errorf("%s: %s", path, name)
					}
				}
			}
		}
	})
}

func specification(spec ast.Spec) (name string, doc *ast.CommentGroup) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		return s.Name.Name, s.Doc
	case *ast.ValueSpec:
		return s.Names[0].Name, s.Doc
	default:
		return "", nil
	}
}

// The sizes at which a reader loses track.
const (
	longestFile     = 400
	longestFunction = 70
)

func TestFilesAndFunctionsStayShort(t *testing.T) {
	forEachFile(t, func(path string, file *ast.File, set *token.FileSet) {
		if lines := set.File(file.Pos()).LineCount(); lines > longestFile {
			t.Errorf("%s has %d lines, at most %d", path, lines, longestFile)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if f, ok := node.(*ast.FuncDecl); ok {
				if lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; lines > longestFunction {
					t.Errorf("%s: %s has %d lines, at most %d", path, f.Name.Name, lines, longestFunction)
				}
			}
			return true
		})
	})
}

func TestEveryDecisionIsCitedAndEveryCitationIsADecision(t *testing.T) {
	text, err := os.ReadFile("DECISIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	cited := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^\*\*(D\d+)\.`).FindAllStringSubmatch(string(text), -1) {
		if _, twice := cited[match[1]]; twice {
			t.Errorf("%s stands in DECISIONS.md twice", match[1])
		}
		cited[match[1]] = false
	}
	citation := regexp.MustCompile(`decision (D\d+)`)
	forEachFile(t, func(path string, file *ast.File, _ *token.FileSet) {
		for _, group := range file.Comments {
			for _, match := range citation.FindAllStringSubmatch(group.Text(), -1) {
				if _, exists := cited[match[1]]; !exists {
					t.Errorf("%s cites %s, which is not in DECISIONS.md", path, match[1])
				}
				cited[match[1]] = true
			}
		}
	})
	for decision, found := range cited {
		if !found {
			t.Errorf("no code cites %s", decision)
		}
	}
}

// forEachFile parses every Go file that is no test.
func forEachFile(t *testing.T, visit func(path string, file *ast.File, set *token.FileSet)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		visit(path, file, set)
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files, %v", files, err)
	}
}
