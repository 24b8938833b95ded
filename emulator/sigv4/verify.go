package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Mismatch is the error for a signature that is not the one that the secret and the request give. It unwraps to an
// InvalidSignatureException, which has nothing of what follows: that is for the log.
type Mismatch struct {
	exception *ivschat.Exception
	// CanonicalRequest is what was signed, and StringToSign has its hash. What may be secret is hidden in the canonical
	// request, so the hash is that of another text. Long texts are cut off.
	CanonicalRequest, StringToSign string
}

// Error returns the text of the exception.
func (m *Mismatch) Error() string { return m.exception.Error() }

// Unwrap returns the exception.
func (m *Mismatch) Unwrap() error { return m.exception }

// maximumLogged is how many bytes of a canonical request are for the log.
const maximumLogged = 8 << 10

// Verify checks, with the secret access key, that a request with this body was signed. The request must have passed
// Check. The error is an *ivschat.Exception or a *Mismatch.
func (s *Signature) Verify(r *http.Request, body []byte, secret string) error {
	bodyHash := hash(body)
	toSign := s.stringToSign(r, bodyHash)
	want := signatureOf(s.signingKey(secret), toSign)
	if !hmac.Equal([]byte(want), []byte(s.signature)) || strings.Join(s.headerNames(nil), ";") != s.signedHeaders {
		return newMismatch(toSign, s.appendCanonical(nil, r, forLog), bodyHash)
	}
	if declared := r.Header.Get("X-Amz-Content-Sha256"); declared != "" && declared != bodyHash {
		return invalid("The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return nil
}

// newMismatch returns the error for a request with this string to sign, and this canonical request for the log.
func newMismatch(toSign string, canonical []byte, bodyHash string) *Mismatch {
	return &Mismatch{
		exception: invalid("The request signature we calculated does not match the signature you provided. Check your " +
			"AWS Secret Access Key and signing method. Consult the service documentation for details."),
		CanonicalRequest: fmt.Sprintf("%.*s%s", maximumLogged, canonical, bodyHash),
		StringToSign:     toSign,
	}
}

// SessionToken returns the session token of a request, "" without one.
func (s *Signature) SessionToken(r *http.Request) string {
	const name = "X-Amz-Security-Token"
	return strings.Join(slices.Concat(r.Header[name], s.query[name]), ",")
}

// stringToSign returns the text whose HMAC is the signature.
func (s *Signature) stringToSign(r *http.Request, bodyHash string) string {
	at, _ := s.time(r) // which Check has read
	canonical := s.appendCanonical(make([]byte, 0, 1024), r, forSignature)
	return algorithm + "\n" + at + "\n" + s.scope() + "\n" + hash(append(canonical, bodyHash...))
}

// scope returns the scope of the signature.
func (s *Signature) scope() string {
	return s.date + "/" + s.Region + "/" + scopeService + "/" + scopeEnd
}

// signingKey returns the key for the signatures of the scope.
func (s *Signature) signingKey(secret string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.date, s.Region, scopeService, scopeEnd} {
		key = sign(key, part)
	}
	return key
}

// signatureOf returns the signature of a string to sign.
func signatureOf(key []byte, toSign string) string { return hex.EncodeToString(sign(key, toSign)) }

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
