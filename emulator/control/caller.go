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

// identify says for which account and in which region a request speaks. The
// region is that of the SigV4 credential scope, an access key of twelve digits
// is the account, and everybody else gets the default. Whether the signature
// holds is not asked (decision D21); this is where it would be.
func (a *API) identify(r *http.Request) (ivschat.Owner, error) {
	scope, signed := credentialScope(r)
	if !signed {
		return a.DefaultCaller, nil
	}
	parts := credential.FindStringSubmatch(scope)
	if parts == nil {
		return a.DefaultCaller, &ivschat.Exception{
			Kind:    ivschat.IncompleteSignature,
			Message: "Credential must have the form <access key id>/<yyyymmdd>/<region>/ivschat/aws4_request",
		}
	}
	accessKey, caller := parts[1], ivschat.Owner{AccountID: a.DefaultCaller.AccountID, Region: parts[3]}
	if ivschat.IsAccountID(accessKey) {
		caller.AccountID = accessKey
	}
	if realKey.MatchString(accessKey) {
		a.warnOfRealKey.Do(func() {
			a.Logger.Warn("a request was signed with an access key that looks real; any key will do here, and one of twelve digits chooses the account",
				"access_key_begins", accessKey[:4])
		})
	}
	return caller, nil
}

// credentialScope gives the Credential of a signed request: from its
// Authorization header or, when it was presigned, from its query.
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
