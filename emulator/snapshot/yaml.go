package snapshot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/emulator/plainjson"
	"github.com/ivschat-local/ivschat-local/internal/yamldoc"
)

// isJSON reports whether a document is JSON, and not YAML: whether it begins like an object or an array.
func isJSON(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// parseYAML parses one YAML document, with nothing after it. It refuses everything that has no
// equivalent in JSON, such as aliases (decision D40).
func parseYAML(text []byte) (*node, error) {
	document, err := yamldoc.Read(text)
	if err != nil {
		return nil, err
	}
	if document == nil {
		return &node{line: 1}, nil // null
	}
	return fromYAML(document, 0)
}

// fromYAML returns the node of a value.
func fromYAML(y *yaml.Node, depth int) (*node, error) {
	if (y.Kind == yaml.MappingNode || y.Kind == yaml.SequenceNode) && depth == plainjson.MaximumDepth {
		return nil, tooDeep(y.Line)
	}
	n := &node{line: y.Line}
	switch tag := y.ShortTag(); {
	case y.Kind == yaml.AliasNode:
		return nil, fmt.Errorf("line %d: the alias *%s is not supported: write the value again", y.Line, y.Value)
	case y.Kind == yaml.MappingNode && tag == "!!map":
		n.object = map[string]*node{}
		for member := range slices.Chunk(y.Content, 2) {
			if err := n.addYAML(member[0], member[1], depth); err != nil {
				return nil, err
			}
		}
		return n, nil
	case y.Kind == yaml.SequenceNode && tag == "!!seq":
		n.isArray = true
		for _, content := range y.Content {
			item, err := fromYAML(content, depth+1)
			if err != nil {
				return nil, err
			}
			n.array = append(n.array, item)
		}
		return n, nil
	case y.Kind == yaml.ScalarNode:
		return n, n.setYAML(y.Value, tag)
	default:
		return nil, unsupportedTag(y.Line, tag)
	}
}

func unsupportedTag(line int, tag string) error {
	return fmt.Errorf("line %d: the tag %s is not supported: remove it", line, tag)
}

// addYAML adds a member to the object n.
func (n *node) addYAML(key, content *yaml.Node, depth int) error {
	name := key.Value
	switch {
	case key.Kind != yaml.ScalarNode:
		return fmt.Errorf("line %d: the name of a member must be a string", key.Line)
	case key.ShortTag() == "!!merge":
		return fmt.Errorf("line %d: the merge key << is not supported: write the members again", key.Line)
	case n.object[name] != nil:
		return duplicate(key.Line, name)
	}
	value, err := fromYAML(content, depth+1)
	if err != nil {
		return err
	}
	value.line = key.Line
	n.object[name] = value
	n.names = append(n.names, name)
	return nil
}

// setYAML sets the scalar. Numbers have to be written as in JSON: in YAML, 0123 and 1_000 mean different
// numbers to different programs.
func (n *node) setYAML(text, tag string) error {
	n.unquoted = true
	switch tag {
	case "!!str", "!!timestamp":
		n.scalar, n.unquoted = text, false
	case "!!null":
		n.scalar = nil
	case "!!bool":
		n.scalar = strings.EqualFold(text, "true")
	case "!!int", "!!float":
		if !json.Valid([]byte(text)) {
			return fmt.Errorf("line %d: %.64s must be in quotes, or be a number as in JSON", n.line, text)
		}
		n.scalar = json.Number(text)
	default:
		return unsupportedTag(n.line, tag)
	}
	return nil
}
