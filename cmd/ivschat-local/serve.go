package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/ivschat-local/ivschat-local/emulator"
)

type serveCommand struct{}

// Run serves until the context ends.
func (serveCommand) Run(ctx context.Context, terminal terminal, settings Settings) error {
	e, err := emulator.New(settings.config(terminal.err))
	if err != nil {
		return err
	}
	if err := e.Start(); err != nil {
		return errors.Join(err, e.Close())
	}
	announce(terminal.out, e, settings)
	select {
	case <-ctx.Done():
		return e.Close()
	case <-e.Done():
		return errors.Join(errors.New("the listener failed, see the log"), e.Close())
	}
}

// announce says that the emulator is ready and how to try it. Tools wait for
// its last line.
func announce(out io.Writer, e *emulator.Emulator, settings Settings) {
	if settings.LogFormat == "json" {
		slog.New(slog.NewJSONHandler(out, nil)).Info("Ready.",
			"endpoint", e.URL(), "address", e.Addr().String(), "data", settings.Data, "version", emulator.Version)
		return
	}
	fmt.Fprintf(out, `ivschat-local %s
  Endpoint: %s
  Data:     %s
  Try:      AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws --endpoint-url %s --region %s ivschat create-room --name hello
Ready.
`, emulator.Version, e.URL(), cmp.Or(settings.dataDir(), "in memory, gone at the end"), e.URL(), settings.Region)
}
