package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A goPackage is what `go list` prints about a package.
type goPackage struct {
	ImportPath, Dir                    string
	GoFiles, TestGoFiles, XTestGoFiles []string
	Imports, TestImports, XTestImports []string
	Module                             struct{ Dir string }
}

// A suite is the tests of a module.
type suite struct {
	dir       string
	packages  map[string]goPackage     // by import path
	durations map[string]time.Duration // of the tests without a mutant, by import path
}

// openSuite reads which packages the module has.
func openSuite(ctx context.Context, dir string) (*suite, error) {
	s := &suite{dir: dir, packages: map[string]goPackage{}, durations: map[string]time.Duration{}}
	listed, err := s.list(ctx, "./...")
	for _, p := range listed {
		s.packages[p.ImportPath] = p
	}
	return s, err
}

// measure runs the tests of all packages but those that skip matches, without a mutant.
func (s *suite) measure(ctx context.Context, skip *regexp.Regexp) error {
	tested := []string{}
	for path, p := range s.packages {
		if len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 && !skip.MatchString(path) {
			tested = append(tested, path)
		}
	}
	if len(tested) == 0 {
		return fmt.Errorf("-skip %s leaves no package with tests", skip)
	}
	output, err := s.goCommand(ctx, "", append([]string{"test", "-vet=off", "-count=1"}, tested...)...)
	if err != nil {
		return fmt.Errorf("the tests fail without a mutant: %w\n%s", err, output)
	}
	for _, match := range regexp.MustCompile(`(?m)^ok\s+(\S+)\s+([0-9.]+)s`).FindAllStringSubmatch(output, -1) {
		seconds, _ := strconv.ParseFloat(match[2], 64)
		s.durations[match[1]] = time.Duration(seconds * float64(time.Second))
	}
	return nil
}

// list returns what `go list` prints about packages.
func (s *suite) list(ctx context.Context, patterns ...string) (packages []goPackage, err error) {
	output, err := s.goCommand(ctx, "", append([]string{"list", "-json"}, patterns...)...)
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w\n%s", strings.Join(patterns, " "), err, output)
	}
	for decoder := json.NewDecoder(strings.NewReader(output)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
}

// goCommand runs the go command. Every go command below it reads the overlay, too, because it is in
// GOFLAGS.
func (s *suite) goCommand(ctx context.Context, overlay string, args ...string) (output string, err error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir, command.Env = s.dir, os.Environ()
	if overlay != "" {
		command.Env = append(command.Env, strings.TrimSpace("GOFLAGS="+os.Getenv("GOFLAGS")+" -overlay="+overlay))
	}
	bytes, err := command.CombinedOutput()
	return string(bytes), err
}

// mutants returns all mutants of the packages that the patterns match.
func (s *suite) mutants(ctx context.Context, patterns []string) (all []mutant, err error) {
	listed, err := s.list(ctx, patterns...)
	if err != nil {
		return nil, err
	}
	for _, p := range listed {
		for _, name := range p.GoFiles {
			path := filepath.Join(p.Dir, name)
			source, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			file, err := filepath.Rel(p.Module.Dir, path)
			if err != nil {
				return nil, err
			}
			found, err := find(path, filepath.ToSlash(file), p.ImportPath, source)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

// groups returns the packages whose tests can find a mutant of a package, in the order in which they are
// run: the package itself, then those that import it, then all others that depend on it. Within a group,
// the fastest is first.
func (s *suite) groups(importPath string) [][]string {
	groups := make([][]string, 3)
	for path := range s.durations {
		p := s.packages[path]
		imports := slices.Concat(p.Imports, p.TestImports, p.XTestImports)
		switch {
		case path == importPath:
			groups[0] = append(groups[0], path)
		case slices.Contains(imports, importPath):
			groups[1] = append(groups[1], path)
		case s.reaches(imports, importPath, map[string]bool{}):
			groups[2] = append(groups[2], path)
		}
	}
	for _, group := range groups {
		slices.SortFunc(group, func(a, b string) int { return int(s.durations[a] - s.durations[b]) })
	}
	return slices.DeleteFunc(groups, func(group []string) bool { return len(group) == 0 })
}

// reaches returns whether one of the packages depends on another.
func (s *suite) reaches(from []string, to string, seen map[string]bool) bool {
	for _, path := range from {
		if path == to {
			return true
		}
		if !seen[path] {
			seen[path] = true
			if s.reaches(s.packages[path].Imports, to, seen) {
				return true
			}
		}
	}
	return false
}

// timeout returns how long the tests of a package of the group may take. It is generous, because the
// machine can be busy.
func (s *suite) timeout(group []string) time.Duration {
	longest := time.Duration(0)
	for _, path := range group {
		longest = max(longest, s.durations[path])
	}
	return 20*time.Second + 5*longest
}
