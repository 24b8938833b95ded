package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// absent is the exit code of a verb for something that does not exist.
const absent = 3

// A target says where the IVS Chat is that a verb is for.
type target struct {
	Endpoint string `env:"AWS_ENDPOINT_URL_IVSCHAT" help:"URL of a running emulator. By default, $$AWS_ENDPOINT_URL_IVSCHAT, else the address in $$IVSCHAT_LISTEN, else http://127.0.0.1:4700." placeholder:"URL"`
	JSON     bool   `name:"json" env:"-" help:"Print JSON: one document, or one object in each line if there is no end."`
}

// A callerTarget is the target of a verb that calls AWS's operations.
type callerTarget struct {
	Endpoint string `env:"AWS_ENDPOINT_URL_IVSCHAT" help:"URL of an IVS Chat, or aws, with credentials from $$AWS_ACCESS_KEY_ID and so on. By default, $$AWS_ENDPOINT_URL_IVSCHAT, else the address in $$IVSCHAT_LISTEN, else http://127.0.0.1:4700." placeholder:"URL"`
	Account  string `env:"-" help:"Account of the rooms, for an emulator. By default, that of an access key that is an account ID, or $$IVSCHAT_ACCOUNT." placeholder:"ID"`
	Region   string `env:"-" help:"Region of the rooms. By default, $$AWS_REGION, $$AWS_DEFAULT_REGION or $$IVSCHAT_REGION, or the emulator's own." placeholder:"NAME"`
	JSON     bool   `name:"json" env:"-" help:"Print JSON: one document, or one object in each line if there is no end."`
}

// An adminTarget is the target of a verb that calls the admin API.
type adminTarget struct {
	target
	Account string `env:"-" help:"Only what belongs to this account. By default, all accounts." placeholder:"ID"`
}

func (t adminTarget) check() error {
	_, err := t.connect("", "")
	return errors.Join(checkAccount(t.Account), err)
}

// call calls the admin API for the account of the target.
func (t adminTarget) call(ctx context.Context, method, path string, query url.Values, body, output any) error {
	service, err := t.connect("", "")
	if err != nil {
		return err
	}
	return exitFor(service.Admin(ctx, method, t.path(path, query), body, output))
}

// path returns a path of the admin API with a query, to which the account is added.
func (t adminTarget) path(path string, query url.Values) string {
	all := url.Values{}
	maps.Copy(all, query)
	if t.Account != "" {
		all.Set("account", t.Account)
	}
	if len(all) > 0 {
		path += "?" + all.Encode()
	}
	return path
}

func (t callerTarget) check() error {
	err := checkRegion(t.Region)
	if err == nil {
		_, err = t.connect()
	}
	return errors.Join(checkAccount(t.Account), err)
}

func checkAccount(account string) error {
	if account == "" || ivschat.IsAccountID(account) {
		return nil
	}
	return cli.Wrongf("account", "must be 12 digits, but is %q", account)
}

func checkRegion(region string) error {
	if region == "" || ivschat.IsRegion(region) {
		return nil
	}
	return cli.Wrongf("region", "must be a name such as us-east-1, but is %q", region)
}

// connect returns the service of the target.
func (t target) connect(account, region string) (*remote.Service, error) {
	config := remote.Config{
		Endpoint: t.Endpoint, Account: account, Region: region, Getenv: os.Getenv,
	}
	if config.Endpoint == "" {
		config.Endpoint = emulator.EndpointURL(cmp.Or(os.Getenv("IVSCHAT_LISTEN"), defaultListen))
	}
	isDefault := t.Endpoint == os.Getenv(serviceVariable) // and not that of another emulator
	if admin := os.Getenv("IVSCHAT_ADMIN_LISTEN"); isAddress(admin) && isDefault {
		config.Admin = emulator.EndpointURL(admin)
	}
	service, err := remote.New(config)
	_, noCredentials := errors.AsType[*remote.CredentialsError](err)
	_, noRegion := errors.AsType[*remote.RegionError](err)
	_, noBundle := errors.AsType[*remote.BundleError](err)
	if noCredentials || noRegion || noBundle {
		return nil, err
	}
	if err != nil {
		return nil, cli.Wrongf("endpoint", "must be the URL of an IVS Chat such as http://127.0.0.1:4700, or aws with a "+
			"region, but is %q: %v", awsapi.HideSecrets(config.Endpoint), err)
	}
	return service, nil
}

// isAddress reports whether the value of --admin-listen is an address.
func isAddress(admin string) bool { return admin != "" && !strings.EqualFold(admin, emulator.AdminOff) }

// connect returns the service of the target.
func (t callerTarget) connect() (*remote.Service, error) {
	return target{Endpoint: t.Endpoint}.connect(t.Account, t.Region)
}

// findRoom returns the service of the target and the room that a text names: a name, an ID or an ARN.
func (t callerTarget) findRoom(ctx context.Context, text string) (*remote.Service, ivschat.ARN, error) {
	service, err := t.connect()
	if err != nil {
		return nil, ivschat.ARN{}, err
	}
	room, err := service.FindRoom(ctx, text)
	return service, room, exitFor(err)
}

// printJSON prints a value as one JSON document.
func printJSON(to io.Writer, value any) error {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // people read it
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := io.WriteString(to, cli.PrintableJSON(text.String()))
	return err
}

// report prints what a verb has done: the document as JSON, or a line of text.
func report(terminal terminal, asJSON bool, document any, format string, args ...any) error {
	if asJSON {
		return printJSON(terminal.out, document)
	}
	_, err := fmt.Fprintf(terminal.out, format+"\n", args...)
	return err
}

// jsonLine returns JSON in one line. What is not JSON becomes a string.
func jsonLine(raw string) string {
	var line bytes.Buffer
	if json.Compact(&line, []byte(raw)) != nil {
		text, _ := json.Marshal(raw) // never fails
		return cli.PrintableJSON(string(text))
	}
	return cli.PrintableJSON(line.String())
}

// endedByUser makes the error of a verb that runs until it is ended nil if the user has ended it.
func endedByUser(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// exitFor gives the error of a verb its exit code.
func exitFor(err error) error {
	_, missing := errors.AsType[*remote.NotFoundError](err)
	admin, isAdmin := errors.AsType[*remote.AdminError](err)
	refused, isRefused := errors.AsType[*chatclient.RefusedError](err)
	if missing || isAdmin && admin.Status == http.StatusNotFound || isRefused && refused.ErrorType == notFoundException {
		return &cli.Failure{Code: absent, Err: err}
	}
	return err
}

// notFoundException is the exception for a resource that does not exist.
const notFoundException = "ResourceNotFoundException"

// checkRoom checks that an argument can name a room.
func checkRoom(text string) error {
	if err := remote.CheckRoom(text); err != nil {
		return fmt.Errorf("ROOM %w", err)
	}
	return nil
}
