package conformance

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

// A probe is what a check works with. Any of its methods may end the check, by
// a panic with a failed.
type probe struct {
	Target
	ctx     context.Context
	account string // "" when it is not known
	sdk     *ivschat.Client
	last    reply // the latest answer to the SDK, as it came

	cleanups []func()
	left     *[]string // ARNs of what could not be removed
}

// A failed is why a claim does not hold.
type failed string

func newProbe(ctx context.Context, target Target) *probe {
	p := &probe{Target: target, ctx: ctx, left: new([]string)}
	p.Patience = cmp.Or(p.Patience, 20*time.Second)
	if p.Credentials == nil {
		p.account = fmt.Sprintf("%012d", 1+rand.Int64N(999_999_999_998))
		p.Credentials = credentials(p.account)
	}
	p.sdk = p.client(p.Credentials, p.Region)
	return p
}

func credentials(accessKey string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "any"}, nil
	})
}

// client is the SDK, unmodified but for two of its options: what it receives is
// kept, and it does not try again when it got an answer, unless AWS's is that
// the account asks too often.
func (p *probe) client(credentials aws.CredentialsProvider, region string) *ivschat.Client {
	return ivschat.New(ivschat.Options{
		Region:      region,
		Credentials: credentials,
		HTTPClient:  keeper{p},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = 8
			o.Retryables = []retry.IsErrorRetryable{retry.RetryableConnectionError{}}
			if p.Real {
				o.Retryables = append(o.Retryables, retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes})
			}
		}),
		BaseEndpoint: nilIfEmpty(p.Endpoint),
	})
}

func nilIfEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// A keeper is an HTTP client that keeps what it received.
type keeper struct{ p *probe }

// Do is the SDK's interface.
func (k keeper) Do(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	k.p.last = reply{response.StatusCode, response.Header, string(body)}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// cleanUp removes what the check made, latest first. It tries all of it, and
// what is gone already is no matter.
func (p *probe) cleanUp() {
	for i := len(p.cleanups) - 1; i >= 0; i-- {
		p.cleanups[i]()
	}
}

// later has a resource removed at the end.
func (p *probe) later(arn string) {
	p.cleanups = append(p.cleanups, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), time.Minute)
		defer cancel()
		var err error
		if strings.Contains(arn, ":room/") {
			_, err = p.sdk.DeleteRoom(ctx, &ivschat.DeleteRoomInput{Identifier: &arn})
		} else {
			_, err = p.sdk.DeleteLoggingConfiguration(ctx, &ivschat.DeleteLoggingConfigurationInput{Identifier: &arn})
		}
		if gone := (*types.ResourceNotFoundException)(nil); err != nil && !errors.As(err, &gone) {
			*p.left = append(*p.left, arn)
		}
	})
}

func (p *probe) fatal(format string, args ...any) {
	panic(failed(fmt.Sprintf(format, args...)))
}

func (p *probe) check(ok bool, format string, args ...any) {
	if !ok {
		p.fatal(format, args...)
	}
}

// same wants two values to be alike.
func (p *probe) same(what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		p.fatal("%s is %s, want %s", what, show(got), show(want))
	}
}

// like wants a text to match the pattern.
func (p *probe) like(what, text, pattern string) {
	if !regexp.MustCompile(pattern).MatchString(text) {
		p.fatal("%s is %q, which does not match %s", what, text, pattern)
	}
}

func show(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// call calls an operation of the SDK and wants it to succeed.
func call[Input, Output any](p *probe, operation func(context.Context, *Input, ...func(*ivschat.Options)) (*Output, error), input Input) *Output {
	output, err := operation(p.ctx, &input)
	p.check(err == nil, "%T: %v", input, err)
	return output
}

// refused calls an operation of the SDK and wants it to fail with the exception.
func refused[Exception error, Input, Output any](p *probe, operation func(context.Context, *Input, ...func(*ivschat.Options)) (*Output, error), input Input) Exception {
	_, err := operation(p.ctx, &input)
	var exception Exception
	p.check(errors.As(err, &exception), "%T gave %T (%v), want %T", input, err, err, exception)
	return exception
}

// name is a name that is the claim's own.
func (p *probe) name(name string) *string { return aws.String(p.Prefix + name) }

// createRoom makes a room that is removed at the end.
func (p *probe) createRoom(input ivschat.CreateRoomInput) *ivschat.CreateRoomOutput {
	room := call(p, p.sdk.CreateRoom, input)
	p.later(*room.Arn)
	return room
}

// room gives the ARN of a new room.
func (p *probe) room() string { return *p.createRoom(ivschat.CreateRoomInput{Name: p.anyName()}).Arn }

// anyName is nil if names begin with nothing: by its name somebody who finds it
// at AWS knows where it comes from.
func (p *probe) anyName() *string {
	if p.Prefix == "" {
		return nil
	}
	return p.name("any")
}

// logging makes a logging configuration that is removed at the end.
func (p *probe) logging() *ivschat.CreateLoggingConfigurationOutput {
	configuration := call(p, p.sdk.CreateLoggingConfiguration, ivschat.CreateLoggingConfigurationInput{Name: p.anyName(), DestinationConfiguration: bucket("chat-logs")})
	p.later(*configuration.Arn)
	return configuration
}

func bucket(name string) types.DestinationConfiguration {
	return &types.DestinationConfigurationMemberS3{Value: types.S3DestinationConfiguration{BucketName: &name}}
}

// absent is the ARN of a resource that does not exist.
func (p *probe) absent(resource string) string {
	account := p.account
	if account == "" {
		account = strings.Split(p.room(), ":")[4]
	}
	return "arn:aws:ivschat:" + p.Region + ":" + account + ":" + resource + "/absentabsent"
}

// A reply is an HTTP reply as it came.
type reply struct {
	status int
	header http.Header
	body   string
}

// members are those of the reply's JSON object.
func (r reply) members(p *probe) map[string]any {
	var members map[string]any
	if err := json.Unmarshal([]byte(r.body), &members); err != nil {
		p.fatal("%d %q is no JSON object: %v", r.status, r.body, err)
	}
	return members
}

// refuses wants the status and the exception.
func (r reply) refuses(p *probe, status int, exception string) {
	got := r.header.Get("x-amzn-ErrorType")
	p.check(r.status == status && got == exception, "got %d %s %s, want %d %s", r.status, got, r.body, status, exception)
}

// post calls an operation with a body that the SDK would not send.
func (p *probe) post(operation, body string) reply {
	return p.send(http.MethodPost, "/"+operation, body, "Content-Type", "application/json")
}

// send makes a request that is signed as the SDK signs. Where AWS's answer is
// that the account asks too often it tries again.
func (p *probe) send(method, path, body string, header ...string) reply {
	for range 8 {
		if r := p.sendOnce(method, path, body, header...); r.status != http.StatusTooManyRequests || !p.Real {
			return r
		}
		time.Sleep(time.Second)
	}
	return p.last
}

func (p *probe) sendOnce(method, path, body string, header ...string) reply {
	request, err := http.NewRequestWithContext(p.ctx, method, p.controlURL()+path, strings.NewReader(body))
	p.check(err == nil, "%v", err)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	if request.Header.Get("Authorization") == "" {
		keys, err := p.Credentials.Retrieve(p.ctx)
		p.check(err == nil, "credentials: %v", err)
		sum := sha256.Sum256([]byte(body))
		err = v4.NewSigner().SignHTTP(p.ctx, keys, request, hex.EncodeToString(sum[:]), "ivschat", p.Region, time.Now())
		p.check(err == nil, "sign: %v", err)
	}
	response, err := keeper{p}.Do(request)
	p.check(err == nil, "%s %s: %v", method, path, err)
	_ = response.Body.Close()
	if arn, ok := jsonObject(p.last.body)["arn"].(string); ok && strings.HasPrefix(path, "/Create") {
		p.later(arn)
	}
	return p.last
}

func jsonObject(text string) (members map[string]any) {
	_ = json.Unmarshal([]byte(text), &members) // what is none has no members
	return members
}

func (p *probe) controlURL() string {
	if p.Endpoint != "" {
		return p.Endpoint
	}
	return "https://ivschat." + p.Region + ".amazonaws.com"
}
