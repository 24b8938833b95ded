package control

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

const signatureAlgorithm = "AWS4-HMAC-SHA256"

// A credential is what SigV4 calls the Credential of a request
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html).
type credential struct{ accessKeyID, date, region, service string }

// parseCredential parses <access key ID>/<date>/<region>/<service>/aws4_request, and reports whether the
// text has this form.
func parseCredential(text string) (c credential, ok bool) {
	c.accessKeyID, text, _ = strings.Cut(text, "/")
	c.date, text, _ = strings.Cut(text, "/")
	c.region, text, _ = strings.Cut(text, "/")
	c.service, text, _ = strings.Cut(text, "/")
	return c, text == "aws4_request" &&
		c.accessKeyID != "" && isDate(c.date) && ivschat.IsRegion(c.region) && c.service != ""
}

// isDate reports whether the text has the form of a date, which is not checked against the time.
func isDate(text string) bool { return len(text) == 8 && strings.Trim(text, "0123456789") == "" }

// looksReal reports whether an access key has the form of those of IAM users (AKIA) or of AWS STS (ASIA)
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
func looksReal(accessKeyID string) bool {
	return strings.HasPrefix(accessKeyID, "AKIA") || strings.HasPrefix(accessKeyID, "ASIA")
}

// identify returns who makes a request, and for which account and region. The region is that of the
// SigV4 credential scope. An access key of 12 digits is the account. Any other key, and a
// request that is not signed, selects the default account. The parameter after the request is its
// body, which the signature covers; the signature is not verified (decision D21).
func (a *API) identify(r *http.Request, _ []byte) (ivschat.Principal, error) {
	caller := ivschat.Principal{Owner: a.DefaultOwner}
	text, err := credentialOf(r)
	if err != nil || text == "" {
		return caller, err
	}
	credential, ok := parseCredential(text)
	if !ok {
		return caller, incompleteSignature(
			"Credential must have the form <access key ID>/<yyyymmdd>/<region>/ivschat/aws4_request")
	}
	if credential.service != "ivschat" {
		return caller, &ivschat.Exception{
			Type: ivschat.InvalidSignatureException,
			Message: fmt.Sprintf(
				"Credential must be for the service ivschat, but is for %.100q", credential.service),
		}
	}
	caller.AccessKeyID, caller.Owner.Region = credential.accessKeyID, credential.region
	if ivschat.IsAccountID(caller.AccessKeyID) {
		caller.Owner.AccountID = caller.AccessKeyID
	}
	if looksReal(caller.AccessKeyID) {
		a.warnOfRealKey.Do(func() {
			a.Logger.Warn("a request was signed with an access key that looks real; "+
				"the emulator accepts any key, and a key of 12 digits selects the account",
				"access_key_begins", caller.AccessKeyID[:4])
		})
	}
	return caller, nil
}

// incompleteSignature returns the exception for a signature that does not have the form of one
// (decision D21).
func incompleteSignature(why string) *ivschat.Exception {
	return &ivschat.Exception{Type: ivschat.IncompleteSignature, Message: why}
}

// credentialOf returns the Credential of a signed request, from its Authorization header or, if it
// was presigned, from its query. It returns "" for a request that is not signed.
func credentialOf(r *http.Request) (string, error) {
	header := r.Header["Authorization"]
	query, err := parseQuery(r)
	if err != nil {
		return "", err
	}
	presigned := query.Has("X-Amz-Algorithm") || query.Has("X-Amz-Credential") || query.Has("X-Amz-Signature")
	switch {
	case len(header) > 1 || len(header) == 1 && presigned:
		return "", incompleteSignature("A request must have one signature, but has several")
	case presigned:
		return credentialInQuery(query)
	case len(header) == 1 && header[0] != "":
		return credentialInHeader(header[0])
	default:
		return "", nil
	}
}

// credentialInHeader returns the Credential in an Authorization header
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
func credentialInHeader(header string) (string, error) {
	algorithm, rest, _ := strings.Cut(header, " ")
	if algorithm != signatureAlgorithm {
		return "", incompleteSignature("Authorization must be a signature that begins with " +
			signatureAlgorithm + ": use an AWS SDK, or leave out the header")
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; twice {
			return "", incompleteSignature("Authorization must have one Credential, SignedHeaders and Signature, " +
				"but has several")
		}
		parts[name] = value
	}
	if parts["Credential"] == "" || parts["SignedHeaders"] == "" || parts["Signature"] == "" || len(parts) > 3 {
		return "", incompleteSignature("Authorization must have a Credential, SignedHeaders and a Signature, " +
			"and nothing else: use an AWS SDK, or leave out the header")
	}
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

// credentialInQuery returns the Credential of a presigned request.
func credentialInQuery(query url.Values) (string, error) {
	if algorithm := query.Get("X-Amz-Algorithm"); algorithm != signatureAlgorithm {
		return "", incompleteSignature("X-Amz-Algorithm must be " + signatureAlgorithm)
	}
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature"} {
		if len(query[name]) > 1 {
			return "", incompleteSignature("A presigned request must have " + name + " once, but has it several times")
		}
		if query.Get(name) == "" {
			return "", incompleteSignature("A presigned request must have " + name)
		}
	}
	return query.Get("X-Amz-Credential"), nil
}
