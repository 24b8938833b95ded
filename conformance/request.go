package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// A Reply is an HTTP reply, unchanged.
type Reply struct {
	Status int
	Header http.Header
	Body   string
	p      *Probe
}

// Members returns the members of the JSON object that the body must be.
func (r Reply) Members() map[string]any {
	var members map[string]any
	if err := json.Unmarshal([]byte(r.Body), &members); err != nil {
		r.p.Fatalf("%d %q is not a JSON object: %v", r.Status, r.Body, err)
	}
	return members
}

// RequireException ends the check as failed unless the reply has the status and the exception.
func (r Reply) RequireException(status int, exception string) {
	got := r.Header.Get("x-amzn-ErrorType")
	r.p.Require(r.Status == status && got == exception,
		"got %d %s %s, want %d %s", r.Status, got, r.Body, status, exception)
}

// maxThrottled is how often a request is sent again when AWS throttles it.
const maxThrottled = 8

// Post calls an operation with a body that the SDK would not send.
func (p *Probe) Post(operation, body string) Reply {
	return p.Send(http.MethodPost, "/"+operation, body, "Content-Type", "application/json")
}

// Send sends a request to the control plane. header has pairs of a name and a value. The
// request is signed as the SDK signs, unless it has an Authorization header. When AWS throttles
// the request, Send sends it again.
func (p *Probe) Send(method, path, body string, header ...string) Reply {
	for range maxThrottled {
		reply := p.sendOnce(method, path, body, header...)
		if reply.Status != http.StatusTooManyRequests || !p.Real {
			return reply
		}
		time.Sleep(time.Second)
	}
	return p.Last
}

func (p *Probe) sendOnce(method, path, body string, header ...string) Reply {
	url := p.ControlURL() + path
	request, err := http.NewRequestWithContext(p.ctx, method, url, strings.NewReader(body))
	p.Require(err == nil, "%v", err)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	if request.Header.Get("Authorization") == "" {
		p.sign(request, body)
	}
	reply := p.Do(request)
	if arn, ok := jsonObject(reply.Body)["arn"].(string); ok && strings.HasPrefix(path, "/Create") {
		p.RemoveLater(arn)
	}
	return reply
}

// Do sends a request as it is and records the reply in p.Last.
func (p *Probe) Do(request *http.Request) Reply {
	response, err := recorder{p}.Do(request)
	p.Require(err == nil, "%s %s: %v", request.Method, request.URL.Path, err)
	_ = response.Body.Close()
	return p.Last
}

func (p *Probe) sign(request *http.Request, body string) {
	keys, err := p.Credentials.Retrieve(p.ctx)
	p.Require(err == nil, "credentials: %v", err)
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	err = v4.NewSigner().SignHTTP(p.ctx, keys, request, hash, "ivschat", p.Region, time.Now())
	p.Require(err == nil, "sign: %v", err)
}

// jsonObject returns the members of a JSON object, or none if the text is not an object.
func jsonObject(text string) (members map[string]any) {
	_ = json.Unmarshal([]byte(text), &members)
	return members
}

// ControlURL returns the URL of the control plane, without a slash at its end.
func (p *Probe) ControlURL() string {
	if p.Endpoint != "" {
		return strings.TrimSuffix(p.Endpoint, "/")
	}
	return "https://ivschat." + p.Region + ".amazonaws.com"
}
