// Package remote talks to an IVS Chat that runs elsewhere: an emulator with its admin API, AWS itself, or another
// implementation. The verbs of the command line use it.
//
// service.go says where the service is and who calls it, control.go calls AWS's operations, room.go finds rooms,
// admin.go calls the admin API, and events.go reads its stream of events.
package remote

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// AWS is the Config.Endpoint that means AWS itself, in the region of the Config.
const AWS = "aws"

// A Config says where a service is, and who calls it.
type Config struct {
	// Endpoint is the URL of the control plane, or AWS.
	Endpoint string
	// Admin is the URL of the server with the admin API, without its path. "" means Endpoint.
	Admin string
	// Account is the caller's account at an emulator, which takes an account ID as an access key. "" means that of
	// the access key in the environment if that is an account ID, or else the default of the emulator.
	Account string
	// Region is the region of the rooms. "" means that of AWS_REGION or AWS_DEFAULT_REGION, or else the default of
	// the emulator.
	Region string
	// Getenv returns an environment variable, as os.Getenv.
	Getenv func(name string) string
}

// A Service is an IVS Chat that runs elsewhere. It is safe for concurrent use.
type Service struct {
	endpoint, messaging, admin string // URLs without a slash at the end
	region                     string // "" if it is that of the emulator
	account                    string // for a signature without credentials; "" if it is that of the emulator
	credentials                credentials

	api  *awsapi.Client // signs requests
	http *http.Client
}

// credentials are those of the environment.
type credentials struct{ id, secret, session string }

// awsHost matches the hosts of AWS's control plane. The messaging endpoint is at another one.
var awsHost = regexp.MustCompile(`^ivschat\.([a-z0-9-]+)\.amazonaws\.com$`)

// New returns the service of a configuration. The error is a *CredentialsError or a *RegionError, or says what is
// wrong with the endpoint.
func New(config Config) (*Service, error) {
	s := &Service{
		http: awsapi.NewHTTPClient(0),
		region: cmp.Or(config.Region, config.Getenv("AWS_REGION"), config.Getenv("AWS_DEFAULT_REGION"),
			config.Getenv("IVSCHAT_REGION")),
	}
	// It becomes a part of the host of AWS, to which credentials are sent.
	if s.region != "" && !ivschat.IsRegion(s.region) {
		return nil, &RegionError{s.region}
	}
	endpoint := config.Endpoint
	if strings.EqualFold(endpoint, AWS) {
		if s.region == "" {
			return nil, errors.New("there is no region: give --region, or set AWS_REGION")
		}
		endpoint = "https://ivschat." + s.region + ".amazonaws.com"
	}
	parsed, err := awsapi.ParseURL(endpoint)
	if err != nil {
		return nil, err
	}
	s.endpoint = strings.TrimRight(awsapi.DisplayURL(endpoint), "/")
	s.admin, s.messaging = strings.TrimRight(cmp.Or(config.Admin, s.endpoint), "/"), s.endpoint
	if match := awsHost.FindStringSubmatch(parsed.Hostname()); match != nil {
		s.messaging = "wss://edge." + parsed.Host
		s.region = cmp.Or(config.Region, match[1])
	}
	if err := s.identify(config, parsed); err != nil {
		return nil, err
	}
	s.api = awsapi.NewClient(s.http, awsapi.Endpoint{URL: s.endpoint}.WithAccessKey(
		s.credentials.id, s.credentials.secret, s.credentials.session), "ivschat")
	return s, nil
}

// identify decides who calls. The credentials of the environment are only for a server with TLS, so that a session
// token does not reach another one by mistake. For an emulator, an access key selects the account.
func (s *Service) identify(config Config, endpoint *url.URL) error {
	id := config.Getenv("AWS_ACCESS_KEY_ID")
	s.account = config.Account
	if s.account == "" && ivschat.IsAccountID(id) {
		s.account = id
	}
	s.account = cmp.Or(s.account, config.Getenv("IVSCHAT_ACCOUNT"))
	if endpoint.Scheme != "https" {
		return nil
	}
	found := credentials{id, config.Getenv("AWS_SECRET_ACCESS_KEY"), config.Getenv("AWS_SESSION_TOKEN")}
	switch {
	case found.id != "" && found.secret != "" && config.Account == "":
		s.credentials = found
	case s.messaging != s.endpoint:
		return &CredentialsError{s.endpoint, config.Account}
	}
	return nil
}

// signs reports whether requests are signed. An emulator takes one that is not as that of its default account and
// region.
func (s *Service) signs() bool { return s.credentials.id != "" || s.account != "" || s.region != "" }

// Endpoint returns the URL of the control plane.
func (s *Service) Endpoint() string { return s.endpoint }

// Dial connects a chat client with a chat token.
func (s *Service) Dial(ctx context.Context, token string) (*chatclient.Client, error) {
	client, err := chatclient.Dial(ctx, s.messaging, token, chatclient.Options{Proxy: http.ProxyFromEnvironment})
	if refused, ok := errors.AsType[*chatclient.RefusedError](err); ok {
		return nil, refused
	}
	if err != nil {
		return nil, unreachable(ctx, s.messaging, err)
	}
	return client, nil
}
