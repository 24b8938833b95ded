package conformance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// newSDK returns a client of the SDK. Two of its options differ from the default: replies are
// recorded in p.Last, and replies are not retried, except that throttling is.
func (p *Probe) newSDK() *ivschat.Client {
	return ivschat.New(ivschat.Options{
		Region:      p.Region,
		Credentials: p.Credentials,
		HTTPClient:  recorder{p},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = 8
			o.Retryables = []retry.IsErrorRetryable{retry.RetryableConnectionError{}}
			if p.Real || p.Switches&Rates != 0 {
				throttling := retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes}
				o.Retryables = append(o.Retryables, throttling)
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

// httpClient follows no redirects: a claim is about the answer of the target, and its credentials are for it alone.
var httpClient = &http.Client{CheckRedirect: awsapi.NoRedirect}

// A recorder is an HTTP client that records replies in p.Last.
type recorder struct{ p *Probe }

// Do implements the HTTP client of the SDK.
func (r recorder) Do(request *http.Request) (*http.Response, error) {
	response, err := httpClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	r.p.Last = Reply{response.StatusCode, response.Header, string(body), r.p}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// An Operation is a method of the SDK's client that calls an operation of the service.
type Operation[Input, Output any] func(
	context.Context, *Input, ...func(*ivschat.Options),
) (*Output, error)

// Call calls an operation that must succeed, and returns its output.
func Call[Input, Output any](p *Probe, operation Operation[Input, Output], input Input) *Output {
	output, err := operation(p.ctx, &input)
	p.Require(err == nil, "%T: %v", input, err)
	return output
}

// Refused calls an operation that must fail with the exception, and returns the exception.
func Refused[Exception error, Input, Output any](
	p *Probe, operation Operation[Input, Output], input Input,
) Exception {
	_, err := operation(p.ctx, &input)
	exception, ok := errors.AsType[Exception](err)
	p.Require(ok, "%T returned %T (%v), want %T", input, err, err, exception)
	return exception
}
