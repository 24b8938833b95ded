package control

import (
	"net/http"
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
	parts := strings.Split(text, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" {
		return c, false
	}
	c = credential{parts[0], parts[1], parts[2], parts[3]}
	return c, c.accessKeyID != "" && isDate(c.date) && ivschat.IsRegion(c.region) && c.service != ""
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
	text, signed := credentialOf(r)
	if !signed {
		return caller, nil
	}
	credential, ok := parseCredential(text)
	if !ok {
		return caller, &ivschat.Exception{
			Type:    ivschat.IncompleteSignature,
			Message: "Credential must have the form <access key ID>/<yyyymmdd>/<region>/ivschat/aws4_request",
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

// credentialOf returns the Credential of a signed request, from its Authorization header or, if it
// was presigned, from its query.
func credentialOf(r *http.Request) (text string, signed bool) {
	if rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), signatureAlgorithm); ok {
		for _, part := range strings.Split(rest, ",") {
			if text, ok := strings.CutPrefix(strings.TrimSpace(part), "Credential="); ok {
				return text, true
			}
		}
		return "", true
	}
	if r.URL.RawQuery == "" {
		return "", false
	}
	query := r.URL.Query()
	return query.Get("X-Amz-Credential"), query.Get("X-Amz-Algorithm") == signatureAlgorithm
}
