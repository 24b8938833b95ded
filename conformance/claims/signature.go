package claims

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// Formats of the time in a request.
const (
	signedTime = "20060102T150405Z"
	httpTime   = "Mon, 02 Jan 2006 15:04:05 GMT"
)

// A signing is how a request is signed. The zero value is a call of ListRooms that is signed rightly.
type signing struct {
	method, path string
	key          func(*aws.Credentials) // changes the access key
	later        time.Duration          // when it is signed, from now
	before       func(*http.Request)    // changes what is signed
	after        func(*http.Request)    // changes what is sent
}

// send signs a request as the AWS SDK for Go does, and sends it.
func (s signing) send(p *conformance.Probe) conformance.Reply {
	const body = "{}"
	if s.method == "" {
		s.method, s.path = http.MethodPost, "/ListRooms"
	}
	r, err := http.NewRequestWithContext(p.Context(), s.method, p.ControlURL()+s.path, strings.NewReader(body))
	p.Require(err == nil, "%v", err)
	if s.before != nil {
		s.before(r)
	}
	err = v4.NewSigner().SignHTTP(p.Context(), s.keys(p), r, hashOf(body), "ivschat", p.Region, s.time())
	p.Require(err == nil, "%v", err)
	if s.after != nil {
		s.after(r)
	}
	return p.Do(r)
}

// keys returns the access key.
func (s signing) keys(p *conformance.Probe) aws.Credentials {
	keys, err := p.Credentials.Retrieve(p.Context())
	p.Require(err == nil, "credentials: %v", err)
	if s.key != nil {
		s.key(&keys)
	}
	return keys
}

func (s signing) time() time.Time { return time.Now().UTC().Add(s.later) }

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// presign presigns a call of ListRooms for some seconds, and sends it.
func (s signing) presign(p *conformance.Probe, seconds string) conformance.Reply {
	query := url.Values{"X-Amz-Expires": {seconds}}
	r, err := http.NewRequest(http.MethodPost, p.ControlURL()+"/ListRooms?"+query.Encode(), nil)
	p.Require(err == nil, "%v", err)
	presigned, _, err := v4.NewSigner().PresignHTTP(
		p.Context(), s.keys(p), r, hashOf(""), "ivschat", p.Region, s.time())
	p.Require(err == nil, "%v", err)
	r, err = http.NewRequestWithContext(p.Context(), http.MethodPost, presigned, nil)
	p.Require(err == nil, "%v", err)
	return p.Do(r)
}

// setHeader returns a function that sets a header of a request.
func setHeader(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// refuses returns a claim about signatures that are refused with an exception. Each is sent.
func refuses(id, sentence string, status int, exception string, signings ...signing) conformance.Claim {
	return conformance.Claim{
		ID: id, Sentence: sentence, Source: conformance.Decided, Needs: conformance.Verified,
		Check: func(p *conformance.Probe) {
			for _, s := range signings {
				s.send(p).RequireException(status, exception)
			}
		},
	}
}

var signatureClaims = []conformance.Claim{
	{
		ID: "C650",
		Sentence: "A signature covers the path, escaped once more, the query, sorted, and headers, without needless " +
			"spaces, as the AWS SDK for Go signs them. The clock may differ by less than five minutes.",
		Source: conformance.Decided,
		Needs:  conformance.Verified,
		Check: func(p *conformance.Probe) {
			keys := url.Values{"tagKeys": {"z", "a b+c&d=e/é", "a"}}
			tags := "/tags/" + url.PathEscape(p.Room())
			for _, s := range []signing{
				{}, {later: 4 * time.Minute}, {later: -4 * time.Minute},
				{before: setHeader("X-Amz-Meta", "a   b")},
				{method: http.MethodDelete, path: tags + "?" + keys.Encode()},
				{method: http.MethodGet, path: tags},
			} {
				r := s.send(p)
				p.Require(r.Status < 300, "%s %s: %d %s", s.method, s.path, r.Status, r.Body)
			}
		},
	},
	refuses("C651", "A request that is signed with another secret access key is refused with 403 "+
		"InvalidSignatureException.", 403, "InvalidSignatureException",
		signing{key: func(k *aws.Credentials) { k.SecretAccessKey += "x" }}),
	refuses("C652", "A request whose method, path, query, body or signed header is not what was signed is refused with "+
		"403 InvalidSignatureException, also if its body has no meaning.", 403, "InvalidSignatureException",
		signing{after: func(r *http.Request) { r.Method = http.MethodPut }},
		signing{after: func(r *http.Request) { r.URL.Path = "/GetRoom" }},
		signing{after: func(r *http.Request) { r.URL.RawQuery = "a=b" }},
		signing{after: otherBody},
		signing{method: http.MethodGet, path: "/tags/x", after: otherBody},
		signing{before: setHeader("Content-Type", "application/json"), after: setHeader("Content-Type", "text/plain")}),
	refuses("C653", "A request with a header that begins with X-Amz- and is not signed is refused with 403 "+
		"InvalidSignatureException.", 403, "InvalidSignatureException",
		signing{after: setHeader("X-Amz-Meta", "a")}),
	refuses("C654", "A request whose X-Amz-Content-Sha256 is not the hash of its body is refused with 403 "+
		"InvalidSignatureException, also if it is UNSIGNED-PAYLOAD.", 403, "InvalidSignatureException",
		signing{before: setHeader("X-Amz-Content-Sha256", hashOf("other"))},
		signing{before: setHeader("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")}),
	refuses("C655", "A request that is signed for a time more than five minutes ago, or in more than five minutes, is "+
		"refused with 403 InvalidSignatureException.", 403, "InvalidSignatureException",
		signing{later: -6 * time.Minute}, signing{later: 6 * time.Minute}, signing{later: -400 * 24 * time.Hour}),
	refuses("C656", "A request without X-Amz-Date and Date, or with a time that is not in the basic format of ISO 8601, "+
		"is refused with 403 IncompleteSignature.", 403, "IncompleteSignature",
		signing{after: func(r *http.Request) { r.Header.Del("X-Amz-Date") }},
		signing{after: func(r *http.Request) { r.Header.Set("X-Amz-Date", time.Now().UTC().Format(httpTime)) }}),
	refuses("C657", "A request whose time is on another day than its Credential is refused with 403 "+
		"InvalidSignatureException.", 403, "InvalidSignatureException",
		signing{later: 48 * time.Hour, after: func(r *http.Request) {
			r.Header.Set("X-Amz-Date", time.Now().UTC().Format(signedTime))
		}}),
	refuses("C658", "An access key that does not exist, and one with a session token that is not its own, is refused "+
		"with 403 UnrecognizedClientException.", 403, "UnrecognizedClientException",
		signing{key: func(k *aws.Credentials) { k.AccessKeyID = "AKIAIOSFODNN7EXAMPLE" }},
		signing{key: func(k *aws.Credentials) { k.SessionToken = "token" }}),
	{
		ID:       "C659",
		Sentence: "A presigned request is valid for X-Amz-Expires seconds. After that it is refused with 400 RequestExpired.",
		Source:   conformance.Decided,
		Needs:    conformance.Verified,
		Check: func(p *conformance.Probe) {
			hourAgo := signing{later: -time.Hour}
			p.RequireEqual("status", hourAgo.presign(p, "7200").Status, 200)
			hourAgo.presign(p, "60").RequireException(400, "RequestExpired")
			hourAgo.presign(p, "604801").RequireException(403, "IncompleteSignature")
		},
	},
}

// otherBody replaces the body of a request by one of the same length.
func otherBody(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("[]")) }
