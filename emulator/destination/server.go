package destination

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// A service is what is different between the services that chat logs are delivered to.
type service struct {
	name    string
	api     string // for errors about its endpoint
	noun    string // what a Place has the name of
	signing string // its name in signatures
	flag    string // that has the endpoint
}

var services = map[Kind]service{
	S3:             {"S3", "S3's API", "bucket", awsapi.S3, "--s3-endpoint"},
	CloudWatchLogs: {"CloudWatch Logs", "CloudWatch Logs' API", "log group", "logs", "--cloudwatch-logs-endpoint"},
	Firehose:       {"Firehose", "Firehose's API", "delivery stream", "firehose", "--firehose-endpoint"},
}

// A server is a server with the API of a service.
type server struct {
	*awsapi.Client
	service
}

// newServer returns the server at an endpoint.
func newServer(client *http.Client, service service, endpoint string) (server, error) {
	parsed, err := awsapi.ParseEndpoint(endpoint, service.api)
	return server{awsapi.NewClient(client, parsed, service.signing), service}, err
}

// String names the server in errors.
func (s server) String() string { return fmt.Sprintf("the %s endpoint %s", s.name, s.Client) }

// Close does nothing. The connections belong to the Deliverer of New.
func (s server) Close() {}

// call calls an operation with the JSON protocol for the owner of a place.
func (s server) call(ctx context.Context, p Place, operation string, body []byte) (awsapi.Reply, error) {
	return s.Call(ctx, p.Owner.AccountID, p.Owner.Region, operation, body)
}

// failed returns an error whose arguments of the type awsapi.Saying are not in its text for the log.
func failed(reason Reason, format string, arguments ...any) *Error {
	e := awsapi.Errorf(format, arguments...)
	return &Error{Reason: reason, Message: e.Message, Log: e.Log}
}

// unreachable returns the error for a server that has not answered.
func (s server) unreachable(ctx context.Context, err error) *Error {
	err = awsapi.Unreachable(ctx, s.String(), err, "start the server, or correct "+s.flag)
	if e, ok := errors.AsType[*awsapi.ServerError](err); ok {
		return &Error{Reason: Other, Message: e.Message, Log: e.Log}
	}
	return failed(Other, "%v", err)
}

// reasons are the reasons of exceptions, and of codes of errors, that are not Other.
var reasons = map[string]Reason{
	"NoSuchBucket": NotFound, "ResourceNotFoundException": NotFound,

	"AccessDenied": AccessDenied, "AccessDeniedException": AccessDenied, "AllAccessDisabled": AccessDenied,
	"AuthFailure": AccessDenied, "AuthorizationHeaderMalformed": AccessDenied, "ExpiredToken": AccessDenied,
	"ExpiredTokenException": AccessDenied, "IncompleteSignature": AccessDenied,
	"IncompleteSignatureException": AccessDenied, "InvalidAccessKeyId": AccessDenied,
	"InvalidClientTokenId": AccessDenied, "InvalidSignatureException": AccessDenied, "InvalidToken": AccessDenied,
	"MissingAuthenticationToken": AccessDenied, "MissingAuthenticationTokenException": AccessDenied,
	"NotAuthorizedException": AccessDenied, "SignatureDoesNotMatch": AccessDenied,
	"UnrecognizedClientException": AccessDenied, "XAdminUserNotFound": AccessDenied, // the latter of versitygw
}

// reasonOf returns the reason for an exception, "" if it has no name, in a reply with a status.
func reasonOf(name string, status int) Reason {
	reason, known := reasons[name]
	switch {
	case known:
		return reason
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return AccessDenied
	}
	return Other
}

// described returns how an error describes a reply: with its status, and with an exception and what the server says
// about it. Only an exception that is known is in the log.
func described(r awsapi.Reply) (status string, rest awsapi.Saying) {
	status = fmt.Sprintf("status %d", r.Status)
	name, _ := r.Exception()
	rest = r.Describe()
	if _, known := reasons[name]; known && r.Redirect() == "" {
		name = " " + name
		status, rest = status+name, awsapi.Saying(strings.TrimPrefix(string(rest), name))
	}
	return status, rest
}

// refused returns the error for a reply that does not say that the records were stored.
func (s server) refused(p Place, r awsapi.Reply) *Error {
	name, _ := r.Exception()
	reason, place := reasonOf(name, r.Status), awsapi.Short(p.Name)
	status, rest := described(r)
	switch {
	case reason == NotFound:
		return failed(reason, "%s has no %s %q (%s%s): create it there, or change the destination of the logging "+
			"configuration", s, s.noun, place, status, rest)
	case reason == AccessDenied:
		return failed(reason, "%s denied access to the %s %q (%s%s): check the permissions there, and that the "+
			"URL has its access key and secret, as %s http://KEY:SECRET@HOST:PORT",
			s, s.noun, place, status, rest, s.flag)
	case r.OK(), r.Redirect() != "", r.Status/100 == 4 && name == "", isOtherAPI(r.Status):
		return failed(reason, "%s did not answer as %s does (%s%s): give the URL of a server with this API as %s",
			s, s.name, status, rest, s.flag)
	default:
		return failed(reason, "%s did not accept records for the %s %q (%s%s): see the log of the server",
			s, s.noun, place, status, rest)
	}
}

// isOtherAPI reports whether servers answer with a status to requests for an API that they do not have.
func isOtherAPI(status int) bool {
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented
}
