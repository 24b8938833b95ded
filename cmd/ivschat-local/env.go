package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// messagingVariable is the variable that points chat clients to the emulator.
const messagingVariable = "IVSCHAT_MESSAGING_URL"

// variables returns the environment variables that point AWS SDKs and chat clients to an emulator. The
// credentials are not real, and replace real ones that may be set.
func variables(endpoint, account, region string) [][2]string {
	return [][2]string{
		{"AWS_ENDPOINT_URL_IVSCHAT", endpoint},
		{messagingVariable, strings.Replace(endpoint, "http", "ws", 1)},
		{"AWS_ACCESS_KEY_ID", account},
		{"AWS_SECRET_ACCESS_KEY", "local"},
		{"AWS_SESSION_TOKEN", ""}, // SDKs treat an empty value as unset
		{"AWS_REGION", region},
		{"AWS_DEFAULT_REGION", region},
		{"NO_PROXY", withoutProxy(endpoint, "NO_PROXY", "no_proxy")},
		{"no_proxy", withoutProxy(endpoint, "no_proxy", "NO_PROXY")},
	}
}

// withoutProxy returns the hosts of the first of the variables that is set, and those of the emulator: a
// proxy cannot reach a loopback address of this machine.
func withoutProxy(endpoint string, variables ...string) string {
	set := ""
	for _, variable := range variables {
		set = cmp.Or(set, os.Getenv(variable))
	}
	if set == "*" {
		return set
	}
	hosts := strings.Split(set, ",")
	add := []string{"localhost", "127.0.0.1", "::1"}
	if parsed, err := url.Parse(endpoint); err == nil {
		add = append(add, parsed.Hostname())
	}
	for _, host := range add {
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return strings.TrimPrefix(strings.Join(hosts, ","), ",")
}

type envCommand struct {
	Listen  string `default:"${listen}" help:"Address of the emulator, as HOST:PORT."`
	Account string `default:"000000000000" help:"Account that the credentials select."`
	Region  string `default:"us-east-1" help:"Region that requests are signed for."`
}

func (c envCommand) check() error {
	return errors.Join(
		notEmpty("account", c.Account), notEmpty("region", c.Region), checkServed("listen", c.Listen),
		asWrong(emulator.Config{Account: c.Account, Region: c.Region}.Validate()))
}

// Run prints the variables as commands for a shell.
func (c envCommand) Run(terminal terminal) error {
	for _, variable := range variables(emulator.EndpointURL(c.Listen), c.Account, c.Region) {
		fmt.Fprintf(terminal.out, "export %s='%s'\n", variable[0], strings.ReplaceAll(variable[1], `'`, `'\''`))
	}
	return nil
}
