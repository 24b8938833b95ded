package main

import (
	"context"
	"net/http"
)

type resetCommand struct {
	adminTarget
	To string `env:"-" enum:",seed" default:"" help:"seed: go back to the seed, instead of removing everything." placeholder:"seed"`
}

// Run removes everything, or goes back to the seed.
func (c resetCommand) Run(ctx context.Context, terminal terminal) error {
	var body any
	if c.To != "" {
		body = map[string]string{"to": c.To}
	}
	if err := c.call(ctx, http.MethodPost, "reset", nil, body, nil); err != nil {
		return err
	}
	text := "Everything was removed."
	if c.To != "" {
		text = "Everything is as in the seed."
	}
	return report(terminal, c.JSON, map[string]any{"account": c.Account, "toSeed": c.To != ""}, "%s", text)
}
