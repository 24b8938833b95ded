package control

import (
	"net/http"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/iam"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/sigv4"
)

// looksReal reports whether an access key has the form of those of IAM users (AKIA) or of AWS STS (ASIA)
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
func looksReal(accessKeyID string) bool {
	return strings.HasPrefix(accessKeyID, "AKIA") || strings.HasPrefix(accessKeyID, "ASIA")
}

// A caller is who makes a request.
type caller struct {
	ivschat.Principal
	iam *iam.Caller // nil unless the signature was verified
}

// identify returns who makes a request, and for which account and region. The region is that of the SigV4 credential
// scope, or else that of the host. With Callers, the signature is verified, and the account is that of the access key.
// Otherwise, an access key of 12 digits is the account, and any other key, and a request that is not signed, selects
// the default account (decision D21).
func (a *API) identify(r *http.Request, body []byte) (caller, error) {
	c := caller{Principal: ivschat.Principal{Owner: a.DefaultOwner}}
	if _, region := ivschat.ParseHost(r.Host); region != "" {
		c.Owner.Region = region
	}
	signature, err := sigv4.Read(r)
	if err != nil {
		return c, err
	}
	if signature != nil {
		c.AccessKeyID, c.Owner.Region = signature.AccessKeyID, signature.Region
	}
	if a.Callers != nil {
		return a.authenticate(c, signature, r, body)
	}
	if signature == nil {
		return c, nil
	}
	if ivschat.IsAccountID(c.AccessKeyID) {
		c.Owner.AccountID = c.AccessKeyID
	}
	if looksReal(c.AccessKeyID) {
		a.warnOfRealKey.Do(func() {
			a.Logger.Warn("a request was signed with an access key that looks real; "+
				"the emulator accepts any key, and a key of 12 digits selects the account",
				"access_key_begins", c.AccessKeyID[:4])
		})
	}
	return c, nil
}

// authenticate verifies the signature of a request, and adds the principal to the caller.
func (a *API) authenticate(
	c caller, signature *sigv4.Signature, r *http.Request, body []byte,
) (caller, error) {
	if signature == nil {
		return c, &ivschat.Exception{
			Type: ivschat.MissingAuthenticationTokenException, Message: "Missing Authentication Token",
		}
	}
	known := a.Callers.Find(signature.AccessKeyID)
	if known == nil {
		return c, &ivschat.Exception{
			Type: ivschat.UnrecognizedClient, Message: "The security token included in the request is invalid.",
		}
	}
	if err := signature.Verify(r, body, known.SecretAccessKey, time.Now()); err != nil {
		return c, err
	}
	c.iam, c.ARN, c.Owner.AccountID = known, known.PrincipalARN, known.Account
	return c, nil
}
