package cli

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// A Suggestion is a word that can complete a command line.
type Suggestion struct{ Word, Description string }

// A Completion is what a command line can be completed with.
type Completion struct {
	Suggestions []Suggestion // sorted by words
	Files       bool         // names of files are what is expected
}

// filesExpected is the value of the tag complete of flags and arguments that are names of files.
const filesExpected = "file"

// Complete returns what the last word can be completed to. The words are those of a command line, without the program;
// the last one may be "". Flags and arguments whose values are suggested by the program have a tag complete, which is
// passed to suggest, with the flags that were given and the word so far.
func (p Program) Complete(
	words []string, suggest func(kind string, flags map[string]string, word string) []Suggestion,
) Completion {
	if len(words) == 0 {
		words = []string{""}
	}
	c := completer{reader: p.newReader(io.Discard, io.Discard), suggest: suggest, flags: map[string]string{}}
	c.node = c.kong.Model.Node
	last := words[len(words)-1]
	for _, word := range words[:len(words)-1] {
		c.pass(word)
	}
	c.complete(last)
	found := c.found.Suggestions
	slices.SortFunc(found, func(a, b Suggestion) int { return strings.Compare(a.Word, b.Word) })
	c.found.Suggestions = slices.CompactFunc(found, func(a, b Suggestion) bool { return a.Word == b.Word })
	return c.found
}

// A completer completes one command line.
type completer struct {
	*reader
	suggest func(kind string, flags map[string]string, word string) []Suggestion

	node      *kong.Node
	arguments int               // how many were given
	flags     map[string]string // those that were given, with their values
	expected  *kong.Flag        // whose value is the next word; nil if there is none
	ended     bool              // whether no flags follow
	passedOn  bool              // whether the words belong to another program

	found Completion
}

// pass goes on after a word before the one that is completed.
func (c *completer) pass(word string) {
	switch {
	case c.expected != nil:
		c.flags[c.expected.Name], c.expected = word, nil
	case c.passedOn:
	case !c.ended && word == "--":
		c.ended = true
	case !c.ended && strings.HasPrefix(word, "-") && word != "-":
		name, value, hasValue := strings.Cut(word, "=")
		if flag := c.flag(name); flag != nil && (hasValue || flag.IsBool()) {
			c.flags[flag.Name] = value
		} else {
			c.expected = flag
		}
	case passesOn(c.node):
		c.passedOn = true
	case word == "help" && c.node == c.kong.Model.Node: // any command can follow
	default:
		for _, child := range c.node.Children {
			if child.Name == word {
				c.node = child
				return
			}
		}
		c.arguments++
	}
}

// complete finds what a word can be completed to.
func (c *completer) complete(word string) {
	switch {
	case c.expected != nil:
		c.values(c.expected.Value, "", word)
		return
	case c.passedOn || passesOn(c.node) && (c.ended || !strings.HasPrefix(word, "-")):
		c.found.Files = true
		return
	case !c.ended && strings.HasPrefix(word, "-"):
		if name, value, hasValue := strings.Cut(word, "="); hasValue {
			if flag := c.flag(name); flag != nil {
				c.values(flag.Value, name+"=", value)
			}
			return
		}
		c.addFlags(word)
		return
	}
	for _, child := range c.node.Children {
		if !child.Hidden && c.arguments == 0 {
			c.add("", child.Name, child.Help, word)
		}
	}
	arguments := c.node.Positional
	if c.node.DefaultCmd != nil {
		arguments = append(arguments, c.node.DefaultCmd.Positional...)
	}
	if c.arguments < len(arguments) {
		c.values(arguments[c.arguments], "", word)
	}
	if word == "" && len(c.node.Children) == 0 && len(c.node.Positional) <= c.arguments {
		c.addFlags(word)
	}
}

// commandFlags returns the flags of the command.
func (c *completer) commandFlags() []*kong.Flag {
	groups := c.node.AllFlags(true)
	if c.node.DefaultCmd != nil {
		groups = append(groups, c.node.DefaultCmd.Flags)
	}
	return slices.Concat(groups...)
}

// flag returns the flag with a name, with its hyphens, of the command, or else of any command, because a flag can come
// before the command. It returns nil if there is none.
func (c *completer) flag(name string) *kong.Flag {
	for _, flag := range c.commandFlags() {
		if name == "--"+flag.Name {
			return flag
		}
	}
	return c.find(name)
}

// addFlags adds the flags of the command that begin with a word, except those that were given.
func (c *completer) addFlags(word string) {
	for _, flag := range c.commandFlags() {
		if _, given := c.flags[flag.Name]; !given || flag.IsSlice() || flag.IsMap() {
			c.add("", "--"+flag.Name, flag.Help, word)
		}
	}
}

// values adds the values of a flag or argument that begin with a word. Each is added with the beginning.
func (c *completer) values(of *kong.Value, beginning, word string) {
	if of.IsSlice() && of.Tag.Sep == ',' { // the values before are part of the word
		before := word[:strings.LastIndex(word, ",")+1]
		beginning, word = beginning+before, word[len(before):]
	}
	kind := of.Tag.Get("complete")
	switch enum, isMapper := of.Mapper.(*mapper); {
	case kind == filesExpected:
		c.found.Files = true
	case kind != "":
		for _, suggestion := range c.suggest(kind, maps.Clone(c.flags), word) {
			c.add(beginning, suggestion.Word, suggestion.Description, word)
		}
	case isMapper && enum.enum != "":
		for value := range strings.SplitSeq(enum.enum, ",") {
			c.add(beginning, value, "", word)
		}
	}
}

// add adds a suggestion if it begins with the word and is longer than nothing.
func (c *completer) add(beginning, suggestion, description, word string) {
	if suggestion != "" && strings.HasPrefix(suggestion, word) {
		first, _, _ := strings.Cut(description, ". ")
		c.found.Suggestions = append(c.found.Suggestions, Suggestion{
			Word: beginning + suggestion, Description: strings.TrimSuffix(first, "."),
		})
	}
}
