package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// healthTimeout is how long the emulator may take to answer.
const healthTimeout = 2 * time.Second

type healthCommand struct{}

// Run asks the emulator at --listen whether it is ready.
func (healthCommand) Run(ctx context.Context, terminal terminal, settings Settings) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
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
		return fmt.Errorf("%s answered %s, not 200 OK", url, response.Status)
	}
	fmt.Fprintln(terminal.out, "ok")
	return nil
}
