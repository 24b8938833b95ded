package awsapi

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// An Endpoint is the URL of a server with an API of AWS.
type Endpoint struct {
	URL         string // with a path if there is one, without a slash at its end, and without a user name
	credentials aws.Credentials
}

// WithAccessKey returns the endpoint with the access key that signs requests. The session token is "" for a key
// that is not temporary.
func (e Endpoint) WithAccessKey(id, secret, sessionToken string) Endpoint {
	e.credentials = aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: sessionToken}
	return e
}

// String returns the URL.
func (e Endpoint) String() string { return e.URL }

// ParseEndpoint parses the URL of a server with an API, such as "S3's API", for a setting. It may have a path,
// and an access key and its secret as user name and password. The error begins with "must", and does not have the
// secret.
func ParseEndpoint(text, api string) (Endpoint, error) {
	parsed, err := ParseURL(text)
	if err == nil {
		switch {
		case parsed.RawQuery != "" || parsed.ForceQuery:
			err = errors.New("it has a query, which begins with ?")
		case parsed.User != nil:
			err = checkKey(parsed.User)
		}
	}
	if err != nil {
		return Endpoint{}, EndpointError(text, api, err)
	}
	e := Endpoint{URL: strings.TrimRight(DisplayURL(text), "/")}
	if parsed.User != nil {
		e.credentials.AccessKeyID = parsed.User.Username()
		e.credentials.SecretAccessKey, _ = parsed.User.Password()
	}
	return e, nil
}

// accessKey matches what can be an access key in the header of a request.
var accessKey = regexp.MustCompile(`^[!-+\--.0-~]+$`)

// checkKey checks an access key and its secret.
func checkKey(user *url.Userinfo) error {
	secret, _ := user.Password()
	switch {
	case secret == "":
		return errors.New("it has a user name without a password: write an access key and its secret as KEY:SECRET@, " +
			"or neither")
	case !accessKey.MatchString(user.Username()):
		return errors.New("its user name cannot be an access key, which has neither spaces nor commas nor slashes, " +
			"and only ASCII characters")
	}
	return nil
}

// EndpointError returns the error of ParseEndpoint for a URL that is wrong for another reason.
func EndpointError(text, api string, reason error) error {
	return fmt.Errorf("must be the URL of a server with %s, such as http://localhost:4566, but is %q: %w",
		api, HideSecrets(text), reason)
}

// ParseURL parses the URL of a server. An error does not contain the password, of which that of url.Parse can
// have a part.
func ParseURL(text string) (*url.URL, error) {
	parsed, err := url.Parse(text)
	if err != nil && strings.Contains(text, "@") {
		return nil, errors.New("it is not valid: write % / ? # and @ in a user name and a password as " +
			"%25, %2F, %3F, %23 and %40, and check the port")
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return nil, failed.Err
	}
	switch {
	case err != nil:
		return nil, err
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return nil, errors.New("it does not begin with http:// or https://")
	case parsed.Hostname() == "":
		return nil, errors.New("it has no host")
	case parsed.Fragment != "":
		return nil, errors.New("it has a fragment, which begins with #")
	}
	return parsed, nil
}

// DisplayURL returns a URL without its user name, its password and its query, which may be secret.
func DisplayURL(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return "?"
	}
	return (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path, RawPath: parsed.RawPath}).String()
}

// The parts of a URL that may be secret, also if it is not valid: user name and password, and the query.
var (
	userAndPassword = regexp.MustCompile(`(?s)//.*@`)
	query           = regexp.MustCompile(`(?s)(//[^?]*\?).+`)
)

// HideSecrets returns a setting without what may be secret in the URL that it may have, for an error about it.
func HideSecrets(setting string) string {
	return query.ReplaceAllString(userAndPassword.ReplaceAllLiteralString(setting, "//…@"), "${1}…")
}
