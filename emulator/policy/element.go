package policy

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// object returns the members of an object by their names, and nil if the value is something else.
func (p *parser) object(at place, names ...string) map[string]place {
	members := map[string]place{}
	if !p.expect(at.node.Kind == yaml.MappingNode, at, "must be an object, but is %s", describe(at.node)) {
		return nil
	}
	for _, member := range membersOf(at) {
		members[member.name] = member
		p.expect(slices.Contains(names, member.name), place{path: at.path, line: member.line},
			"the element %.64q is unknown%s", member.name, spelling.DidYouMean(member.name, names))
	}
	return members
}

// membersOf returns the members of an object.
func membersOf(at place) (members []place) {
	for member := range slices.Chunk(at.node.Content, 2) {
		name := member[0].Value
		path := strings.TrimPrefix(at.path+"."+name, ".")
		members = append(members, place{path: path, name: name, line: member[0].Line, node: member[1]})
	}
	return members
}

// items returns the items of a list that is not empty, or the value itself if it is not a list.
func (p *parser) items(at place) (items []place) {
	if at.node.Kind != yaml.SequenceNode {
		return []place{at}
	}
	p.expect(len(at.node.Content) > 0, at, "the list is empty")
	for i, node := range at.node.Content {
		items = append(items, place{path: fmt.Sprintf("%s[%d]", at.path, i), line: node.Line, node: node})
	}
	return items
}

// text returns a string, or "" if it is wrong. It must not be empty, unless it is a Sid or an Id.
func (p *parser) text(at place) string {
	tag := at.node.ShortTag()
	isString := at.node.Kind == yaml.ScalarNode && (tag == "!!str" || tag == "!!timestamp")
	if !p.expect(isString, at, "must be a string, but is %s", describe(at.node)) {
		return ""
	}
	p.expect(at.node.Value != "" || at.name == "Sid" || at.name == "Id", at, "must not be empty")
	p.short(at)
	return at.node.Value
}

// longestText is the length of the longest texts in characters. ARNs are shorter.
const longestText = 2048

func (p *parser) short(at place) {
	p.expect(len(at.node.Value) <= longestText, at, "the text has %d bytes: at most %d", len(at.node.Value), longestText)
}

// describe says what a value is.
func describe(n *yaml.Node) string {
	switch n.ShortTag() {
	case "!!map":
		return "an object"
	case "!!seq":
		return "a list"
	case "!!null":
		return "null"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return n.Value
	default:
		return "a string"
	}
}
