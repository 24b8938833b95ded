package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
	"github.com/ivschat-local/ivschat-local/internal/shortfile"
)

type serveCommand struct {
	Settings
	StopWithStdin bool `help:"Stop when standard input ends. If standard input is a pipe from the program that started the emulator, the emulator stops when that program ends, even if it is killed."`
}

// Run serves until the context ends, a listener fails, or standard input ends if that was asked for.
func (c serveCommand) Run(ctx context.Context, terminal terminal) error {
	settings := c.normal()
	e, err := create(ctx, terminal, settings)
	if err != nil {
		return err
	}
	if err := start(ctx, e, settings); err != nil {
		return err
	}
	announce(terminal.out, e, settings)
	if c.StopWithStdin {
		var stop context.CancelFunc
		ctx, stop = context.WithCancel(ctx)
		go func() {
			_, _ = io.Copy(io.Discard, terminal.in) // an input that cannot be read has ended, too
			stop()
		}()
	}
	select {
	case <-ctx.Done():
		return e.Close()
	case <-e.Done():
		return errors.Join(errors.New("a listener failed: the log has the reason"), e.Close())
	}
}

// create creates an emulator, with the resources of the seed file if there is one.
func create(ctx context.Context, terminal terminal, settings Settings) (*emulator.Emulator, error) {
	var seed []byte
	if settings.Seed != "" {
		var err error
		if seed, err = shortfile.Read(settings.Seed, snapshot.MaximumBytes); err != nil {
			return nil, fmt.Errorf("read the seed file: %w", err)
		}
	}
	config := settings.config(settings.logger(terminal.err))
	if settings.Credentials != "" {
		var err error
		if config.Credentials, _, err = readCredentials(settings.Credentials, settings.Account); err != nil {
			return nil, err
		}
		if settings.Auth == emulator.AuthOff {
			config.Logger.Warn("the credentials file is not used, because nothing is verified: "+
				"start with --auth signatures or --auth iam", "file", settings.Credentials)
		}
	}
	if len(settings.TLSName) > 0 && settings.TLS != emulator.TLSAuto {
		config.Logger.Warn("--tls-name is not used: it is for --tls auto", "names", strings.Join(settings.TLSName, " "))
	}
	settings.warnAboutCluster(config)
	var err error
	if config.ClusterSecret, err = settings.readSecret(config.Logger); err != nil {
		return nil, err
	}
	e, err := emulator.New(config)
	if err != nil {
		return nil, dataTrouble(ctx, err, settings)
	}
	if seed != nil {
		if err := e.Seed(ctx, seed); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", settings.Seed, err), e.Close())
		}
	}
	return e, nil
}

// start makes an emulator listen. If it cannot, the emulator is closed.
func start(ctx context.Context, e *emulator.Emulator, settings Settings) error {
	if err := e.Start(); err != nil {
		return errors.Join(listenTrouble(ctx, err, settings), e.Close())
	}
	return nil
}

// announce prints the start banner: the endpoint, the console, and a command to try. Its last line says that the
// emulator is ready, and tools wait for it. With --log-format json it prints one object instead.
func announce(out io.Writer, e *emulator.Emulator, settings Settings) {
	plain := emulator.EndpointURL(e.Addr().String())
	if settings.LogFormat == "json" {
		line := []any{
			"endpoint", e.URL(),
			"address", e.Addr().String(),
			"admin", e.AdminURL(),
			"console", e.ConsoleURL(),
			"data", settings.Data,
			"random_seed", e.RandomSeed(),
			"version", emulator.Version,
		}
		if node := e.Node(); node != "" {
			config := settings.config(nil)
			line = append(line, "node", node, "nats", config.NATSServers(), "nats_prefix", config.NATSPrefix)
		}
		if e.TLSConfig() != nil {
			line = append(line, "http_endpoint", plain, "certificate_names", e.CertificateNames(),
				"certificate_authority", e.CertificateAuthorityFile())
		}
		if callers := e.Callers(); callers != nil {
			key := firstKey(callers)
			line = append(line, "access_key_id", key.id)
			if settings.Credentials == "" { // the emulator has made it, and nothing else tells it
				line = append(line, "secret_access_key", key.secret)
			}
		}
		slog.New(slog.NewJSONHandler(out, nil)).Info("Ready.", line...)
		return
	}
	more := ""
	if node := describeNode(settings.config(nil), e.Node()); node != "" {
		more += "\n  Node:     " + node
	}
	if tls := describeTLS(e, settings); tls != "" {
		more += "\n  HTTP:     " + plain + ", at the same port\n  TLS:      " + tls
	}
	if settings.AdminListen != "" {
		more += "\n  Admin:    " + cmp.Or(e.AdminURL(), "off")
	}
	if console := e.ConsoleURL(); console != "" {
		more += "\n  Console:  " + console
	}
	if keys := describeKeys(e, settings); keys != "" {
		more += "\n  Access key: " + keys
	}
	fmt.Fprintf(out, `ivschat-local %s
  Endpoint: %s%s
  Data:     %s
  Random:   --random-seed %d
  Try:      %s
Ready.
`, emulator.Version, e.URL(), more, settings.describeData(), e.RandomSeed(),
		tryCommand(e, settings))
}

// describeTLS says which certificates clients have to trust, "" if they cannot use TLS.
func describeTLS(e *emulator.Emulator, settings Settings) string {
	switch file := e.CertificateAuthorityFile(); {
	case file != "":
		return "clients must trust " + file + ", see " + settings.trustCommand()
	case e.CertificateAuthority() != nil && e.AdminURL() == "":
		return "with a certificate authority that is in memory only: clients can trust it with --data DIR"
	case e.CertificateAuthority() != nil:
		plain := strings.Replace(e.AdminURL(), "https:", "http:", 1) // for a client that does not trust it yet
		return "clients must trust the certificate at " + plain + admin.Prefix + "ca, which is new at each start"
	case e.TLSConfig() != nil:
		certificate, _, _ := strings.Cut(settings.TLS, ",")
		names := cmp.Or(strings.Join(e.CertificateNames(), ", "), "no name")
		return "with the certificate in " + certificate + " for " + names
	}
	return ""
}

// trustCommand returns the command that says how clients trust the authority, with the flags that select it.
func (s Settings) trustCommand() string {
	command := "ivschat-local trust"
	if s.Data != defaultData() {
		command += " --data " + shellQuote(s.Data)
	}
	if s.Region != emulator.DefaultRegion {
		command += " --region " + s.Region
	}
	for _, name := range s.TLSName {
		command += " --tls-name " + name
	}
	return command
}
