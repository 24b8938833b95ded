// Package ivschatlocal is a Testcontainers module. It starts ivschat-local, an emulator of Amazon IVS Chat, in a
// container for tests.
//
// Every test can have a container of its own, or all share one: each account has its own rooms, and an access key of 12
// digits selects the account.
package ivschatlocal

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// DefaultImage is the image of the release that this module belongs to.
const DefaultImage = "ghcr.io/ivschat-local/ivschat-local:0.1.0"

const (
	// imageVariable names an image that is used instead of DefaultImage.
	imageVariable = "IVSCHAT_IMAGE"

	port     = "4700"
	exposed  = port + "/tcp"
	apiPath  = "/_ivschat/v1/"
	logLines = 20 // of a container that does not start, in the error
)

// A Container is a container in which an emulator runs.
type Container struct {
	testcontainers.Container
	settings settings
}

// Run starts a container and waits until the emulator is ready. Its state is in memory. An empty image means that of
// the environment variable IVSCHAT_IMAGE, or else DefaultImage.
//
// The options are those of this package and of Testcontainers. A container that could not be started is returned
// together with the error, so pass it to testcontainers.CleanupContainer before you check the error.
func Run(ctx context.Context, image string, opts ...testcontainers.ContainerCustomizer) (*Container, error) {
	if image == "" {
		image = os.Getenv(imageVariable)
	}
	if image == "" {
		image = DefaultImage
	}
	settings := settings{account: "000000000000", region: "us-east-1"}
	for _, opt := range opts {
		if option, ok := opt.(Option); ok {
			if err := option(&settings); err != nil {
				return nil, fmt.Errorf("run ivschat-local: %w", err)
			}
		}
	}
	options := slices.Concat([]testcontainers.ContainerCustomizer{
		testcontainers.WithExposedPorts(exposed),
		testcontainers.WithEnv(map[string]string{"IVSCHAT_DATA": ":memory:"}),
		testcontainers.WithWaitStrategy(wait.ForHTTP("/health").WithPort(exposed)),
	}, opts, []testcontainers.ContainerCustomizer{settings.customizer(ctx)})
	inner, err := testcontainers.Run(ctx, image, options...)
	var c *Container
	if inner != nil {
		c = &Container{Container: inner, settings: settings}
	}
	if err != nil {
		return c, fmt.Errorf("run ivschat-local: %w%s", err, c.lastLines(ctx))
	}
	return c, nil
}

// Addresses are the URLs of an emulator, as clients in one place reach it.
type Addresses struct {
	// EndpointURL is the endpoint for the AWS SDKs: http://HOST:PORT, or https://HOST:PORT with WithTLS.
	EndpointURL string
	// WebSocketURL is the messaging endpoint for chat clients: ws://HOST:PORT, or wss://HOST:PORT with WithTLS.
	WebSocketURL string
	// AdminURL is that of the admin API. Its calls are below it, such as AdminURL + "/clock".
	AdminURL string

	account, region string
}

// addresses returns the URLs for a host and port.
func (c *Container) addresses(hostPort string) Addresses {
	s := ""
	if c.settings.tls {
		s = "s"
	}
	endpoint := "http" + s + "://" + hostPort
	return Addresses{
		EndpointURL:  endpoint,
		WebSocketURL: "ws" + s + "://" + hostPort,
		AdminURL:     endpoint + strings.TrimSuffix(apiPath, "/"),
		account:      c.settings.account,
		region:       c.settings.region,
	}
}

// Env returns the environment variables that point the AWS SDKs to the emulator: the endpoint, the region, and
// credentials that select the account of WithAccount. IVSCHAT_MESSAGING_URL is the URL for chat clients, which read no
// variable by themselves. The credentials are not for an emulator with the flag --auth. NO_PROXY and no_proxy have what
// they have in this process, and the host of the emulator.
func (a Addresses) Env() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_IVSCHAT": a.EndpointURL,
		"IVSCHAT_MESSAGING_URL":    a.WebSocketURL,
		"AWS_ACCESS_KEY_ID":        a.account,
		"AWS_SECRET_ACCESS_KEY":    "local",
		"AWS_SESSION_TOKEN":        "", // that of other credentials does not belong to these
		"AWS_REGION":               a.region,
		"AWS_DEFAULT_REGION":       a.region,
		"NO_PROXY":                 a.withoutProxy("NO_PROXY", "no_proxy"),
		"no_proxy":                 a.withoutProxy("no_proxy", "NO_PROXY"),
	}
}

// withoutProxy returns the hosts in the first of the variables that is set, and that of the emulator.
func (a Addresses) withoutProxy(variable, other string) string {
	hosts := cmp.Or(os.Getenv(variable), os.Getenv(other))
	endpoint, err := url.Parse(a.EndpointURL)
	switch {
	case err != nil || hosts == "*" || slices.Contains(strings.Split(hosts, ","), endpoint.Hostname()):
		return hosts
	case hosts == "":
		return endpoint.Hostname()
	default:
		return hosts + "," + endpoint.Hostname()
	}
}

// FromHost returns the URLs for clients on the host, such as the test. They change if the container is restarted.
func (c *Container) FromHost(ctx context.Context) (Addresses, error) {
	hostPort, err := c.PortEndpoint(ctx, exposed, "")
	if err != nil {
		return Addresses{}, fmt.Errorf("the address of ivschat-local: %w", err)
	}
	return c.addresses(hostPort), nil
}

// FromNetwork returns the URLs for other containers in a network, in which this one has the alias, for instance with
// network.WithNetwork([]string{"ivschat"}, network).
func (c *Container) FromNetwork(ctx context.Context, alias string) (Addresses, error) {
	networks, err := c.NetworkAliases(ctx)
	if err != nil {
		return Addresses{}, fmt.Errorf("the network aliases of ivschat-local: %w", err)
	}
	for _, aliases := range networks {
		if slices.Contains(aliases, alias) {
			return c.addresses(alias + ":" + port), nil
		}
	}
	return Addresses{}, fmt.Errorf("the container of ivschat-local has no network alias %q, but %v: "+
		"give it one with network.WithNetwork", alias, networks)
}

// EndpointURL returns the endpoint for the AWS SDKs on the host, such as http://localhost:32768.
func (c *Container) EndpointURL(ctx context.Context) (string, error) {
	a, err := c.FromHost(ctx)
	return a.EndpointURL, err
}

// WebSocketURL returns the messaging endpoint for chat clients on the host, such as ws://localhost:32768.
func (c *Container) WebSocketURL(ctx context.Context) (string, error) {
	a, err := c.FromHost(ctx)
	return a.WebSocketURL, err
}

// AdminURL returns the URL of the admin API for the host, such as http://localhost:32768/_ivschat/v1.
func (c *Container) AdminURL(ctx context.Context) (string, error) {
	a, err := c.FromHost(ctx)
	return a.AdminURL, err
}

// CertificateAuthority returns the certificate that clients have to trust, in PEM. The container must have WithTLS.
func (c *Container) CertificateAuthority(ctx context.Context) ([]byte, error) {
	if !c.settings.tls {
		return nil, errors.New("ivschat-local has no certificate authority: start it with WithTLS")
	}
	return call(ctx, c, http.MethodGet, "ca", nil)
}

// ClientTLS returns the configuration with which TLS clients trust the emulator, for instance the TLSClientConfig of an
// http.Transport or of a websocket.Dialer. The container must have WithTLS.
func (c *Container) ClientTLS(ctx context.Context) (*tls.Config, error) {
	authority, err := c.CertificateAuthority(ctx)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("ivschat-local answered a certificate authority without a certificate: %.100q", authority)
	}
	return &tls.Config{RootCAs: roots}, nil
}
