package control

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

const signatureAlgorithm = "AWS4-HMAC-SHA256"

var (
	// credential is <access key id>/<date>/<region>/<service>/aws4_request
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html).
	credential = regexp.MustCompile(`^([^/]+)/([0-9]{8})/([a-z0-9-]{1,32})/([^/]+)/aws4_request$`)
	realKey    = regexp.MustCompile(`^A[KS]IA`)
)

// identify returns who makes a request, and for which account and region. The region is that of the
// SigV4 credential scope. An access key of twelve digits is the account; every other key, and an
// unsigned request, means the default account. The signature covers the body, but is not verified
// (decision D21).
func (a *API) identify(r *http.Request, _ []byte) (ivschat.Principal, error) {
	caller := ivschat.Principal{Owner: a.DefaultOwner}
	scope, signed := credentialScope(r)
	if !signed {
		return caller, nil
	}
	parts := credential.FindStringSubmatch(scope)
	if parts == nil {
		return caller, &ivschat.Exception{
			Kind:    ivschat.IncompleteSignature,
			Message: "Credential must have the form <access key id>/<yyyymmdd>/<region>/ivschat/aws4_request",
		}
	}
	caller.AccessKeyID, caller.Owner.Region = parts[1], parts[3]
	if ivschat.IsAccountID(caller.AccessKeyID) {
		caller.Owner.AccountID = caller.AccessKeyID
	}
	if realKey.MatchString(caller.AccessKeyID) {
		a.warnOfRealKey.Do(func() {
			a.Logger.Warn("a request was signed with an access key that looks real; the emulator accepts any key, and a key of twelve digits selects the account",
				"access_key_begins", caller.AccessKeyID[:4])
		})
	}
	return caller, nil
}

// credentialScope returns the Credential of a signed request: from its Authorization header or, when
// it was presigned, from its query.
func credentialScope(r *http.Request) (scope string, signed bool) {
	if rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), signatureAlgorithm); ok {
		for _, part := range strings.Split(rest, ",") {
			if scope, ok := strings.CutPrefix(strings.TrimSpace(part), "Credential="); ok {
				return scope, true
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
