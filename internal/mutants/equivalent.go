package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// equivalents has the equivalent mutants: those that no test can find.
type equivalents map[identity]bool

// has returns whether a mutant is in the list, by itself or with all that change the same lines.
func (e equivalents) has(m mutant) bool { return e[m.identity] || e[m.lines()] }

// lines returns the identity of all mutants that change the same lines.
func (i identity) lines() identity {
	before, _, _ := strings.Cut(i.Diff, "\n+ ")
	return identity{File: i.File, Function: i.Function, Diff: before, Nth: 1}
}

// readEquivalent reads the list of equivalent mutants.
//
// Its entries are paragraphs. The first line of an entry is the file and the function, and #2 if it is
// the second mutant of the function with the same diff. Then comes the diff, then the reason. Without
// lines that begin with +, an entry is about every mutant that changes these lines. A paragraph that
// begins with # is a comment.
func readEquivalent(path string) (equivalents, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	list := equivalents{}
	for _, paragraph := range strings.Split(strings.TrimSpace(string(content)), "\n\n") {
		paragraph = strings.TrimSpace(paragraph)
		if paragraph == "" || strings.HasPrefix(paragraph, "#") {
			continue
		}
		id, err := entry(strings.Split(paragraph, "\n"))
		if err != nil {
			first, _, _ := strings.Cut(paragraph, "\n")
			return nil, fmt.Errorf("%s: %w, in the entry that begins with %q", path, err, first)
		}
		if list[id] {
			return nil, fmt.Errorf("%s has this entry twice:\n%s", path, id)
		}
		list[id] = true
	}
	return list, nil
}

// entry parses an entry of the list, which must have a reason.
func entry(lines []string) (id identity, err error) {
	words := strings.Fields(lines[0])
	id.Nth = 1
	switch {
	case len(words) == 3 && strings.HasPrefix(words[2], "#"):
		if id.Nth, err = strconv.Atoi(words[2][1:]); err != nil {
			return id, fmt.Errorf("%q is not a number", words[2])
		}
	case len(words) != 2:
		return id, fmt.Errorf("the first line must be a file and a function")
	}
	id.File, id.Function = words[0], words[1]
	rest := lines[1:]
	for len(rest) > 0 && (strings.HasPrefix(rest[0], "- ") || strings.HasPrefix(rest[0], "+ ")) {
		rest = rest[1:]
	}
	id.Diff = strings.Join(lines[1:len(lines)-len(rest)], "\n")
	if id.Diff == "" {
		return id, fmt.Errorf("the diff is missing: lines that begin with \"- \" and \"+ \"")
	}
	if len(rest) == 0 {
		return id, fmt.Errorf("the reason is missing, after the diff")
	}
	return id, nil
}
