package cli

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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

// oneLine returns a text in one line, with joined errors separated by semicolons.
func oneLine(text string) string { return Printable(strings.ReplaceAll(text, "\n", "; ")) }

// changesTerminal reports whether a character could change what a terminal shows: control characters, with which an
// escape sequence begins, line separators, and characters that change the direction of writing.
func changesTerminal(char rune) bool {
	return unicode.IsControl(char) || unicode.Is(unicode.Bidi_Control, char) || unicode.In(char, unicode.Zl, unicode.Zp)
}

// Printable returns a text in which everything that could change what a terminal shows, and bytes that are not UTF-8,
// are escaped as in Go. A text may have parts of files, of variables, and of what chat users write.
func Printable(text string) string {
	var line strings.Builder
	for i, char := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case char == utf8.RuneError && size == 1:
			fmt.Fprintf(&line, `\x%02x`, text[i])
		case changesTerminal(char):
			line.WriteString(strings.Trim(strconv.QuoteRuneToASCII(char), "'"))
		default:
			line.WriteRune(char)
		}
	}
	return line.String()
}

// PrintableJSON returns valid JSON with the same meaning, in which everything that could change what a terminal shows
// is escaped as in JSON. Line breaks stay.
func PrintableJSON(text string) string {
	var line strings.Builder
	for _, char := range text {
		if changesTerminal(char) && char != '\n' {
			fmt.Fprintf(&line, `\u%04x`, char) // none of them has more digits
		} else {
			line.WriteRune(char)
		}
	}
	return line.String()
}

func (m Messages) log() *slog.Logger { return slog.New(slog.NewJSONHandler(m.to, nil)) }
