package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"

	"github.com/ivschat-local/ivschat-local/crypto"
)

type keysCommand struct {
	Data string `default:"${data}" help:"Directory of the keys."`

	List   keysListCommand   `cmd:"" help:"List the keys in the data directory."`
	Rotate keysRotateCommand `cmd:"" help:"Add a key that encrypts new chat tokens. A running emulator uses it at once. Older tokens stay valid."`
	Create keysCreateCommand `cmd:"" help:"Create a key if the file with the keys was lost. Older tokens become invalid."`
}

func (c *keysCommand) check() error { return notEmpty("data", c.Data) }

type keysListCommand struct{}

// Run prints one line for each key. It never prints a key itself.
func (keysListCommand) Run(ctx context.Context, terminal terminal, of *keysCommand) error {
	keyring, err := loadKeyring(terminal, of.Data)
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
		use := "decrypts chat tokens"
		if key.Primary {
			use = "encrypts and decrypts chat tokens"
		}
		fmt.Fprintf(table, "%d\t%s\t%s\n", key.ID, key.Status, use)
	}
	return table.Flush()
}

type keysRotateCommand struct{}

// Run adds a key and makes it the primary one.
func (keysRotateCommand) Run(ctx context.Context, terminal terminal, of *keysCommand) error {
	keyring, err := loadKeyring(terminal, of.Data)
	if err != nil {
		return err
	}
	key, err := keyring.Rotate(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal.out, "New chat tokens are encrypted with key %d. Older tokens stay valid.\n", key.ID)
	return nil
}

type keysCreateCommand struct{}

// Run creates the file with a key, unless it exists.
func (keysCreateCommand) Run(ctx context.Context, terminal terminal, of *keysCommand) error {
	keyring, err := openKeyring(terminal, of.Data, crypto.CreateKeyring)
	if err != nil {
		return err
	}
	keys, err := keyring.Keys(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(terminal.out, "New chat tokens are encrypted with key %d. Older tokens are invalid.\n", keys[0].ID)
	return nil
}

func loadKeyring(terminal terminal, data string) (*crypto.Keyring, error) {
	return openKeyring(terminal, data, crypto.LoadKeyring)
}

func openKeyring(
	terminal terminal, data string, open func(string, *slog.Logger) (*crypto.Keyring, error),
) (*crypto.Keyring, error) {
	if strings.EqualFold(data, inMemory) {
		return nil, errors.New("--data :memory: stores no keys: give the data directory of the keys")
	}
	return open(data, Settings{}.logger(terminal.err))
}
