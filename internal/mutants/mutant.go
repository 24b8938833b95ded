package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// A mutant is one small change of the code.
type mutant struct {
	identity
	Package string // import path
	Path    string // absolute path of the file
	Line    int

	start, end  int // the bytes of the file that are replaced
	replacement string
}

// An identity names a mutant independently of its line, so that the list of equivalent mutants stays
// right when other code in the file changes.
type identity struct {
	File     string // path in the module, with slashes
	Function string // for instance Clock.Set, or the name of a variable
	Diff     string // the lines before the change and after it, without indentation
	Nth      int    // 1 for the first mutant of the function with this diff
}

// String returns the identity as it is written in the list of equivalent mutants.
func (i identity) String() string {
	nth := ""
	if i.Nth > 1 {
		nth = fmt.Sprintf(" #%d", i.Nth)
	}
	return fmt.Sprintf("%s %s%s\n%s", i.File, i.Function, nth, i.Diff)
}

// apply returns the file with the change.
func (m mutant) apply(source []byte) []byte {
	return slices.Concat(source[:m.start], []byte(m.replacement), source[m.end:])
}

// A finder finds the mutants of a file.
type finder struct {
	file    *token.File
	source  []byte
	mutants []mutant
	counts  map[identity]int
	common  mutant // what the mutants of a function have in common
}

// find returns all mutants of a file, in the order of the code.
func find(path, file, importPath string, source []byte) ([]mutant, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &finder{file: set.File(tree.FileStart), source: source, counts: map[identity]int{}}
	for _, declaration := range tree.Decls {
		for _, part := range parts(declaration) {
			f.common = mutant{identity: identity{File: file, Function: part.name}, Package: importPath, Path: path}
			ast.PreorderStack(part.node, nil, f.visit)
		}
	}
	return f.mutants, nil
}

// A part of a declaration that has a name of its own: a function, a constant or a variable.
type part struct {
	name string
	node ast.Node
}

// parts returns the parts of a declaration. Types have no mutants.
func parts(declaration ast.Decl) (named []part) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Body != nil {
			named = append(named, part{receiver(d) + d.Name.Name, d})
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if s, ok := spec.(*ast.ValueSpec); ok {
				named = append(named, part{s.Names[0].Name, s})
			}
		}
	}
	return named
}

// receiver returns the type of a method with a dot, and nothing for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	for t := f.Recv.List[0].Type; ; {
		switch of := t.(type) {
		case *ast.StarExpr:
			t = of.X
		case *ast.IndexExpr:
			t = of.X
		case *ast.Ident:
			return of.Name + "."
		default:
			return ""
		}
	}
}

// replace adds the mutant in which a part of the code is replaced.
func (f *finder) replace(start, end token.Pos, replacement string) {
	m := f.common
	m.start, m.end, m.replacement = f.file.Offset(start), f.file.Offset(end), replacement
	m.Line = f.file.Line(start)
	m.Diff = f.diff(m)
	f.counts[m.identity]++
	m.Nth = f.counts[m.identity]
	f.mutants = append(f.mutants, m)
}

// diff returns the lines that a mutant changes, before and after.
func (f *finder) diff(m mutant) string {
	first := strings.LastIndexByte(string(f.source[:m.start]), '\n') + 1
	last := len(f.source)
	if i := strings.IndexByte(string(f.source[m.end:]), '\n'); i >= 0 {
		last = m.end + i
	}
	before := string(f.source[first:last])
	after := string(f.source[first:m.start]) + m.replacement + string(f.source[m.end:last])
	return strings.TrimSuffix(signed("-", before)+signed("+", after), "\n")
}

// signed returns the lines that are not empty, each without indentation and after a sign.
func signed(sign, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(sign + " " + line + "\n")
		}
	}
	return b.String()
}

// text returns the code of a node.
func (f *finder) text(node ast.Node) string {
	return string(f.source[f.file.Offset(node.Pos()):f.file.Offset(node.End())])
}
