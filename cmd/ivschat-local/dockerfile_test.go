package main

import (
	"encoding/json"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func dockerfile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Without the name of a registry, some builders ask which one to use, or refuse the name.
func TestTheDockerfileNamesTheRegistryOfEachImage(t *testing.T) {
	stages := []string{"scratch"}
	instruction := regexp.MustCompile(`(?mi)^FROM (\S+)(?: AS (\S+))?$`)
	for _, from := range instruction.FindAllStringSubmatch(dockerfile(t), -1) {
		registry, _, _ := strings.Cut(from[1], "/")
		if !slices.Contains(stages, from[1]) && !strings.Contains(registry, ".") {
			t.Errorf("%s has no registry", from[1])
		}
		stages = append(stages, from[2])
	}
	if len(stages) != 3 {
		t.Errorf("the Dockerfile has the stages %v", stages)
	}
}

// health.txtar tests that health --process uses the arguments of the process.
func TestTheHealthCheckOfTheImageUsesTheArgumentsOfProcess1(t *testing.T) {
	text := dockerfile(t)
	exec := func(instruction string) (args []string) {
		match := regexp.MustCompile(`(?m)^` + instruction + ` (?:.* CMD )?(\[.*\])$`).FindStringSubmatch(text)
		if match == nil || json.Unmarshal([]byte(match[1]), &args) != nil {
			t.Fatalf("the Dockerfile has no %s", instruction)
		}
		return args
	}
	entrypoint, check := exec("ENTRYPOINT"), exec("HEALTHCHECK")
	if len(entrypoint) != 1 || path.Base(entrypoint[0]) != "ivschat-local" || check[0] != entrypoint[0] {
		t.Errorf("the entry point is %q, the health check %q", entrypoint, check)
	}
	line := new(commandLine)
	if err := newProgram(line).Parse(check[1:]); err != nil || check[1] != "health" || line.Health.Process != 1 {
		t.Errorf("the health check is %q: %v", check, err)
	}
}
