package main

import (
	"context"
	"embed"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

//go:embed completion
var completionScripts embed.FS

// shells are those for which there is a script.
var shells = []string{"bash", "fish", "zsh"}

type completionCommand struct {
	Shell string `arg:"" complete:"shell" help:"bash, zsh or fish."`
}

// Help implements kong.HelpProvider.
func (completionCommand) Help() string {
	return "To complete commands, flags and rooms in this shell:\n\n" +
		"  source <(ivschat-local completion bash)    # the line also can be in ~/.bashrc\n" +
		"  source <(ivschat-local completion zsh)     # ~/.zshrc\n" +
		"  ivschat-local completion fish | source     # ~/.config/fish/config.fish\n"
}

func (c completionCommand) check() error {
	if !slices.Contains(shells, c.Shell) {
		return fmt.Errorf("SHELL must be bash, zsh or fish, but is %q", c.Shell)
	}
	return nil
}

// Run prints a script.
func (c completionCommand) Run(terminal terminal) error {
	text, err := completionScripts.ReadFile("completion/completion." + c.Shell)
	if err != nil {
		return err
	}
	_, err = terminal.out.Write(text)
	return err
}

// completeCommand is for the scripts. It prints what the last word can be completed to, one suggestion in each line,
// with a description after a tab, or ":file" if it is the name of a file.
type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints suggestions.
func (c completeCommand) Run(ctx context.Context, terminal terminal) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	completion := newProgram(new(commandLine)).Complete(words,
		func(kind string, flags map[string]string, word string) []cli.Suggestion {
			return suggestions(ctx, kind, flags, word)
		})
	if completion.Files {
		_, err := fmt.Fprintln(terminal.out, ":file")
		return err
	}
	for _, s := range completion.Suggestions {
		line := cli.Printable(s.Word)
		if s.Description != "" {
			line += "\t" + cli.Printable(s.Description)
		}
		if _, err := fmt.Fprintln(terminal.out, line); err != nil {
			return err
		}
	}
	return nil
}

// suggestions returns the values of a kind that can complete a word.
func suggestions(ctx context.Context, kind string, flags map[string]string, word string) (all []cli.Suggestion) {
	switch kind {
	case "room":
		return rooms(ctx, flags, word)
	case "due":
		for _, word := range slices.Sorted(maps.Keys(dueWords)) {
			all = append(all, cli.Suggestion{Word: word})
		}
	case "kind":
		for _, kind := range journal.Kinds() {
			all = append(all, cli.Suggestion{Word: string(kind)})
		}
	case "can":
		for word, capability := range capabilities {
			all = append(all, cli.Suggestion{Word: word, Description: string(capability)})
		}
	case "client":
		for _, client := range trustClients {
			all = append(all, cli.Suggestion{Word: client.name, Description: client.title})
		}
	case "action":
		for _, action := range policy.Actions() {
			all = append(all, cli.Suggestion{Word: action})
		}
	case "shell":
		for _, shell := range shells {
			all = append(all, cli.Suggestion{Word: shell})
		}
	}
	return all
}

// suggestionTime is how long an emulator may take to say which rooms there are, while the user waits.
const suggestionTime = 2 * time.Second

// rooms returns the rooms that can complete a word: the names of those that have one of their own, and the ARNs of the
// others. Without an emulator, there are none.
func rooms(ctx context.Context, flags map[string]string, word string) (all []cli.Suggestion) {
	ctx, cancel := context.WithTimeout(ctx, suggestionTime)
	defer cancel()
	endpoint := flags["endpoint"]
	if endpoint == "" {
		endpoint = os.Getenv(serviceVariable)
	}
	service, err := callerTarget{Endpoint: endpoint, Account: flags["account"], Region: flags["region"]}.connect()
	if err != nil {
		return nil
	}
	found, err := service.SearchRooms(ctx, word, flags["account"])
	if err != nil {
		return nil
	}
	// bash puts a suggestion into the command line as it is, and a server can say anything.
	found = slices.DeleteFunc(found, func(room remote.RoomSummary) bool {
		return remote.CheckRoom(room.ARN) != nil || room.Name != "" && remote.CheckRoom(room.Name) != nil
	})
	named := map[string]int{}
	for _, room := range found {
		named[room.Name]++
	}
	for _, room := range found {
		if room.Name != "" && named[room.Name] == 1 {
			all = append(all, cli.Suggestion{Word: room.Name, Description: room.ARN})
		}
		if room.Name == "" || named[room.Name] > 1 || strings.HasPrefix(word, "arn:") {
			all = append(all, cli.Suggestion{Word: room.ARN, Description: room.Name})
		}
	}
	return all
}
