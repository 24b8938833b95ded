package invoke

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// An awsClient calls an AWS REST API at an endpoint. The requests are signed with Signature Version 4, as
// servers for local development find out the account and the region in this way.
type awsClient struct {
	client   *http.Client
	endpoint string // without a slash at its end
	service  string // as in the signature, such as lambda
	signer   *v4.Signer
}

// call sends a request for an owner. The access key is the account ID, which selects the account in
// LocalStack and floci, and the secret can be any text.
func (c *awsClient) call(
	ctx context.Context, owner ivschat.Owner, method, path string, header http.Header, body []byte,
) (reply, error) {
	request, err := newRequest(ctx, method, c.endpoint+path, body)
	if err != nil {
		return reply{}, err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	hash := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: owner.AccountID, SecretAccessKey: "local"}
	err = c.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]), c.service, owner.Region, time.Now())
	if err != nil {
		return reply{}, err
	}
	return send(c.client, request)
}

// segment encodes a name as one segment of a path, as the AWS SDKs do.
func segment(name string) string { return strings.ReplaceAll(url.PathEscape(name), ":", "%3A") }

// exception returns the type of the exception in a reply, "" if there is none, and its message.
func (r reply) exception() (name, message string) {
	var body struct {
		Type    string `json:"__type"`
		Code    string
		Message string
	}
	_ = json.Unmarshal(r.body, &body) // a page in HTML, for instance, has none of them
	for _, name = range []string{r.header.Get("X-Amzn-ErrorType"), body.Type, body.Code} {
		name, _, _ = strings.Cut(name, ":") // a URI may follow
		name = name[strings.LastIndex(name, "#")+1:]
		if name != "" {
			break
		}
	}
	return short(name), short(body.Message)
}

// describe returns the exception of a reply, or where it redirects to, to follow its status.
func (r reply) describe() saying {
	text := string(r.redirect())
	name, message := r.exception()
	if name != "" {
		text += " " + name
	}
	if message != "" {
		text += ": " + message
	}
	return saying(text)
}

// isJSON reports whether the body is JSON.
func (r reply) isJSON() bool { return json.Valid(r.body) }
