// Package yamldoc reads files with one YAML document, and says in which line a mistake is.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v4"
)

// A SyntaxError says why a text is not YAML.
type SyntaxError struct {
	Line    int // from 1
	Problem string
}

// Error returns the problem with its line.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d: the document is not valid YAML: %s", e.Line, e.Problem)
}

// Read reads one YAML document, with nothing after it. It returns nil for an empty one. The error is a *SyntaxError, or
// says where a second document begins.
func Read(text []byte) (*yaml.Node, error) {
	loader, _ := yaml.NewLoader(bytes.NewReader(text)) // without options, there is no error
	var document, second yaml.Node
	switch err := loader.Load(&document); {
	case errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0:
		return nil, nil
	case err != nil:
		return nil, syntaxError(text, err)
	}
	switch err := loader.Load(&second); {
	case err == nil:
		return nil, fmt.Errorf("line %d: a second YAML document begins: remove it", second.Line)
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(text, err)
	}
	return document.Content[0], nil
}

// syntaxError returns an error of the loader with the line of the mistake.
func syntaxError(text []byte, err error) *SyntaxError {
	load, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		return &SyntaxError{1, err.Error()}
	}
	line := load.Mark.Line
	if line == 0 { // a byte is not part of a character, and only its index is known
		line = 1 + bytes.Count(text[:min(load.Mark.Index, len(text))], []byte("\n"))
	}
	return &SyntaxError{line, load.Message}
}
