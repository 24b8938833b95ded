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
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ivschat-local/ivschat-local"

// serverLayer is the layer of the servers, and ruleLayer the one below it. Packages in either reach the
// store and the keys only through interfaces that they declare.
const (
	ruleLayer   = 3
	serverLayer = 4
)

// layers reads the table of layers in doc.go: the layer of each package, by its path in the module.
func layers(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	found, layer := map[string]int{}, -1
	for _, match := range regexp.MustCompile(`(?m)^//\t(\d| )  (\S+)  `).FindAllStringSubmatch(string(text), -1) {
		if match[1] != " " {
			layer, _ = strconv.Atoi(match[1])
		}
		found[match[2]] = layer
	}
	return found
}

// owners says which packages may import a module that is not ours. Tests may import any.
var owners = map[string][]string{
	"github.com/adrg/xdg":        {"cmd/ivschat-local"},
	"github.com/alecthomas/kong": {"cmd/internal/cli", "cmd/ivschat-load", "cmd/ivschat-local"},
	"github.com/aws/aws-sdk-go-v2": {
		"cmd/ivschat-load", "conformance", "conformance/claims", "emulator/awsapi", "emulator/emulatortest",
	},
	"github.com/aws/aws-sdk-go-v2/service/ivschat": {"cmd/ivschat-load", "conformance", "conformance/claims"},
	"github.com/aws/smithy-go":                     {"cmd/ivschat-load"},
	"github.com/google/tink/go":                    {"crypto"},
	"github.com/google/uuid":                       {"emulator/control"},
	"github.com/gorilla/mux":                       {"emulator/admin", "emulator/control"},
	"github.com/gorilla/websocket":                 {"conformance", "conformance/claims", "emulator/chatclient", "emulator/socket"},
	"github.com/HdrHistogram/hdrhistogram-go":      {"cmd/ivschat-load"},
	"github.com/lmittmann/tint":                    {"cmd/ivschat-local"},
	"github.com/mattn/go-shellwords":               {"emulator/invoke"},
	"github.com/nats-io/nats.go":                   {"emulator/cluster"},
	"github.com/prometheus/client_golang":          {"emulator/metrics"},
	"github.com/rogpeppe/go-internal":              {"crypto", "emulator/certificates"},
	"github.com/schollz/progressbar/v3":            {"cmd/ivschat-load"},
	"go.yaml.in/yaml/v4": {
		"emulator/iam", "emulator/policy", "emulator/snapshot", "internal/yamldoc",
	},
	"go.etcd.io/bbolt":    {"store"},
	"golang.org/x/crypto": {"crypto"},
	"golang.org/x/sys": {
		"cmd/ivschat-local", "emulator/destination", "emulator/invoke", "store",
	},
	"golang.org/x/term": {"cmd/ivschat-load", "cmd/ivschat-local"},
	"golang.org/x/text": {"cmd/ivschat-load", "emulator/invoke"},
	"golang.org/x/time": {"emulator", "emulator/invoke", "emulator/review"},
}

// A goPackage is what `go list` prints about a package.
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

// pathOf returns the path of a package in the module.
func pathOf(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
}

func TestEveryPackageHasALayer(t *testing.T) {
	layers := layers(t)
	for _, p := range list(t, "./...") {
		if _, known := layers[pathOf(p.ImportPath)]; !known {
			t.Errorf("%s has no layer: give it one in the table of doc.go", p.ImportPath)
		}
		delete(layers, pathOf(p.ImportPath))
	}
	for path := range layers {
		t.Errorf("doc.go has a layer for %s, which does not exist", path)
	}
}

func TestPackagesImportLowerLayersOnly(t *testing.T) {
	layers, moduleOf := layers(t), map[string]string{}
	for _, p := range list(t, "-deps", "./...") {
		if p.Module != nil {
			moduleOf[p.ImportPath] = p.Module.Path
		}
	}
	for _, p := range list(t, "./...") {
		path := pathOf(p.ImportPath)
		for _, imported := range p.Imports {
			switch moduleOf[imported] {
			case "": // the standard library
			case module:
				checkImport(t, layers, path, pathOf(imported))
			default:
				if owners := owners[moduleOf[imported]]; !slices.Contains(owners, path) {
					t.Errorf("%s imports %s, which only %v may", path, imported, owners)
				}
			}
		}
	}
}

// checkImport fails the test if one package of ours must not import another.
func checkImport(t *testing.T, layers map[string]int, path, imported string) {
	t.Helper()
	layer := layers[path]
	if below := layers[imported]; below >= layer {
		t.Errorf("%s (layer %d) imports %s (layer %d)", path, layer, imported, below)
	}
	if (layer == ruleLayer || layer == serverLayer) && (imported == "crypto" || imported == "store") {
		t.Errorf("%s imports %s instead of declaring an interface", path, imported)
	}
}

func TestOnlyTheKeyringTouchesKeysInCleartext(t *testing.T) {
	forEachFile(t, func(path string, file *ast.File, _ *token.FileSet) {
		for _, imported := range file.Imports {
			cleartext := strings.Contains(imported.Path.Value, "insecurecleartextkeyset")
			if cleartext && filepath.ToSlash(path) != "../crypto/keyset_file.go" {
				t.Errorf("%s imports %s", path, imported.Path.Value)
			}
		}
	})
}

func TestEveryPackageHasAPackageComment(t *testing.T) {
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

// The sizes beyond which code is hard to follow.
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

func TestDecisionsAreNumberedWithoutGapsAndEachIsCited(t *testing.T) {
	text, err := os.ReadFile("DECISIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	cited := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^\*\*(D\d+)\.`).FindAllStringSubmatch(string(text), -1) {
		if _, twice := cited[match[1]]; twice {
			t.Errorf("%s is in DECISIONS.md twice", match[1])
		}
		cited[match[1]] = false
	}
	for n := range len(cited) {
		if _, exists := cited["D"+strconv.Itoa(n+1)]; !exists {
			t.Errorf("there is no D%d, although there are %d decisions", n+1, len(cited))
		}
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

// forEachFile parses every Go file that is not a test.
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
		t.Fatalf("%d files were read: %v", files, err)
	}
}
