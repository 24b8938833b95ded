package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

const (
	journalDocument = "ivschat-local journal"
	journalBegin    = "{\n  \"document\": \"" + journalDocument + "\"," // so that the file can be told from others
)

// encodeJournal writes the file that exec leaves behind if its command fails. It encodes one entry after
// another, because all of them can take a lot of memory.
func encodeJournal(out io.Writer, randomSeed uint64, evidence *journal.Journal) error {
	text := bufio.NewWriter(out)
	fmt.Fprintf(text, "%s\n  \"version\": %q,\n  \"randomSeed\": %d,\n  \"items\": [",
		journalBegin, emulator.Version, randomSeed)
	separator := "\n    "
	for entry := range evidence.All(0, journal.Filter{}) {
		item, err := json.MarshalIndent(entry, "    ", "  ")
		if err != nil {
			return err
		}
		text.WriteString(separator)
		text.Write(item)
		separator = ",\n    "
	}
	if separator[0] == ',' {
		text.WriteString("\n  ")
	}
	text.WriteString("]\n}\n")
	return text.Flush() // which has the error of every write
}

// saveJournal writes what happened in the emulator to a file.
func (c execCommand) saveJournal(e *emulator.Emulator, evidence *journal.Journal) error {
	err := fmt.Errorf("%s exists and is not a journal, so it was not replaced", c.Journal)
	if !isForeign(c.Journal) {
		err = writeFile(c.Journal, func(out io.Writer) error { return encodeJournal(out, e.RandomSeed(), evidence) })
	}
	if err != nil {
		return fmt.Errorf("write the journal: %w: choose another file with --journal", err)
	}
	return nil
}

// writeJournal writes what happened in the emulator to a file, and prints where it is.
func (c execCommand) writeJournal(
	terminal terminal, e *emulator.Emulator, evidence *journal.Journal, began time.Time,
) error {
	repeat := fmt.Sprintf("--random-seed %d repeats the IDs and random faults", e.RandomSeed())
	if c.Journal == "" {
		terminal.messages.Error(errors.New("the command failed; " + repeat))
		return nil
	}
	if hasJournal(c.Journal, func(written time.Time) bool { return !written.Before(began) }) {
		// Probably the command ran the other exec, whose emulator it used.
		terminal.messages.Error(fmt.Errorf("the command failed; %s has the journal of another exec, which failed "+
			"meanwhile, and was not replaced: choose another file with --journal; %s", c.Journal, repeat))
		return nil
	}
	if err := c.saveJournal(e, evidence); err != nil {
		return fmt.Errorf("%w; %s", err, repeat)
	}
	terminal.messages.Error(errors.New("the command failed; " + c.Journal + " has the journal, and " + repeat))
	return nil
}

// writeFile replaces the content of a file. A pipe that no one reads is an error: without O_NONBLOCK,
// opening it would wait for a reader.
func writeFile(name string, write func(io.Writer) error) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// removeStaleJournal removes a journal that was written before that time, by an earlier run that failed.
func removeStaleJournal(name string, before time.Time) error {
	if !hasJournal(name, func(written time.Time) bool { return written.Before(before) }) {
		return nil
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the journal of an earlier run: %w", err)
	}
	return nil
}

// hasJournal reports whether there is a journal under the name, and not only a link to one, that was
// written at such a time.
func hasJournal(name string, at func(written time.Time) bool) bool {
	info, err := os.Lstat(name)
	return name != "" && err == nil && info.Mode().IsRegular() && at(info.ModTime()) && isJournal(name)
}

// isForeign reports whether there is a regular file with content that is not a journal.
func isForeign(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0 && !isJournal(name)
}

// isJournal reports whether a file is a journal that exec wrote.
func isJournal(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	var begin strings.Builder
	_, err = io.CopyN(&begin, file, int64(len(journalBegin)))
	return err == nil && begin.String() == journalBegin
}
