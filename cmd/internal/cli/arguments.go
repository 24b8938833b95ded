package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// An argumentList is a command line in parts.
type argumentList struct {
	node  *kong.Node // the command, or the program if there is none
	words []string   // the command
	flags []givenFlag
	rest  []string // the arguments that are not flags
	ended bool     // whether the rest of the command line is in rest, because no flags follow

	helpWord bool // whether the first word was help
}

// A givenFlag is a flag of a command line.
type givenFlag struct {
	name, value string
	hasValue    bool
}

// argument returns the flag as one argument.
func (f givenFlag) argument() string {
	if !f.hasValue {
		return "--" + f.name
	}
	return "--" + f.name + "=" + f.value
}

// arrange returns the arguments in an order that kong reads without an error: the command, its flags,
// and other arguments. So a flag can also come before the command. It keeps an error for every argument
// that is not known, and leaves it out.
func (r *reader) arrange(args []string) []string {
	list := argumentList{node: r.kong.Model.Node}
	for len(args) > 0 && !list.ended {
		first := args[0]
		switch {
		case first == "--":
			list.rest, list.ended = append(list.rest, args[1:]...), true
		case strings.HasPrefix(first, "-") && first != "-":
			args = r.flag(&list, args)
			continue
		case passesOn(list.node):
			list.rest, list.ended = args, true
		case len(list.node.Positional) > 0:
			list.rest = append(list.rest, first)
		default:
			r.word(&list, first)
		}
		args = args[1:]
	}
	r.finish(&list)
	arranged := list.words
	for _, flag := range list.flags {
		arranged = append(arranged, flag.argument())
	}
	if list.ended || len(list.rest) > 0 {
		arranged = append(append(arranged, "--"), list.rest...)
	}
	return arranged
}

// passesOn reports whether a command passes its arguments on to another program, so that flags after the
// first one are not its own.
func passesOn(command *kong.Node) bool {
	return slices.ContainsFunc(command.Positional, func(argument *kong.Positional) bool {
		return argument.PassthroughMode != kong.PassThroughModeNone
	})
}

// word adds a word that is not a flag: help, the name of a command, or an argument of the default command.
func (r *reader) word(list *argumentList, word string) {
	if word == "help" && len(list.words) == 0 {
		list.helpWord = true
		return
	}
	for _, child := range list.node.Children {
		if child.Name == word {
			list.node = child
			list.words = append(list.words, word)
			return
		}
	}
	if command := list.node.DefaultCmd; command != nil && len(command.Positional) > 0 {
		list.node = command
		list.words, list.rest = append(list.words, command.Name), append(list.rest, word)
		return
	}
	problem := fmt.Sprintf("%s is not a command", word)
	if meant := cmp.Or(r.Hints[word], nearest(word, names(list.node))); meant != "" {
		problem += ": did you mean " + meant + "?"
	} else if commands := names(list.node); len(commands) > 0 {
		problem += ": the commands are " + strings.Join(commands, ", ")
	} else {
		problem = "unexpected argument " + word
	}
	r.wrong = append(r.wrong, errors.New(problem))
}

// names returns the names of the commands of a node, except for those that are for programs only.
func names(node *kong.Node) (names []string) {
	for _, child := range node.Children {
		if !child.Hidden {
			names = append(names, child.Name)
		}
	}
	return names
}

// flag adds the flag that the arguments begin with, and its value. It returns the arguments after it.
func (r *reader) flag(list *argumentList, args []string) (rest []string) {
	name, value, hasValue := strings.Cut(args[0], "=")
	args = args[1:]
	flag := r.find(name)
	if flag != nil && flag.IsBool() {
		list.flags = append(list.flags, givenFlag{flag.Name, value, hasValue})
		return args
	}
	// A value may begin with a hyphen, such as -5. For a flag that is not known, it is not clear whether
	// the next argument is its value.
	isFlag := len(args) > 0 && strings.HasPrefix(args[0], "-") && (flag == nil || strings.HasPrefix(args[0], "--"))
	isCommand := flag == nil && len(args) > 0 && slices.Contains(names(list.node), args[0])
	if !hasValue && len(args) > 0 && !isFlag && !isCommand {
		value, hasValue, args = args[0], true, args[1:]
	}
	switch {
	case flag == nil:
		r.wrong = append(r.wrong, errors.New(r.unknown(name, value, hasValue)))
	case !hasValue:
		r.invalid[flag.Name] = true
		r.wrong = append(r.wrong, Wrongf(flag.Name, "needs a value"))
	default:
		list.flags = append(list.flags, givenFlag{flag.Name, value, true})
	}
	return args
}

// find returns the flag with that name, with its hyphens, of any command. It returns nil if there is
// none.
func (r *reader) find(name string) (found *kong.Flag) {
	r.eachFlag(func(flag *kong.Flag) {
		if name == "--"+flag.Name || flag.Short != 0 && name == "-"+string(flag.Short) {
			found = flag
		}
	})
	return found
}

// unknown says that a flag is not known, and what was probably meant.
func (r *reader) unknown(name, value string, hasValue bool) string {
	text := name + " is not a flag"
	long := "--" + strings.TrimLeft(name, "-")
	hint := cmp.Or(r.Hints[name], r.Hints[long])
	if hint == "" && !strings.HasPrefix(name, "--") && len(name) > 2 && r.Hints[name[:2]] != "" {
		hint, value, hasValue = r.Hints[name[:2]], name[2:], true // such as -p4711
	}
	if hint == "" {
		var flags []string
		r.eachFlag(func(flag *kong.Flag) { flags = append(flags, flag.Name) })
		near := nearest(long[2:], flags)
		if near == "" {
			return text
		}
		hint = "--" + near
		if hasValue {
			hint += " VALUE"
		}
		// A mistake in the name of a flag must not bring its secret into a log.
		hasValue = hasValue && !r.find("--"+near).Tag.Has("secret")
	}
	if hasValue {
		hint = strings.ReplaceAll(hint, "VALUE", value)
	}
	return text + ": did you mean " + hint + "?"
}

// finish completes the list: it asks for help if the word help did, checks that the command takes the
// flags, and that there is a command.
func (r *reader) finish(list *argumentList) {
	help := list.helpWord && len(r.wrong) == 0 ||
		slices.ContainsFunc(list.flags, func(f givenFlag) bool { return f.name == "help" })
	if len(list.words) > 0 {
		r.help = fmt.Sprintf("%s %s --help", r.Name, strings.Join(list.words, " "))
	}
	r.json = r.asksForJSON(list)
	if help {
		list.flags, list.rest, list.ended = []givenFlag{{name: "help"}}, nil, false
		return
	}
	command := list.node
	if command.DefaultCmd != nil {
		command = command.DefaultCmd
	} else if len(command.Children) > 0 {
		r.wrong = append(r.wrong, fmt.Errorf("%s needs a command: %s",
			strings.Join(list.words, " "), anyOf(names(command))))
	}
	r.checkFlags(list, command)
	r.checkArguments(list, command)
}

// checkArguments keeps an error for arguments that are missing, or leaves out those that are too many and
// keeps an error about them.
func (r *reader) checkArguments(list *argumentList, command *kong.Node) {
	takes, missing := 0, []string(nil)
	for i, argument := range command.Positional {
		if argument.IsCumulative() || argument.PassthroughMode != kong.PassThroughModeNone {
			takes += len(list.rest)
		}
		takes++
		if argument.Required && i >= len(list.rest) {
			missing = append(missing, strings.ToUpper(argument.Name))
		}
	}
	if len(missing) > 0 {
		r.wrong = append(r.wrong, fmt.Errorf("%s needs %s", strings.Join(list.words, " "), strings.Join(missing, " ")))
	}
	if takes > 0 && len(list.rest) > takes {
		for _, extra := range list.rest[takes:] {
			r.wrong = append(r.wrong, errors.New("unexpected argument "+extra))
		}
		list.rest = list.rest[:takes]
	}
}

// checkFlags leaves out each flag that the command does not take, and keeps an error about it.
func (r *reader) checkFlags(list *argumentList, command *kong.Node) {
	takes := map[string]bool{}
	for _, group := range command.AllFlags(false) {
		for _, flag := range group {
			takes[flag.Name] = true
		}
	}
	name := cmp.Or(strings.Join(list.words, " "), command.Name)
	list.flags = slices.DeleteFunc(list.flags, func(flag givenFlag) bool {
		if !takes[flag.name] {
			r.wrong = append(r.wrong, fmt.Errorf("%s does not take --%s", name, flag.name))
		}
		return !takes[flag.name]
	})
}

// asksForJSON reports whether failures are to be reported as JSON.
func (r *reader) asksForJSON(list *argumentList) (json bool) {
	r.eachFlag(func(flag *kong.Flag) {
		if flag.Name == r.FormatFlag && len(r.envs[flag]) > 0 {
			json = strings.EqualFold(os.Getenv(r.envs[flag][0]), "json")
		}
	})
	for _, flag := range list.flags {
		if flag.name == r.FormatFlag {
			json = strings.EqualFold(flag.value, "json")
		}
	}
	return json
}

// nearest returns the name that a word was probably meant to be, or "": the only one that begins with it,
// or the one that is most like it.
func nearest(word string, names []string) string {
	var longer []string
	for _, name := range names {
		if strings.HasPrefix(name, word) && !slices.Contains(longer, name) { // several commands have a flag
			longer = append(longer, name)
		}
	}
	if len(longer) == 1 {
		return longer[0]
	}
	return spelling.Nearest(word, names)
}
