package cli

import (
	"strings"

	"github.com/alecthomas/kong"
)

// printHelp prints the help of a command. The help of the program has the flags of its default command,
// too.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if app := ctx.Model.Node; ctx.Selected() == nil && app.DefaultCmd != nil {
		app.Flags = append(app.Flags, app.DefaultCmd.Flags...)
	}
	return kong.DefaultHelpPrinter(options, ctx)
}

// helpOf returns the help of a flag or argument, with its variable.
func (r *reader) helpOf(value *kong.Value) string {
	if value.Flag == nil || len(r.envs[value.Flag]) == 0 {
		return value.Help
	}
	return strings.TrimSuffix(value.Help, ".") + " ($" + strings.Join(r.envs[value.Flag], ", $") + ")."
}
