package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/cluster"
)

type keysCommand struct {
	Data string `default:"${data}" help:"Directory of the keys. With --nats, the keys are those of a cluster."`
	ClusterSettings

	List   keysListCommand   `cmd:"" help:"List the keys in the data directory, or those of a cluster."`
	Rotate keysRotateCommand `cmd:"" help:"Add a key that encrypts new chat tokens. A running emulator uses it at once, the nodes of a cluster within a second. Older tokens stay valid."`
	Create keysCreateCommand `cmd:"" help:"Create a key if the file with the keys was lost, or the keys of a cluster were removed. Older tokens become invalid."`
}

func (c *keysCommand) check() error {
	var config emulator.Config
	c.addTo(&config)
	return errors.Join(notEmpty("data", c.Data), c.ClusterSettings.check(), asWrong(config.Validate()))
}

// A keyStore says how keys are opened in a directory, and how those of a cluster.
type keyStore struct {
	inDirectory func(dir string, logger *slog.Logger) (*crypto.Keyring, error)
	inCluster   func(context.Context, crypto.Shared, string, string, *slog.Logger) (*crypto.Keyring, error)
}

var (
	loadKeys   = keyStore{crypto.LoadKeyring, crypto.LoadSharedKeyring}
	createKeys = keyStore{crypto.CreateKeyring, crypto.CreateSharedKeyring}
)

// clusterTime is how long a command about keys waits for NATS.
const clusterTime = 10 * time.Second

// use opens the keys and does something with them.
func (c *keysCommand) use(
	ctx context.Context, terminal terminal, open keyStore, do func(context.Context, *crypto.Keyring) error,
) error {
	config := emulator.Config{Logger: Settings{}.logger(terminal.err)}
	c.addTo(&config)
	if !config.InCluster() {
		if strings.EqualFold(c.Data, inMemory) {
			return errors.New("--data :memory: stores no keys: give the data directory of the keys")
		}
		keyring, err := open.inDirectory(c.Data, config.Logger)
		if err != nil {
			return err
		}
		return do(ctx, keyring)
	}
	secret, err := c.readSecret(config.Logger)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, clusterTime)
	defer cancel()
	connected, err := cluster.Dial(ctx, config.ClusterConfig())
	if err != nil {
		return err
	}
	defer connected.Close()
	keyring, err := open.inCluster(ctx, connected.Keys(), config.ClusterConfig().Prefix, secret, config.Logger)
	if err != nil {
		return err
	}
	return do(ctx, keyring)
}

type keysListCommand struct{}

// Run prints one line for each key. It never prints a key itself.
func (keysListCommand) Run(ctx context.Context, terminal terminal, of *keysCommand) error {
	return of.use(ctx, terminal, loadKeys, func(ctx context.Context, keyring *crypto.Keyring) error {
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
	})
}

type keysRotateCommand struct{}

// Run adds a key and makes it the primary one.
func (keysRotateCommand) Run(ctx context.Context, terminal terminal, of *keysCommand) error {
	return of.use(ctx, terminal, loadKeys, func(ctx context.Context, keyring *crypto.Keyring) error {
		key, err := keyring.Rotate(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(terminal.out, "New chat tokens are encrypted with key %d. Older tokens stay valid.\n", key.ID)
		return nil
	})
}

type keysCreateCommand struct{}

// Run creates the file with a key, or the keys of a cluster, unless there are keys.
func (keysCreateCommand) Run(ctx context.Context, terminal terminal, of *keysCommand) error {
	return of.use(ctx, terminal, createKeys, func(ctx context.Context, keyring *crypto.Keyring) error {
		keys, err := keyring.Keys(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(terminal.out, "New chat tokens are encrypted with key %d. Older tokens are invalid.\n", keys[0].ID)
		return nil
	})
}
