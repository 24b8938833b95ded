package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/emulator/mistakes"
	"github.com/ivschat-local/ivschat-local/internal/yamldoc"
)

// maximumDepth is how many levels of values a document may have. A policy needs seven.
const maximumDepth = 64

// ReadDocument reads a JSON or YAML document as a tree of scalars, mappings and sequences with their lines. It refuses
// what JSON cannot express, such as aliases, and members that are there twice. The error has everything that is wrong,
// each with its line. An empty document is null.
func ReadDocument(text []byte) (*yaml.Node, error) {
	read := readYAML
	if start := bytes.TrimLeft(text, " \t\r\n"); len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		read = readJSON
	}
	root, err := read(text)
	if err != nil {
		return nil, err
	}
	var found mistakes.List
	checkNode(root, 0, &found)
	return root, found.Err()
}

// readYAML reads one YAML document, with nothing after it.
func readYAML(text []byte) (*yaml.Node, error) {
	document, err := yamldoc.Read(text)
	if wrong, ok := errors.AsType[*yamldoc.SyntaxError](err); ok && strings.HasPrefix(wrong.Problem, "unknown anchor") {
		wrong.Problem = "a value that begins with * must be in quotes" // its name can be a secret without quotes
	}
	if document == nil && err == nil {
		document = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: 1}
	}
	return document, err
}

// plainTags are the tags of values that JSON can express. A timestamp is a string that looks like one, such as the
// Version of a policy without quotes.
var plainTags = map[yaml.Kind][]string{
	yaml.MappingNode:  {"!!map"},
	yaml.SequenceNode: {"!!seq"},
	yaml.ScalarNode:   {"!!str", "!!timestamp", "!!null", "!!bool", "!!int", "!!float"},
}

// checkNode finds everything that JSON cannot express, and members that are there twice.
func checkNode(n *yaml.Node, depth int, found *mistakes.List) {
	tag := n.ShortTag()
	// What looks like an alias or a tag can be a secret without quotes, so it is not told.
	found.Expect(n.Kind != yaml.AliasNode,
		"line %d: an alias, which begins with *, is not supported: write the value again, or put it in quotes", n.Line)
	found.Expect(n.Kind == yaml.AliasNode || slices.Contains(plainTags[n.Kind], tag),
		"line %d: a tag, which begins with !, is not supported: remove it, or put the value in quotes", n.Line)
	if depth >= maximumDepth {
		*found = append(*found, tooDeep(n.Line).Error())
		return
	}
	names := map[string]bool{}
	for i, content := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			checkNode(content, depth+1, found)
			continue
		}
		switch {
		case content.Kind != yaml.ScalarNode:
			found.Expect(false, "line %d: the name of a member must be a string", content.Line)
		case content.ShortTag() == "!!merge":
			found.Expect(false, "line %d: the merge key << is not supported: write the members again", content.Line)
		default:
			found.Expect(!names[content.Value],
				"line %d: %.64q is in the same object twice: remove one", content.Line, content.Value)
			names[content.Value] = true
		}
	}
}

func tooDeep(line int) error {
	return fmt.Errorf("line %d: the document is nested too deeply: at most %d levels", line, maximumDepth)
}

// readJSON reads a JSON document, with nothing after it. It is not left to the YAML parser, which refuses tabs and some
// escapes of JSON.
func readJSON(text []byte) (*yaml.Node, error) {
	r := &jsonReader{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1}
	r.decoder.UseNumber()
	var document yaml.Node
	if err := r.item(&document, 0); err != nil {
		return nil, err
	}
	switch _, err := r.decoder.Token(); {
	case err == nil:
		r.countLines(r.decoder.InputOffset())
		return nil, fmt.Errorf("line %d: something follows the JSON document: remove it", r.line)
	case !errors.Is(err, io.EOF):
		return nil, r.invalid(err)
	}
	return document.Content[0], nil
}

// A jsonReader reads JSON values with their lines.
type jsonReader struct {
	text    []byte
	decoder *json.Decoder
	counted int64 // up to here, the lines of text are counted
	line    int   // of the last token, from 1
}

// next returns the next token. Its line is r.line.
func (r *jsonReader) next() (json.Token, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, r.invalid(err)
	}
	r.countLines(r.decoder.InputOffset())
	return token, nil
}

func (r *jsonReader) countLines(offset int64) {
	offset = min(max(offset, r.counted), int64(len(r.text)))
	r.line += bytes.Count(r.text[r.counted:offset], []byte("\n"))
	r.counted = offset
}

// invalid returns an error with the line of the mistake.
func (r *jsonReader) invalid(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		// Token and Decode differ in whether the offset is that of the buffer or of the document.
		r.countLines(max(syntax.Offset-1, r.decoder.InputOffset()))
	} else {
		r.countLines(int64(len(r.text)))
	}
	why := strings.TrimPrefix(err.Error(), "json: ")
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		why = "it ends too early"
	}
	return fmt.Errorf("line %d: the document is not valid JSON: %s", r.line, why)
}

// value returns the value that begins with a token.
func (r *jsonReader) value(token json.Token, depth int) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: r.line}
	if depth >= maximumDepth {
		return nil, tooDeep(r.line)
	}
	switch t := token.(type) {
	case nil:
		n.Tag, n.Value = "!!null", "null"
	case bool:
		n.Tag, n.Value = "!!bool", fmt.Sprint(t)
	case string:
		n.Tag, n.Value = "!!str", t
	case json.Number:
		n.Tag, n.Value = "!!float", t.String()
	case json.Delim:
		if t == '{' {
			n.Kind, n.Tag = yaml.MappingNode, "!!map"
			return n, r.members(n, depth+1)
		}
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		return n, r.items(n, depth+1)
	}
	return n, nil
}

// members reads the members of an object, whose values are at a depth, up to its end.
func (r *jsonReader) members(n *yaml.Node, depth int) error {
	for {
		token, err := r.next()
		if err != nil {
			return err
		}
		name, isName := token.(string)
		if !isName { // the end
			return nil
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, Line: r.line})
		if err := r.item(n, depth); err != nil {
			return err
		}
	}
}

// item reads one value, at a depth, into n.
func (r *jsonReader) item(n *yaml.Node, depth int) error {
	token, err := r.next()
	if err != nil {
		return err
	}
	value, err := r.value(token, depth)
	n.Content = append(n.Content, value)
	return err
}

// items reads the items of an array, which are at a depth, up to its end.
func (r *jsonReader) items(n *yaml.Node, depth int) error {
	for r.decoder.More() {
		if err := r.item(n, depth); err != nil {
			return err
		}
	}
	_, err := r.next() // the end
	return err
}
