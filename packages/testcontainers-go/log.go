package ivschatlocal

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	// logTimeout is how long LogOnFailure waits for the container.
	logTimeout = 10 * time.Second
	// journalEntries and entryBytes are what LogOnFailure shows of the journal.
	journalEntries = "200"
	entryBytes     = 2000
)

// LogOnFailure adds the log of the container to the output of the test if the test fails, and the latest calls,
// frames and so on of the emulator's journal. Call it after testcontainers.CleanupContainer, so that the container
// still exists then. A nil container has no log.
func LogOnFailure(t testing.TB, c *Container) {
	t.Helper()
	t.Cleanup(func() {
		if c == nil || !t.Failed() {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), logTimeout) // that of the test has ended
		defer cancel()
		if log, err := c.log(ctx); err != nil {
			t.Logf("the log of ivschat-local cannot be read: %v", err)
		} else {
			t.Logf("the log of ivschat-local:\n%s", log)
		}
		if journal, err := c.journal(ctx); err != nil {
			t.Logf("the journal of ivschat-local cannot be read: %v", err)
		} else {
			t.Logf("the journal of ivschat-local:\n%s", journal)
		}
	})
}

// log returns what the emulator has written to its standard output and standard error.
func (c *Container) log(ctx context.Context) (string, error) {
	reader, err := c.Logs(ctx)
	if err != nil {
		return "", err
	}
	defer reader.Close()
	text, err := io.ReadAll(reader)
	return string(bytes.TrimSpace(text)), err
}

// lastLines returns the end of the log of a container that did not start, for an error.
func (c *Container) lastLines(ctx context.Context) string {
	if c == nil {
		return ""
	}
	log, err := c.log(ctx)
	if err != nil || log == "" {
		return ""
	}
	lines := strings.Split(log, "\n")
	return "\nThe log of the container ends with:\n" + strings.Join(lines[max(0, len(lines)-logLines):], "\n")
}

// journal returns the latest entries of the emulator's journal, one in a line.
func (c *Container) journal(ctx context.Context) (string, error) {
	var journal struct{ Items []json.RawMessage }
	if err := c.Admin(ctx, http.MethodGet, "journal?count="+journalEntries, nil, &journal); err != nil {
		return "", err
	}
	lines := make([]string, len(journal.Items))
	for i, entry := range journal.Items {
		if lines[i] = string(entry); len(entry) > entryBytes {
			lines[i] = strings.ToValidUTF8(lines[i][:entryBytes], "") + "…"
		}
	}
	return strings.Join(lines, "\n"), nil
}
