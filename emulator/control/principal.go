package control

import (
	"context"
	"crypto/subtle"
	"errors"
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
	iam     *iam.Caller       // nil unless the signature was verified
	checked *[]iam.Permission // what authorize has checked; not nil if iam is not
}

// identify returns who says that they make a request, for which account and region, and the signature of the request,
// nil without one. The region is that of the SigV4 credential scope, or else that of the host. An access key of 12
// digits is the account, and any other key, and a request that is not signed, selects the default account (decision
// D21). With Callers, authenticate must verify the signature.
func (a *API) identify(r *http.Request) (caller, *sigv4.Signature, error) {
	c := caller{Principal: ivschat.Principal{Owner: a.DefaultOwner}}
	if _, region := ivschat.ParseHost(r.Host); region != "" {
		c.Owner.Region = region
	}
	signature, err := sigv4.Read(r)
	if err != nil || signature == nil {
		return c, nil, err
	}
	c.AccessKeyID, c.Owner.Region = signature.AccessKeyID, signature.Region
	if a.Callers != nil {
		return c, signature, nil
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
	return c, signature, nil
}

// authenticate verifies the signature of a request with its body, and adds the account, the principal and its
// permissions to the caller. The account is also there after a refusal, if the access key is known, so that it is in
// the log and in the journal (decision D77).
func (a *API) authenticate(
	c caller, signature *sigv4.Signature, r *http.Request, body []byte,
) (caller, error) {
	if signature == nil {
		return c, &ivschat.Exception{
			Type: ivschat.MissingAuthenticationTokenException, Message: "Missing Authentication Token",
		}
	}
	now := time.Now()
	if err := signature.Check(r, now); err != nil {
		return c, err
	}
	known := a.Callers.Find(signature.AccessKeyID)
	if known == nil {
		_ = signature.Verify(r, body, "") // so that the answer takes as long as for a key that is known
		a.Logger.WarnContext(r.Context(), "an access key is not known: use one of --credentials, or without that file "+
			"the one that ivschat-local prints at its start",
			"access_key_begins", c.AccessKeyID[:min(len(c.AccessKeyID), 4)])
		return c, unrecognized()
	}
	c.Owner.AccountID = known.Account
	err := signature.Verify(r, body, known.SecretAccessKey)
	token := []byte(signature.SessionToken(r))
	switch {
	case subtle.ConstantTimeCompare(token, []byte(known.SessionToken)) == 0:
		a.Logger.WarnContext(r.Context(), "a session token does not belong to its access key, or is missing",
			"access_key_id", known.AccessKeyID)
		return c, unrecognized()
	case !known.Expiration.IsZero() && !now.Before(known.Expiration):
		return c, &ivschat.Exception{
			Type: ivschat.ExpiredTokenException, Message: "The security token included in the request is expired",
		}
	case err != nil:
		a.logMismatch(r.Context(), err)
		return c, err
	}
	c.iam, c.ARN, c.checked = known, known.PrincipalARN, new([]iam.Permission)
	return c, nil
}

// unrecognized returns the exception for an access key that does not exist, or that has another session token.
func unrecognized() *ivschat.Exception {
	return &ivschat.Exception{
		Type: ivschat.UnrecognizedClient, Message: "The security token included in the request is invalid.",
	}
}

// logMismatch logs what should have been signed, to be compared with what the client has signed. It has line breaks,
// which a handler of package slog escapes.
func (a *API) logMismatch(ctx context.Context, err error) {
	if mismatch, ok := errors.AsType[*sigv4.Mismatch](err); ok {
		a.Logger.WarnContext(ctx, "a signature does not match: compare what the client signed, "+
			"or check its secret access key",
			"canonical_request", mismatch.CanonicalRequest, "string_to_sign", mismatch.StringToSign)
	}
}
