package cli

import (
	"fmt"
	"io"
	"log/slog"
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
		m.log().Error(OneLine(err))
		return
	}
	fmt.Fprintf(m.to, "%s: %s\n", m.program, OneLine(err))
}

// Warn reports a warning.
func (m Messages) Warn(text string) {
	if m.json {
		m.log().Warn(text)
		return
	}
	fmt.Fprintf(m.to, "%s: warning: %s\n", m.program, text)
}

// usage reports a command line that is not valid, and the command that prints help.
func (m Messages) usage(err error, help string) {
	if m.json {
		m.log().Error(OneLine(err), "help", help)
		return
	}
	fmt.Fprintf(m.to, "%s: %s\nTry %s.\n", m.program, OneLine(err), help)
}

func (m Messages) log() *slog.Logger { return slog.New(slog.NewJSONHandler(m.to, nil)) }
