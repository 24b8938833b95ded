// Package awsapi calls servers with AWS's APIs, such as LocalStack or MinIO, and other web servers that a user
// configures. It trusts none of them: answers have a limit, and what a server says is marked in errors.
package awsapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// S3 is the name of the service whose requests are signed in another way than those of all others.
const S3 = "s3"

// A Client calls the API of a service at an endpoint. The requests are signed with Signature Version 4, as
// servers for local development find out the account and the region in this way. It is safe for concurrent use.
type Client struct {
	http     *http.Client
	endpoint Endpoint
	service  string
	signer   *v4.Signer
}

// NewClient returns a client of a service, which has the name that signatures use, such as lambda or logs.
func NewClient(client *http.Client, endpoint Endpoint, service string) *Client {
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == S3 })
	return &Client{http: client, endpoint: endpoint, service: service, signer: signer}
}

// A Request is a request to an API.
type Request struct {
	Account string // 12 digits
	Region  string
	Method  string
	Path    string // begins with a slash; each segment is encoded with Segment
	Header  http.Header
	Body    []byte
}

// Do sends a request and returns the answer, of whatever status. The access key is that of the endpoint, or else
// the account ID, which selects the account in LocalStack and floci.
func (c *Client) Do(ctx context.Context, r Request) (Reply, error) {
	request, err := NewRequest(ctx, r.Method, c.endpoint.URL+r.Path, r.Body)
	if err != nil {
		return Reply{}, err
	}
	for name, values := range r.Header {
		request.Header[name] = values
	}
	sum := sha256.Sum256(r.Body)
	hash := hex.EncodeToString(sum[:])
	if c.service == S3 {
		request.Header.Set("X-Amz-Content-Sha256", hash)
	}
	credentials := c.endpoint.credentials
	if credentials.AccessKeyID == "" {
		credentials = aws.Credentials{AccessKeyID: r.Account, SecretAccessKey: "local"}
	}
	err = c.signer.SignHTTP(ctx, credentials, request, hash, c.service, r.Region, time.Now())
	if err != nil {
		return Reply{}, err
	}
	return Send(c.http, request)
}

// Call calls an operation of an API with the JSON protocol 1.1, such as Logs_20140328.PutLogEvents.
func (c *Client) Call(ctx context.Context, account, region, operation string, body []byte) (Reply, error) {
	return c.Do(ctx, Request{
		Account: account, Region: region, Method: http.MethodPost, Path: "/",
		Header: http.Header{"X-Amz-Target": {operation}, "Content-Type": {"application/x-amz-json-1.1"}},
		Body:   body,
	})
}

// Segment encodes a name as one segment of a path, as the AWS SDKs do.
func Segment(name string) string {
	return segments.Replace(url.PathEscape(name))
}

// segments encodes what url.PathEscape leaves and a signature encodes.
var segments = strings.NewReplacer(":", "%3A", "@", "%40", "&", "%26", "=", "%3D", "+", "%2B", "$", "%24")

// String returns the endpoint without what is secret.
func (c *Client) String() string { return c.endpoint.String() }
