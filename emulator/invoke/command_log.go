package invoke

import (
	"bufio"
	"io"
	"log/slog"
	"strings"

	"golang.org/x/time/rate"
)

// How much of a program's standard error goes to the log. More is left out, and counted.
const (
	maximumLogLine = 4 << 10 // bytes
	logLinesPerSec = 50
	logLinesBurst  = 200
)

// logLines logs what a program writes to standard error, line by line, until it ends. A program that writes
// without end does not fill the log.
func logLines(errorOutput io.Reader, logger *slog.Logger) {
	const message = "a program that reviews messages wrote to standard error"
	lines := bufio.NewReaderSize(errorOutput, maximumLogLine)
	limit, leftOut := rate.NewLimiter(logLinesPerSec, logLinesBurst), 0
	for {
		long := false
		line, err := readLine(lines, maximumLogLine, func() { long = true })
		text := strings.ToValidUTF8(string(line), "\uFFFD")
		switch {
		case strings.TrimSpace(text) == "":
		case !limit.Allow():
			leftOut++
		default:
			attributes := []any{"line", text}
			if long {
				attributes = append(attributes, "cut_after_bytes", maximumLogLine)
			}
			if leftOut > 0 {
				attributes = append(attributes, "lines_left_out_before", leftOut)
				leftOut = 0
			}
			logger.Info(message, attributes...)
		}
		if err != nil {
			break
		}
	}
	if leftOut > 0 {
		logger.Info(message, "lines_left_out", leftOut)
	}
}
