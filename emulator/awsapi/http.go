package awsapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// idleConnections is how many connections to a server are kept while they are not used.
	idleConnections = 256
	// idleTime is how long they are kept. Node.js closes its side after 5 seconds, and an event that is sent
	// at this moment would be lost.
	idleTime = 4 * time.Second
	// MaximumBody is how many bytes of a body are read.
	MaximumBody = 1 << 20
)

// NewHTTPClient returns an HTTP client that follows no redirects: a request is for the server that is configured.
// It uses no proxy for this machine. It has at most so many connections to a host at the same time, and others wait; 0
// means any number.
func NewHTTPClient(maximum int) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  Proxy,
			MaxIdleConnsPerHost:    idleConnections,
			MaxConnsPerHost:        maximum,
			IdleConnTimeout:        idleTime,
			TLSHandshakeTimeout:    10 * time.Second,
			DialContext:            dial,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true, // answers are short
		},
		CheckRedirect: NoRedirect,
	}
}

// NoRedirect is a CheckRedirect of http.Client that follows no redirects. The other server would get the session token,
// because net/http takes only the headers that it knows, such as Authorization, out of such a request.
func NoRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Proxy is like http.ProxyFromEnvironment, but it uses no proxy for any host that is this machine: a proxy would get
// the credentials for a server here, which are sent without TLS. net/http knows only localhost and the loopback
// addresses.
func Proxy(r *http.Request) (*url.URL, error) {
	host := strings.TrimSuffix(strings.ToLower(r.URL.Hostname()), ".")
	if ip := net.ParseIP(host); ip.IsUnspecified() || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// Send sends a request and reads the answer.
func Send(client *http.Client, request *http.Request) (Reply, error) {
	response, err := client.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // without the URL, whose query may be secret
	}
	if err != nil {
		return Reply{}, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols {
		// The body is the connection itself, and a read from it does not end with the context.
		return Reply{Status: response.StatusCode, Header: response.Header}, nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaximumBody+1))
	if err != nil {
		return Reply{}, err
	}
	r := Reply{Status: response.StatusCode, Header: response.Header, Body: body}
	if r.Long = len(body) > MaximumBody; r.Long {
		r.Body = body[:MaximumBody]
	}
	return r, nil
}

// NewRequest returns a request with a body, which is JSON unless its header is changed.
func NewRequest(ctx context.Context, method, url string, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err == nil && len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, err
}
