package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/emulator"
)

func TestTheNodesOfTheComposeFileHaveSettingsOfOneCluster(t *testing.T) {
	text, err := os.ReadFile("../../examples/compose/cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Image       string
			Environment map[string]string
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	nodes := map[string]Settings{}
	for name, service := range file.Services {
		if !strings.Contains(service.Image, "ivschat-local:") {
			continue
		}
		var args []string
		for _, flag := range flags(t) {
			if value, ok := service.Environment[flag.Envs[0]]; ok {
				args = append(args, "--"+flag.Name+"="+required.ReplaceAllString(value, longSecret))
			}
		}
		line := new(commandLine)
		if err := newProgram(line).Parse(args); err != nil || len(args) != len(service.Environment) {
			t.Errorf("%s: %q are the flags of %v: %v", name, args, service.Environment, err)
		}
		nodes[line.Serve.Node] = line.Serve.Settings
	}
	if len(nodes) != 3 {
		t.Errorf("there are %d nodes with different names", len(nodes))
	}
	var first emulator.Config
	for name, settings := range nodes {
		config := settings.config(nil)
		if !config.InCluster() || config.ClusterSecret != longSecret || name == "" {
			t.Errorf("%s is no node of a cluster: %+v", name, config)
		}
		if first.Listen == "" {
			first = config
		}
		if config.NATS[0] != first.NATS[0] || config.DataDir != first.DataDir || config.Listen != first.Listen {
			t.Errorf("%s has other settings: %+v, %+v", name, config, first)
		}
	}
}

// required matches a variable that has no default.
var required = regexp.MustCompile(`^\$\{IVSCHAT_CLUSTER_SECRET:\?[^}]+\}$`)
