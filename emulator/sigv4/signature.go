// Package sigv4 reads and verifies the signatures of requests: Signature Version 4, for the service ivschat
// (IAM User Guide: AWS Signature Version 4 for API requests).
package sigv4

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

const algorithm = "AWS4-HMAC-SHA256"

// The end of the scope of a signature.
const (
	scopeService = "ivschat"
	scopeEnd     = "aws4_request"
)

// A Signature is what a request says about its signature. It is not verified yet.
type Signature struct {
	AccessKeyID   string
	Region        string
	date          string // of the scope, yyyymmdd
	signedHeaders string // their names, separated by semicolons
	signature     string
	query         url.Values // that has the signature; nil if it is in the header
}

// Read returns the signature of a request, from its Authorization header or, if it was presigned, from its query.
// It returns nil for a request that is not signed. The error is an *ivschat.Exception for what does not have the form
// of a signature (decision D21).
func Read(r *http.Request) (*Signature, error) {
	header := r.Header["Authorization"]
	query, err := parseQuery(r)
	if err != nil {
		return nil, err
	}
	presigned := query.Has("X-Amz-Algorithm") || query.Has("X-Amz-Credential") || query.Has("X-Amz-Signature")
	s := &Signature{}
	var credential string
	switch {
	case len(header) > 1 || len(header) == 1 && presigned:
		return nil, incomplete("A request must have one signature, but has several")
	case presigned:
		credential, err = s.readQuery(query)
	case len(header) == 1 && header[0] != "":
		credential, err = s.readHeader(header[0])
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s, s.readCredential(credential)
}

// invalid returns the exception for a signature that cannot be that of the request. AWS publishes most of its texts
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html; decision D77).
func invalid(format string, args ...any) *ivschat.Exception {
	return &ivschat.Exception{Type: ivschat.InvalidSignatureException, Message: fmt.Sprintf(format, args...)}
}

// incomplete returns the exception for a signature that does not have the form of one (decision D21).
func incomplete(why string) *ivschat.Exception {
	return &ivschat.Exception{Type: ivschat.IncompleteSignature, Message: why}
}

// readCredential reads <access key ID>/<yyyymmdd>/<region>/<service>/aws4_request.
func (s *Signature) readCredential(text string) error {
	var service, end string
	s.AccessKeyID, text, _ = strings.Cut(text, "/")
	s.date, text, _ = strings.Cut(text, "/")
	s.Region, text, _ = strings.Cut(text, "/")
	service, end, _ = strings.Cut(text, "/")
	if end != scopeEnd || s.AccessKeyID == "" || !isDate(s.date) || !ivschat.IsRegion(s.Region) || service == "" {
		return incomplete("Credential must have the form <access key ID>/<yyyymmdd>/<region>/ivschat/aws4_request")
	}
	if service != scopeService {
		return invalid("Credential should be scoped to correct service: '%s'.", scopeService)
	}
	return nil
}

// isDate reports whether the text has the form of a date.
func isDate(text string) bool { return len(text) == 8 && strings.Trim(text, "0123456789") == "" }

// readHeader reads an Authorization header, and returns its Credential
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
func (s *Signature) readHeader(header string) (credential string, err error) {
	name, rest, _ := strings.Cut(header, " ")
	if name != algorithm {
		return "", incomplete("Authorization must be a signature that begins with " + algorithm +
			": use an AWS SDK")
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; twice {
			return "", incomplete("Authorization must have one Credential, SignedHeaders and Signature, but has several")
		}
		parts[name] = value
	}
	if parts["Credential"] == "" || parts["SignedHeaders"] == "" || parts["Signature"] == "" || len(parts) > 3 {
		return "", incomplete("Authorization must have a Credential, SignedHeaders and a Signature, and nothing else: " +
			"use an AWS SDK")
	}
	s.signedHeaders, s.signature = parts["SignedHeaders"], parts["Signature"]
	return parts["Credential"], nil
}

// parseQuery returns the query of a request (decision D61).
func parseQuery(r *http.Request) (url.Values, error) {
	if r.URL.RawQuery == "" { // nearly always
		return nil, nil
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &ivschat.Exception{
			Type:    ivschat.MalformedHTTPRequest,
			Message: fmt.Sprintf("Request query cannot be parsed: %.100v: write %%25 for %% and %%3B for ;", err),
		}
	}
	return query, nil
}

// readQuery reads the query of a presigned request, and returns its Credential.
func (s *Signature) readQuery(query url.Values) (credential string, err error) {
	if got := query.Get("X-Amz-Algorithm"); got != algorithm {
		return "", incomplete("X-Amz-Algorithm must be " + algorithm)
	}
	s.query = query
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature"} {
		if _, err := s.once(name); err != nil {
			return "", err
		}
	}
	s.signedHeaders, s.signature = query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Signature")
	return query.Get("X-Amz-Credential"), nil
}
