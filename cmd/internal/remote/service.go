// Package remote talks to an IVS Chat that runs elsewhere: an emulator with its admin API, AWS itself, or another
// implementation. The verbs of the command line use it.
//
// service.go says where the service is and who calls it, control.go calls AWS's operations, room.go finds rooms,
// admin.go calls the admin API, and events.go reads its stream of events.
package remote

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/cors"
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

	http *http.Client
	tls  *tls.Config // of http, and for chat clients

	asking sync.Once // guards what follows, until the server has been asked
	info   struct{ Region, Auth string }
	knows  bool // whether the server is an emulator that has answered
}

// credentials are those of the environment.
type credentials struct{ id, secret, session string }

// New returns the service of a configuration. The error is a *CredentialsError, a *RegionError or a *BundleError, or
// says what is wrong with the endpoint.
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
	if strings.HasPrefix(s.endpoint, "https:") || strings.HasPrefix(s.admin, "https:") {
		if s.tls, err = TLSConfig(config.Getenv); err != nil {
			return nil, err
		}
	}
	s.http.Transport.(*http.Transport).TLSClientConfig = s.tls
	if kind, region := ivschat.ParseHost(parsed.Host); kind == ivschat.ControlEndpoint {
		s.messaging = messagingURL(parsed, region)
		s.region = cmp.Or(config.Region, region)
	}
	if err := s.identify(config, parsed); err != nil {
		return nil, err
	}
	return s, nil
}

// messagingURL returns the URL of AWS's messaging endpoint for that of the control plane.
func messagingURL(control *url.URL, region string) string {
	messaging := url.URL{
		Scheme: strings.Replace(control.Scheme, "http", "ws", 1), Host: "edge.ivschat." + region + ".amazonaws.com",
	}
	if port := control.Port(); port != "" {
		messaging.Host += ":" + port
	}
	return messaging.String()
}

// MayGetCredentials reports whether requests to an endpoint may be signed with the credentials of the environment: only
// a server with TLS, or one on this machine, so that a session token does not reach another one by mistake.
func MayGetCredentials(endpoint *url.URL) bool {
	return endpoint.Scheme == "https" || cors.IsLoopback(endpoint.Hostname())
}

// identify decides who calls, with the credentials of the environment if the endpoint may get them. For an emulator
// that does not verify signatures, an access key selects the account.
func (s *Service) identify(config Config, endpoint *url.URL) error {
	id := config.Getenv("AWS_ACCESS_KEY_ID")
	s.account = config.Account
	if s.account == "" && ivschat.IsAccountID(id) {
		s.account = id
	}
	s.account = cmp.Or(s.account, config.Getenv("IVSCHAT_ACCOUNT"))
	if !MayGetCredentials(endpoint) {
		return nil
	}
	found := credentials{id, config.Getenv("AWS_SECRET_ACCESS_KEY"), config.Getenv("AWS_SESSION_TOKEN")}
	switch {
	case found.id != "" && found.secret != "" && config.Account == "":
		s.credentials = found
	case s.isAWS():
		return &CredentialsError{s.endpoint, config.Account}
	}
	return nil
}

// isAWS reports whether the service is AWS, or an emulator at the host of AWS, as which it behaves there.
func (s *Service) isAWS() bool { return s.messaging != s.endpoint }

// ask asks an emulator for its settings, once. Other servers have none, and neither has an emulator without the admin
// API.
func (s *Service) ask(ctx context.Context) {
	s.asking.Do(func() {
		s.knows = !s.isAWS() && s.Admin(ctx, http.MethodGet, "info", nil, &s.info) == nil
	})
}

// credentialsFor returns the credentials that sign requests. There are none for an emulator that says that it verifies
// no signatures, so that the account can be chosen, also that of a room.
func (s *Service) credentialsFor(ctx context.Context) credentials {
	if s.credentials.id == "" {
		return credentials{}
	}
	if s.ask(ctx); s.knows && (s.info.Auth == "" || s.info.Auth == "off") {
		return credentials{}
	}
	return s.credentials
}

// Endpoint returns the URL of the control plane.
func (s *Service) Endpoint() string { return s.endpoint }

// Dial connects a chat client with a chat token.
func (s *Service) Dial(ctx context.Context, token string) (*chatclient.Client, error) {
	client, err := chatclient.Dial(ctx, s.messaging, token, chatclient.Options{
		Proxy: awsapi.Proxy, TLS: s.tls,
	})
	if refused, ok := errors.AsType[*chatclient.RefusedError](err); ok {
		return nil, refused
	}
	if err != nil {
		return nil, unreachable(ctx, s.messaging, err)
	}
	return client, nil
}
