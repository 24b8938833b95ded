package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/iam"
	"github.com/ivschat-local/ivschat-local/internal/shortfile"
)

// A clientKey is the credentials of a client.
type clientKey struct{ id, secret, token string }

// accountKey returns credentials that select an account, for an emulator that does not verify them.
func accountKey(account string) clientKey { return clientKey{id: account, secret: "local"} }

// firstKey returns the credentials of the first caller, which is that for tools that need only one.
func firstKey(callers *iam.Callers) clientKey {
	first := callers.All()[0]
	return clientKey{first.AccessKeyID, first.SecretAccessKey, first.SessionToken}
}

// keyFor returns the credentials with which a client can use an emulator.
func keyFor(e *emulator.Emulator, settings Settings) clientKey {
	if e.Callers() == nil {
		return accountKey(settings.Account)
	}
	return firstKey(e.Callers())
}

// variables returns the environment variables of AWS SDKs for the credentials. They replace real ones that may be set.
func (k clientKey) variables() [][2]string {
	return [][2]string{
		{"AWS_ACCESS_KEY_ID", k.id},
		{"AWS_SECRET_ACCESS_KEY", k.secret},
		{"AWS_SESSION_TOKEN", k.token}, // SDKs treat an empty value as unset
	}
}

// readCredentials reads a credentials file, which must be valid.
func readCredentials(path, account string) (text string, callers *iam.Callers, err error) {
	file, err := shortfile.Read(path, iam.MaximumBytes)
	if err != nil {
		return "", nil, fmt.Errorf("read the credentials file: %w", err)
	}
	if callers, err = iam.Parse(file, account); err != nil {
		return "", nil, fmt.Errorf("%s: %w", path, err)
	}
	return string(file), callers, nil
}

// key returns the credentials for the emulator that env is about.
func (c envCommand) key(terminal terminal) (clientKey, error) {
	switch {
	case c.Credentials != "":
		_, callers, err := readCredentials(c.Credentials, c.Account)
		if err != nil {
			return clientKey{}, err
		}
		return firstKey(callers), nil
	case c.Auth == emulator.AuthOff:
		return accountKey(c.Account), nil
	case strings.EqualFold(c.Data, inMemory): // as in a child of exec
		inherited := clientKey{
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN"),
		}
		if inherited.id == "" || inherited.secret == "" {
			return clientKey{}, errors.New("only the start of an emulator in memory prints its access key: " +
				"start it with --credentials, and give env the same file")
		}
		return inherited, nil
	}
	callers, err := iam.Load(c.Data, c.Account, Settings{LogFormat: "text", LogLevel: "warn"}.logger(terminal.err))
	if errors.Is(err, fs.ErrNotExist) {
		return clientKey{}, fmt.Errorf("there is no access key in %s: the emulator makes it when it first starts with "+
			"--auth, in the directory of --data", c.Data)
	}
	if err != nil {
		return clientKey{}, err
	}
	return firstKey(callers), nil
}

// describeKeys says which access keys an emulator accepts, "" if it accepts all. Only a key that it has made is told
// with its secret.
func describeKeys(e *emulator.Emulator, settings Settings) string {
	if e.Callers() == nil {
		return ""
	}
	key := firstKey(e.Callers())
	if settings.Credentials == "" {
		return key.id + " with the secret access key " + key.secret
	}
	switch more := len(e.Callers().All()) - 1; more {
	case 0:
		return key.id + " of " + settings.Credentials
	default:
		return fmt.Sprintf("%s and %d more of %s", key.id, more, settings.Credentials)
	}
}

// tryCommand returns a command with which users can try the emulator.
func tryCommand(e *emulator.Emulator, settings Settings) string {
	const call = "ivschat create-room --name hello"
	endpoint := emulator.EndpointURL(e.Addr().String())
	key := clientKey{id: "local", secret: "local"}
	if e.Callers() != nil {
		if settings.Credentials != "" { // its secrets are not printed
			return fmt.Sprintf(`eval "$(ivschat-local env --listen %s --region %s --credentials %s)" && aws %s`,
				e.Addr(), settings.Region, quoted(settings.Credentials), call)
		}
		key = firstKey(e.Callers())
	}
	return fmt.Sprintf("AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s aws --endpoint-url %s --region %s %s",
		key.id, key.secret, endpoint, settings.Region, call)
}

// quoted returns a text as one word for a shell, in quotes.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
