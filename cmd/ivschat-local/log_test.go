package main

import (
	"bufio"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/creack/pty"
)

// terminalLog runs the program with a terminal as standard error, makes a request, and returns the log
// line for it.
func terminalLog(t *testing.T, environment []string, args ...string) string {
	t.Helper()
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	command := self(t, environment, append([]string{"--listen", "127.0.0.1:0", "--data", ":memory:"}, args...)...)
	line := ""
	runWhileTo(t, command, theirs, func(url string) {
		post(t, url+"/CreateRoom", "{}")
		lines := bufio.NewScanner(ours)
		for line == "" && lines.Scan() {
			if strings.Contains(lines.Text(), "CreateRoom") {
				line = strings.TrimSpace(lines.Text())
			}
		}
	})
	return line
}

func TestTheLogOnATerminalIsShortAndColoured(t *testing.T) {
	escape := regexp.MustCompile("\x1b\\[[0-9;]*m")
	short := regexp.MustCompile(`^\d\d:\d\d:\d\d INF request operation=CreateRoom status=200 `)
	for _, c := range []struct {
		environment []string
		coloured    bool
	}{
		{nil, true},
		{[]string{"NO_COLOR=1"}, false},
		{[]string{"NO_COLOR="}, true}, // an empty value means nothing (no-color.org)
		{[]string{"TERM=dumb"}, false},
	} {
		line := terminalLog(t, c.environment)
		if escape.MatchString(line) != c.coloured {
			t.Errorf("%v: %q", c.environment, line)
		}
		plain := escape.ReplaceAllString(line, "")
		if !short.MatchString(plain) || strings.Contains(plain, "request_id") {
			t.Errorf("%v: %q", c.environment, plain)
		}
	}
	if line := terminalLog(t, nil, "--log-format", "json"); !strings.HasPrefix(line, `{"time":`) {
		t.Errorf("in JSON format: %q", line)
	}
}

// Anyone can send such texts, for instance as the name of a TLS client.
func TestEscapeSequencesOfClientsDoNotReachTheTerminal(t *testing.T) {
	const clear = "\x1b[2J \u009b31m\u202e\a"
	for _, coloured := range []bool{true, false} {
		var text strings.Builder
		slog.New(terminalHandler(&text, slog.LevelInfo, coloured)).Warn("a client", "text", clear, "word", "\x1bc",
			"quoted", strconv.Quote(clear), "error", fmt.Errorf("read %s and %q", clear, clear),
			slog.Group("group", "value", struct{ Name string }{clear}))
		plain := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(text.String(), "")
		if strings.ContainsFunc(strings.TrimSuffix(plain, "\n"), func(char rune) bool { return !unicode.IsPrint(char) }) {
			t.Errorf("the terminal gets %q", plain)
		}
		if coloured && strings.Count(plain, `\u001b[2J`) != 5 {
			t.Errorf("the log does not say what was sent: %s", plain)
		}
	}
}
