package invoke

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
)

const (
	// idleConnections is how many connections to a server are kept while they are not used.
	idleConnections = 256
	// idleTime is how long they are kept. Node.js closes its side after 5 seconds, and an event that is sent
	// at this moment would be lost.
	idleTime = 4 * time.Second
	// shortText is how many bytes of a text from a server are shown.
	shortText = 1 << 10
)

// newClient returns an HTTP client that follows no redirects: a function is run where it is configured. It
// uses no proxy for this machine.
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			MaxIdleConnsPerHost:    idleConnections,
			IdleConnTimeout:        idleTime,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true, // answers are short
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// A reply is what a server answered to a request.
type reply struct {
	status int
	header http.Header
	body   []byte // the first MaximumAnswer bytes
	long   bool   // there are more
}

// send sends a request and reads the answer.
func send(client *http.Client, request *http.Request) (reply, error) {
	response, err := client.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // without the URL, whose query may be secret
	}
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols {
		// The body is the connection itself, and a read from it does not end with the context.
		return reply{status: response.StatusCode, header: response.Header}, nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaximumAnswer+1))
	if err != nil {
		return reply{}, err
	}
	r := reply{status: response.StatusCode, header: response.Header, body: body}
	if r.long = len(body) > MaximumAnswer; r.long {
		r.body = body[:MaximumAnswer]
	}
	return r, nil
}

// newRequest returns a request with a body.
func newRequest(ctx context.Context, method, url string, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err == nil && len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, err
}

// ok reports whether the status is a success.
func (r reply) ok() bool { return r.status/100 == 2 }

// redirect returns how an error about a redirect ends, or "" if the reply is none.
func (r reply) redirect() saying {
	location := r.header.Get("Location")
	if r.status/100 != 3 || location == "" {
		return ""
	}
	return saying(fmt.Sprintf(", a redirect to %s, which is not followed", short(display(location))))
}

// unreachable returns the error for a server that could not be reached, or did not answer. advice says what
// to do about the former.
func unreachable(ctx context.Context, server string, err error, advice string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s has not answered: %w", server, ctx.Err())
	}
	problem := short(err.Error())
	_, isHeader := errors.AsType[textproto.ProtocolError](err)
	if isHeader || strings.Contains(problem, "transport connection broken") { // quotes what the server says
		return serverError("%s does not answer as a web server: %s: %s", server, saying(problem), advice)
	}
	return fmt.Errorf("%s cannot be reached: %s: %s", server, problem, advice)
}

// display returns a URL without its password and its query, which may be secret.
func display(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return "?"
	}
	return (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path, RawPath: parsed.RawPath}).String()
}

// The parts of a URL that may be secret, also if it is not valid: user name and password, and the query.
var (
	userAndPassword = regexp.MustCompile(`//.*@`)
	query           = regexp.MustCompile(`(//[^?]*\?).+`)
)

// hideSecrets returns a setting without what may be secret in the URL that it may have, for an error about it.
func hideSecrets(setting string) string {
	return query.ReplaceAllString(userAndPassword.ReplaceAllLiteralString(setting, "//…@"), "${1}…")
}

// short returns the beginning of a text as one line without control characters.
func short(text string) string {
	if len(text) > shortText {
		text = text[:shortText]
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.TrimSpace(text)
}
