package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/ivschat-local/ivschat-local/emulator"
)

type serveCommand struct{}

// Run serves until the context ends.
func (serveCommand) Run(ctx context.Context, terminal terminal, settings Settings) error {
	e, err := start(ctx, terminal, settings)
	if err != nil {
		return err
	}
	announce(terminal.out, e, settings)
	select {
	case <-ctx.Done():
		return e.Close()
	case <-e.Done():
		return errors.Join(errors.New("the listener failed, see the log"), e.Close())
	}
}

// start starts an emulator that has what the seed says.
func start(ctx context.Context, terminal terminal, settings Settings) (*emulator.Emulator, error) {
	var seed []byte
	if settings.Seed != "" {
		var err error
		if seed, err = os.ReadFile(settings.Seed); err != nil {
			return nil, fmt.Errorf("seed: %w", err)
		}
	}
	e, err := emulator.New(settings.config(terminal.err))
	if err != nil {
		return nil, err
	}
	if seed != nil {
		if err := e.Seed(ctx, seed); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", settings.Seed, err), e.Close())
		}
	}
	if err := e.Start(); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// announce says that the emulator is ready and how to try it. Tools wait for
// its last line.
func announce(out io.Writer, e *emulator.Emulator, settings Settings) {
	if settings.LogFormat == "json" {
		slog.New(slog.NewJSONHandler(out, nil)).Info("Ready.",
			"endpoint", e.URL(), "address", e.Addr().String(), "admin", e.AdminURL(), "data", settings.Data, "random_seed", e.RandomSeed(), "version", emulator.Version)
		return
	}
	inspect := ""
	if settings.AdminListen != "" {
		inspect = "\n  Admin:    " + cmp.Or(e.AdminURL(), "off")
	}
	fmt.Fprintf(out, `ivschat-local %s
  Endpoint: %s%s
  Data:     %s
  Random:   --random-seed %d
  Try:      AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws --endpoint-url %s --region %s ivschat create-room --name hello
Ready.
`, emulator.Version, e.URL(), inspect, cmp.Or(settings.dataDir(), "in memory, gone at the end"), e.RandomSeed(), e.URL(), settings.Region)
}
