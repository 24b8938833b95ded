package sigv4

import (
	"fmt"
	"net/http"
	"time"
)

// A Key is an access key with its secret.
type Key struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string // "" for a key that is not temporary
}

// Sign signs a request with its body, for a region, at a time of the machine's clock. It sets the headers
// Authorization, X-Amz-Date and, for a temporary key, X-Amz-Security-Token. The signature covers these, the host, the
// method, the path and the query, as they are sent.
func Sign(r *http.Request, body []byte, key Key, region string, now time.Time) {
	now = now.UTC()
	s := &Signature{
		AccessKeyID: key.AccessKeyID, Region: region, date: now.Format(dayFormat), signedHeaders: "host;x-amz-date",
	}
	r.Header.Set("X-Amz-Date", now.Format(timeFormat))
	if key.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", key.SessionToken)
		s.signedHeaders += ";x-amz-security-token"
	}
	toSign := s.stringToSign(r, hash(body))
	r.Header.Set("Authorization", fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		algorithm, s.AccessKeyID, s.scope(), s.signedHeaders, signatureOf(s.signingKey(key.SecretAccessKey), toSign)))
}
