package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Verify checks the signature of a request with its body, as the service would at a time of the machine's clock. The
// error is an *ivschat.Exception.
func (s *Signature) Verify(r *http.Request, body []byte, secret string, now time.Time) error {
	if !hmac.Equal([]byte(s.compute(r, body, secret)), []byte(s.signature)) {
		return &ivschat.Exception{
			Type: ivschat.InvalidSignatureException,
			Message: "The request signature we calculated does not match the signature you provided. " +
				"Check your AWS Secret Access Key and signing method.",
		}
	}
	return nil
}

// compute returns the signature that a request with its body must have.
func (s *Signature) compute(r *http.Request, body []byte, secret string) string {
	canonical := s.canonicalRequest(r, body)
	scope := strings.Join([]string{s.date, s.Region, service, "aws4_request"}, "/")
	toSign := strings.Join([]string{algorithm, r.Header.Get("X-Amz-Date"), scope, hash([]byte(canonical))}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.date, s.Region, service, "aws4_request", toSign} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// canonicalRequest returns what was signed
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
func (s *Signature) canonicalRequest(r *http.Request, body []byte) string {
	// All services but S3 encode the path once more. It has no space, for which QueryEscape has a code of its own.
	path := strings.ReplaceAll(url.QueryEscape(r.URL.EscapedPath()), "%2F", "/")
	query := strings.Split(r.URL.RawQuery, "&")
	for i, pair := range query {
		if pair != "" && !strings.Contains(pair, "=") {
			query[i] = pair + "="
		}
	}
	slices.Sort(query)
	var headers strings.Builder
	for name := range strings.SplitSeq(s.signedHeaders, ";") {
		value := strings.Join(r.Header.Values(name), ",")
		switch name { // net/http takes them out of the header
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		headers.WriteString(name + ":" + strings.Join(strings.Fields(value), " ") + "\n")
	}
	return strings.Join([]string{
		r.Method, path, strings.Join(query, "&"), headers.String(), s.signedHeaders, hash(body),
	}, "\n")
}
