package cli

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"unicode"
)

// Messages reports warnings and failures of a program, in one line each: as text with the program's name,
// or as JSON like the lines of its log.
type Messages struct {
	program string
	json    bool
	to      io.Writer
}

// Error reports an error.
func (m Messages) Error(err error) {
	if m.json {
		m.log().Error(oneLine(err.Error()))
		return
	}
	fmt.Fprintf(m.to, "%s: %s\n", m.program, oneLine(err.Error()))
}

// Warn reports a warning.
func (m Messages) Warn(text string) {
	if m.json {
		m.log().Warn(text)
		return
	}
	fmt.Fprintf(m.to, "%s: warning: %s\n", m.program, oneLine(text))
}

// usage reports a command line that is not valid, and the command that prints help.
func (m Messages) usage(err error, help string) {
	if m.json {
		m.log().Error(oneLine(err.Error()), "help", help)
		return
	}
	fmt.Fprintf(m.to, "%s: %s\nTry %s.\n", m.program, oneLine(err.Error()), help)
}

// oneLine returns a text in one line, with joined errors separated by semicolons. Control characters,
// which could change what a terminal shows, are escaped: a text may have parts of files and variables.
func oneLine(text string) string {
	var line strings.Builder
	for _, char := range strings.ReplaceAll(text, "\n", "; ") {
		if unicode.IsControl(char) {
			line.WriteString(strings.Trim(strconv.QuoteRune(char), "'"))
		} else {
			line.WriteRune(char)
		}
	}
	return line.String()
}

func (m Messages) log() *slog.Logger { return slog.New(slog.NewJSONHandler(m.to, nil)) }
