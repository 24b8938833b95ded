package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/ivschat-local/ivschat-local/crypto"
)

type keysCommand struct {
	List   keysListCommand   `cmd:"" help:"List the keys in the data directory."`
	Rotate keysRotateCommand `cmd:"" help:"Add a key that seals new tokens from now on, also those of a running emulator. Tokens sealed with the old keys still open."`
}

type keysListCommand struct{}

// Run prints one line for each key, and never the key itself.
func (keysListCommand) Run(ctx context.Context, terminal terminal, settings Settings) error {
	keyring, err := loadKeyring(settings)
	if err != nil {
		return err
	}
	keys, err := keyring.Keys(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KEY ID\tSTATUS\tUSE")
	for _, key := range keys {
		use := "opens tokens"
		if key.Primary {
			use = "opens and seals tokens"
		}
		fmt.Fprintf(table, "%d\t%s\t%s\n", key.ID, key.Status, use)
	}
	return table.Flush()
}

type keysRotateCommand struct{}

// Run adds a key and makes it the primary one.
func (keysRotateCommand) Run(ctx context.Context, terminal terminal, settings Settings) error {
	keyring, err := loadKeyring(settings)
	if err != nil {
		return err
	}
	key, err := keyring.Rotate(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal.out, "New tokens are sealed with key %d. Older tokens still open.\n", key.ID)
	return nil
}

func loadKeyring(settings Settings) (*crypto.Keyring, error) {
	dir := settings.dataDir()
	if dir == "" {
		return nil, errors.New("with --data :memory: the keys live and die with the emulator: there are none to look after")
	}
	return crypto.LoadKeyring(dir)
}
