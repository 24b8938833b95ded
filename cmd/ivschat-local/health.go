package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// healthPatience is how long an emulator may take to say that it is well.
const healthPatience = 2 * time.Second

type healthCommand struct{}

// Run asks the emulator that listens, or should, at --listen.
func (healthCommand) Run(ctx context.Context, terminal terminal, settings Settings) error {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	url := emulator.EndpointURL(settings.Listen) + "/health"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no emulator answers at %s: %w", url, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	fmt.Fprintln(terminal.out, "ok")
	return nil
}
