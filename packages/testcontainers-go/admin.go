package ivschatlocal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/testcontainers/testcontainers-go"
)

// Advance moves the emulator's clock forward. It returns when everything that became due has happened: sessions have
// ended, and their clients were notified.
func (c *Container) Advance(ctx context.Context, d time.Duration) error {
	return c.Admin(ctx, http.MethodPost, "clock", map[string]string{"advance": d.String()}, nil)
}

// Freeze stops the emulator's clock.
func (c *Container) Freeze(ctx context.Context) error {
	return c.Admin(ctx, http.MethodPost, "clock", map[string]bool{"freeze": true}, nil)
}

// Resume lets the emulator's clock run with the machine's time again, without moving it back.
func (c *Container) Resume(ctx context.Context) error {
	return c.Admin(ctx, http.MethodPost, "clock", map[string]bool{"freeze": false}, nil)
}

// Reset removes rooms, sessions, faults, the journal and so on, and goes back to the seed of WithSeed, if there is one.
// The clock runs with the machine's time again, also with WithClock.
func (c *Container) Reset(ctx context.Context) error {
	to := "empty"
	if c.settings.seed != nil {
		to = "seed"
	}
	return c.Admin(ctx, http.MethodPost, "reset", map[string]string{"to": to}, nil)
}

// Admin calls the admin API, for instance POST with the path "faults". The path may have a query. The input is sent as
// JSON unless it is nil, and the answer is decoded into output unless that is nil. A status of 400 or more is an error
// with the message of the emulator.
func (c *Container) Admin(ctx context.Context, method, path string, input, output any) error {
	answer, err := call(ctx, c, method, path, input)
	if err != nil || output == nil {
		return err
	}
	if err := json.Unmarshal(answer, output); err != nil {
		return fmt.Errorf("the answer of ivschat-local to %s %s: %w", method, path, err)
	}
	return nil
}

// set sets the clock of an emulator that has just started.
func (clock *Clock) set(ctx context.Context, c testcontainers.Container) error {
	var changes []map[string]any
	if clock.Frozen {
		changes = append(changes, map[string]any{"freeze": true})
	}
	if !clock.Time.IsZero() {
		changes = append(changes, map[string]any{"to": clock.Time})
	}
	if clock.Scale != 0 {
		changes = append(changes, map[string]any{"scale": clock.Scale})
	}
	for _, change := range changes {
		if _, err := call(ctx, c, http.MethodPost, "clock", change); err != nil {
			return err
		}
	}
	return nil
}

// call calls the admin API of the emulator in a container. It uses plain HTTP, which works with WithTLS, too.
func call(ctx context.Context, c testcontainers.Container, method, path string, input any) ([]byte, error) {
	endpoint, err := c.PortEndpoint(ctx, exposed, "http")
	if err != nil {
		return nil, fmt.Errorf("the address of ivschat-local: %w", err)
	}
	var body io.Reader
	if input != nil {
		text, err := json.Marshal(input)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, endpoint+apiPath+strings.TrimPrefix(path, "/"), body)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer of ivschat-local to %s %s: %w", method, path, err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("ivschat-local answered %s to %s %s: %s",
			response.Status, method, path, bytes.TrimSpace(answer))
	}
	return answer, nil
}
