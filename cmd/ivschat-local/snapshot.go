package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
)

type snapshotCommand struct {
	adminTarget

	Save snapshotSaveCommand `cmd:"" help:"Save all rooms, logging configurations and tags to a file."`
	Load snapshotLoadCommand `cmd:"" help:"Replace all rooms, logging configurations and tags with those of a file."`
}

// A snapshotFile is the argument FILE.
type snapshotFile struct {
	File string `arg:"" optional:"" default:"-" complete:"file" help:"Name of the file. - means standard output or input, which is the default."`
}

// standard is the name that stands for standard input or output.
const standard = "-"

type snapshotSaveCommand struct{ snapshotFile }

// Run saves a snapshot.
func (c snapshotSaveCommand) Run(ctx context.Context, terminal terminal, of *snapshotCommand) error {
	if c.File == standard && isTerminal(terminal.out) {
		var text strings.Builder
		err := of.call(ctx, http.MethodGet, "snapshot", nil, nil, &text)
		_, unwritten := io.WriteString(terminal.out, cli.PrintableJSON(text.String()))
		return errors.Join(err, unwritten)
	}
	if c.File == standard {
		return of.call(ctx, http.MethodGet, "snapshot", nil, nil, terminal.out)
	}
	size, err := replaceFile(c.File, func(to io.Writer) error {
		return of.call(ctx, http.MethodGet, "snapshot", nil, nil, to)
	})
	if err != nil {
		return err
	}
	return report(terminal, of.JSON, map[string]any{"file": c.File, "bytes": size}, "Saved %d bytes to %s.", size, c.File)
}

// replaceFile writes a file. A regular file is replaced only once everything was written.
func replaceFile(name string, write func(io.Writer) error) (size int64, err error) {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return writeTo(name, write)
	}
	file, err := os.CreateTemp(filepath.Dir(name), ".snapshot-*")
	if err != nil {
		return 0, fmt.Errorf("save the snapshot: %w", err)
	}
	counted := &countingWriter{to: file}
	err = errors.Join(write(counted), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return 0, errors.Join(err, os.Remove(file.Name()))
	}
	return counted.size, nil
}

// writeTo writes to what exists, such as /dev/stdout or a pipe.
func writeTo(name string, write func(io.Writer) error) (size int64, err error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return 0, fmt.Errorf("save the snapshot: %w", err)
	}
	counted := &countingWriter{to: file}
	err = write(counted)
	return counted.size, errors.Join(err, file.Close())
}

// A countingWriter counts what is written.
type countingWriter struct {
	to   io.Writer
	size int64
}

// Write writes.
func (w *countingWriter) Write(text []byte) (int, error) {
	n, err := w.to.Write(text)
	w.size += int64(n)
	return n, err
}

type snapshotLoadCommand struct{ snapshotFile }

// Run restores a snapshot.
func (c snapshotLoadCommand) Run(ctx context.Context, terminal terminal, of *snapshotCommand) error {
	from := terminal.in
	if c.File != standard {
		file, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("load the snapshot: %w", err)
		}
		defer file.Close() // it was only read
		from = file
	}
	// A request that is too long is refused before all of it was sent, and its error would not say why.
	body := &limitedReader{from: from, left: snapshot.MaximumBytes}
	err := of.call(ctx, http.MethodPut, "snapshot", nil, body, nil)
	if body.left < 0 {
		return fmt.Errorf("%s has more than %d bytes, which is the maximum", c.File, snapshot.MaximumBytes)
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", c.File, err)
	}
	return report(terminal, of.JSON, map[string]any{"file": c.File}, "Loaded %s.", c.File)
}

// A limitedReader reads at most so many bytes, and then fails.
type limitedReader struct {
	from io.Reader
	left int64 // below 0 once there were more
}

// Read reads.
func (r *limitedReader) Read(buffer []byte) (int, error) {
	n, err := r.from.Read(buffer)
	if r.left -= int64(n); r.left < 0 {
		return 0, errors.New("too long")
	}
	return n, err
}
