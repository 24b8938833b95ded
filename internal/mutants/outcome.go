package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A verdict is what happened to a mutant.
type verdict string

const (
	killed     verdict = "killed"
	survived   verdict = "survived"
	equivalent verdict = "equivalent"
	invalid    verdict = "does not compile"
)

// An outcome is the verdict about a mutant, and which test killed it.
type outcome struct {
	mutant  mutant
	verdict verdict
	by      string
}

// try runs the tests with a mutant, until one fails. The working tree stays as it is: the go command reads
// the changed file from the directory.
func (s *suite) try(ctx context.Context, m mutant, directory string) (outcome, error) {
	overlay, err := writeOverlay(m, directory)
	if err != nil {
		return outcome{}, err
	}
	if _, err := s.goCommand(ctx, overlay, "build", m.Package); err != nil {
		return outcome{mutant: m, verdict: invalid}, ctx.Err()
	}
	for _, group := range s.groups(m.Package) {
		args := []string{"test", "-vet=off", "-failfast", "-timeout", s.timeout(group).String()}
		output, err := s.goCommand(ctx, overlay, append(args, group...)...)
		if ctx.Err() != nil {
			return outcome{}, ctx.Err()
		}
		if err != nil {
			by := killer(output)
			if by == "" {
				return outcome{}, fmt.Errorf("go test failed without a failed test, with the mutant\n%s\n%w\n%s",
					m.identity, err, output)
			}
			return outcome{mutant: m, verdict: killed, by: by}, nil
		}
	}
	return outcome{mutant: m, verdict: survived}, nil
}

// writeOverlay writes a file with the change, and the file that tells the go command to read it.
func writeOverlay(m mutant, directory string) (overlay string, err error) {
	source, err := os.ReadFile(m.Path)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(directory, filepath.Base(m.Path))
	if err := os.WriteFile(changed, m.apply(source), 0o600); err != nil {
		return "", err
	}
	content, err := json.Marshal(map[string]map[string]string{"Replace": {m.Path: changed}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(directory, "overlay.json")
	return overlay, os.WriteFile(overlay, content, 0o600)
}

var (
	failedTest    = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)
	failedPackage = regexp.MustCompile(`(?m)^FAIL[ \t]+(\S+)`)
	timedOut      = regexp.MustCompile(`(?m)^panic: test timed out`)
)

// killer returns what failed: a test and its package, or a package that panicked or hung.
func killer(output string) string {
	failed := failedPackage.FindStringSubmatch(output)
	if failed == nil {
		return ""
	}
	if timedOut.MatchString(output) {
		return "a timeout of " + failed[1]
	}
	if test := failedTest.FindStringSubmatch(output); test != nil {
		return strings.TrimSuffix(test[1], ":") + " of " + failed[1]
	}
	return failed[1]
}
