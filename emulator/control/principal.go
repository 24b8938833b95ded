package control

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

const signatureAlgorithm = "AWS4-HMAC-SHA256"

var (
	// credential matches <access key ID>/<date>/<region>/<service>/aws4_request
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html).
	credential = regexp.MustCompile(`^([^/]+)/([0-9]{8})/([a-z0-9-]{1,32})/([^/]+)/aws4_request$`)
	// realKey matches access keys of IAM users (AKIA) and temporary ones of AWS STS (ASIA)
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
	realKey = regexp.MustCompile(`^A[KS]IA`)
)

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
	parts := credential.FindStringSubmatch(text)
	if parts == nil {
		return caller, &ivschat.Exception{
			Type:    ivschat.IncompleteSignature,
			Message: "Credential must have the form <access key ID>/<yyyymmdd>/<region>/ivschat/aws4_request",
		}
	}
	caller.AccessKeyID, caller.Owner.Region = parts[1], parts[3]
	if ivschat.IsAccountID(caller.AccessKeyID) {
		caller.Owner.AccountID = caller.AccessKeyID
	}
	if realKey.MatchString(caller.AccessKeyID) {
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
