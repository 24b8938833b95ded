package main

import (
	"io"
	"log/slog"
	"os"
	"runtime"

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
		return slog.New(tint.NewTextHandler(log, &tint.Options{
			Level: level, TimeFormat: "15:04:05", NoColor: !hasColours(), ReplaceAttr: shorten,
		}))
	default:
		return slog.New(slog.NewTextHandler(log, options))
	}
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

// shorten removes attributes that are for programs rather than for readers.
func shorten(_ []string, attribute slog.Attr) slog.Attr {
	if attribute.Key == "request_id" {
		return slog.Attr{}
	}
	return attribute
}
