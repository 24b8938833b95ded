package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// A NotFoundError says that something does not exist.
type NotFoundError struct{ Message string }

// Error returns the message.
func (e *NotFoundError) Error() string { return e.Message }

// An AmbiguousError says that several rooms have the name that was given.
type AmbiguousError struct {
	Name string
	ARNs []string // of the rooms
}

// Error lists the ARNs.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%d rooms are called %s: give the ARN of one: %s",
		len(e.ARNs), e.Name, strings.Join(e.ARNs, ", "))
}

// A CredentialsError says that AWS needs credentials.
type CredentialsError struct{ Endpoint, Account string }

// Error says where credentials come from.
func (e *CredentialsError) Error() string {
	if e.Account != "" {
		return fmt.Sprintf("%s is AWS, where the credentials decide about the account: leave out --account", e.Endpoint)
	}
	return fmt.Sprintf("%s is AWS, which needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for "+
		`instance with eval "$(aws configure export-credentials --format env)"`, e.Endpoint)
}

// A RegionError says that a region cannot be one.
type RegionError struct{ Region string }

// Error says where regions come from.
func (e *RegionError) Error() string {
	return fmt.Sprintf("the region must be a name such as us-east-1, but is %q: it is that of --region, or of "+
		"AWS_REGION, AWS_DEFAULT_REGION or IVSCHAT_REGION", awsapi.Short(e.Region))
}

// An UnreachableError says that no server answers.
type UnreachableError struct {
	URL string
	Err error
}

// Error says what to do.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no IVS Chat answers at %s: %s: start the emulator with ivschat-local, or give the URL of a "+
		"running one with --endpoint", e.URL, awsapi.Short(e.Err.Error()))
}

// Unwrap returns the reason.
func (e *UnreachableError) Unwrap() error { return e.Err }

// unreachable returns the error for a request that was not answered.
func unreachable(ctx context.Context, at string, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("%s has not answered: %w", at, cause)
	}
	if trouble := TLSTrouble(at, err); trouble != nil {
		return trouble
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // without the URL
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "dial" {
		return &UnreachableError{at, operation.Err}
	}
	return &UnreachableError{at, err}
}

// A NoAdminError says that a server has no admin API.
type NoAdminError struct{ URL string }

// Error says which servers have one.
func (e *NoAdminError) Error() string {
	return fmt.Sprintf("%s answers, but has no admin API: AWS has none, and an emulator may have it at another address "+
		"(--admin-listen), whose URL is then the --endpoint", e.URL)
}

// An AdminError is an answer of the admin API that refuses a request.
type AdminError struct {
	Status  int
	Message string
}

// Error returns the message of the admin API.
func (e *AdminError) Error() string { return e.Message }
