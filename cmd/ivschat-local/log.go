package main

import (
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// logger returns a logger that writes in the format of the settings. On a terminal, a text is short and
// coloured.
func (s Settings) logger(log io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // the enum of the setting allows only valid names
	options := &slog.HandlerOptions{Level: level}
	switch {
	case s.LogFormat == "json":
		return slog.New(slog.NewJSONHandler(log, options))
	case isTerminal(log):
		return slog.New(terminalHandler(log, level, hasColours()))
	default:
		return slog.New(slog.NewTextHandler(log, options))
	}
}

// terminalHandler returns a handler for people, who read the log on a terminal.
func terminalHandler(log io.Writer, level slog.Level, coloured bool) slog.Handler {
	return tint.NewTextHandler(log, &tint.Options{
		Level: level, TimeFormat: "15:04:05", NoColor: !coloured, ReplaceAttr: forTerminal,
	})
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// hasColours reports whether the terminal has colours and the user wants them (no-color.org). A console
// of Windows would show the escape sequences unless they are enabled.
func hasColours() bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && runtime.GOOS != "windows"
}

// forTerminal removes attributes that are for programs rather than for readers, and hides the escape character: what
// clients send is in the log, and package tint takes escape sequences in it for colours.
func forTerminal(_ []string, attribute slog.Attr) slog.Attr {
	if attribute.Key == "request_id" {
		return slog.Attr{}
	}
	text := attribute.Value.String()
	if harmless := hidesEscapes.Replace(text); harmless != text {
		attribute.Value = slog.StringValue(harmless)
	}
	return attribute
}

// hidesEscapes also replaces the text with which strconv.Quote writes the character, which package tint decodes.
var hidesEscapes = strings.NewReplacer("\x1b", `\u001b`, `\x1b`, `\u001b`)
