package main

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/certificates"
)

// serviceVariable is the variable that points AWS SDKs to the emulator.
const serviceVariable = "AWS_ENDPOINT_URL_IVSCHAT"

// messagingVariable is the variable that points chat clients to the emulator.
const messagingVariable = "IVSCHAT_MESSAGING_URL"

// programVariable and imageVariable tell the test clients of other languages which program and which image to start.
const (
	programVariable = "IVSCHAT_PROGRAM"
	imageVariable   = "IVSCHAT_IMAGE"
)

// profileVariable names the AWS profile, which has other credentials.
const profileVariable = "AWS_PROFILE"

// variables returns the environment variables that point AWS SDKs and chat clients to an emulator.
func variables(endpoint, region string, key clientKey) [][2]string {
	return slices.Concat([][2]string{
		{serviceVariable, endpoint},
		{messagingVariable, strings.Replace(endpoint, "http", "ws", 1)}, // wss for https
	}, key.variables(), [][2]string{
		{"AWS_REGION", region},
		{"AWS_DEFAULT_REGION", region},
		{"NO_PROXY", withoutProxy(endpoint, "NO_PROXY", "no_proxy")},
		{"no_proxy", withoutProxy(endpoint, "no_proxy", "NO_PROXY")},
	})
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
	Listen      string `default:"${listen}" help:"Address of the emulator, as HOST:PORT."`
	Account     string `default:"000000000000" help:"Account that the credentials select."`
	Region      string `default:"us-east-1" help:"Region that requests are signed for."`
	TLS         string `name:"tls" env:"IVSCHAT_TLS" default:"off" help:"As the emulator was started with. auto: the URLs have https:// and wss://, and clients trust the certificate authority in the directory of --data. FILE,FILE: the URLs only." placeholder:"auto|off|FILE,FILE"`
	Auth        string `default:"off" enum:"off,signatures,iam" help:"As the emulator was started with. signatures and iam: the credentials are the access key in the directory of --data."`
	Credentials string `complete:"file" help:"As the emulator was started with. The credentials are the first access key in this file." placeholder:"FILE"`
	Data        string `default:"${data}" complete:"file" help:"Directory of the certificate authority for --tls auto, and of the access key for --auth."`
}

func (c envCommand) check() error {
	return errors.Join(
		notEmpty("account", c.Account), notEmpty("region", c.Region), checkServed("listen", c.Listen),
		notEmpty("data", c.Data), checkData(c.Data),
		asWrong(emulator.Config{Account: c.Account, Region: c.Region, TLS: normalTLS(c.TLS), Auth: c.Auth}.Validate()))
}

// Run prints the variables as commands for a shell.
func (c envCommand) Run(terminal terminal) error {
	c.TLS = normalTLS(c.TLS)
	endpoint, err := c.endpoint()
	if err != nil {
		return err
	}
	trusted, err := c.trust(terminal)
	if err != nil {
		return err
	}
	key, err := c.key(terminal)
	if err != nil {
		return err
	}
	if os.Getenv(profileVariable) != "" {
		terminal.messages.Warn(profileVariable +
			" is set, and the AWS SDK for JavaScript prefers it to these credentials: unset it")
	}
	for _, variable := range append(variables(endpoint, c.Region, key), trusted...) {
		fmt.Fprintf(terminal.out, "export %s=%s\n", variable[0], quoted(variable[1]))
	}
	return nil
}

// endpoint returns the URL of the emulator. With TLS, the certificate is for its host.
func (c envCommand) endpoint() (string, error) {
	plain := emulator.EndpointURL(c.Listen)
	secure := "https" + strings.TrimPrefix(plain, "http")
	switch c.TLS {
	case emulator.TLSOff:
		return plain, nil
	case emulator.TLSAuto:
		return secure, nil
	}
	file, _, _ := strings.Cut(c.TLS, ",")
	chain, err := readCertificates(file)
	if err != nil {
		return "", fmt.Errorf("--tls: %w", err)
	}
	certificate, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return "", fmt.Errorf("--tls: %s: %w", file, err)
	}
	const loopback, name = "127.0.0.1", "localhost"
	if certificate.VerifyHostname(loopback) != nil && certificate.VerifyHostname(name) == nil {
		secure = strings.Replace(secure, "//"+loopback+":", "//"+name+":", 1)
	}
	return secure, nil
}

// trust returns the variables with which clients trust the authority of the emulator.
func (c envCommand) trust(terminal terminal) ([][2]string, error) {
	switch {
	case c.TLS != emulator.TLSAuto:
		return nil, nil
	case strings.EqualFold(c.Data, inMemory):
		inherited := inheritedTrust()
		if len(inherited) == 0 {
			terminal.messages.Warn("an emulator in memory keeps its certificate authority there, so no client trusts it: save " +
				"what " + emulator.EndpointURL(c.Listen) + "/_ivschat/v1/ca answers as a file, and set " + nodeVariable +
				" and so on to its name")
		}
		return inherited, nil
	}
	dir, err := filepath.Abs(c.Data)
	if err != nil {
		return nil, err
	}
	files, err := newTrust(filepath.Join(dir, certificates.CertificateFile), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no certificate authority in %s: start the emulator with --tls auto, or run "+
			"ivschat-local trust, which makes one", c.Data)
	}
	if err != nil {
		return nil, err
	}
	if warning := files.warning(); warning != "" {
		terminal.messages.Warn(warning)
	}
	return files.variables(), nil
}
