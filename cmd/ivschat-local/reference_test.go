package main

import (
	"flag"
	"fmt"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

var update = flag.Bool("update", false, "write what is generated in docs/reference")

func TestTheReferenceOfSettingsIsCurrent(t *testing.T) {
	var settings serveCommand
	parser, err := kong.New(&settings, kong.DefaultEnvars("IVSCHAT"), kong.Vars{"data": "DATA"})
	if err != nil {
		t.Fatal(err)
	}
	text := "| flag | variable | default | meaning |\n|---|---|---|---|\n"
	for _, flag := range parser.Model.Flags {
		if flag.Name == "help" {
			continue
		}
		value := "`" + flag.Default + "`"
		switch flag.Default {
		case "DATA":
			value = "`ivschat-local` in your state directory"
		case "":
			value = "none"
			if flag.IsBool() {
				value = "`false`"
			}
		}
		text += fmt.Sprintf("| `--%s` | `%s` | %s | %s |\n", flag.Name, flag.Envs[0], value, flag.Help)
	}
	guides.Generate(t, "docs/reference/settings.md", "settings", text, *update)
}
