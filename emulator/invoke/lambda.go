package invoke

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// A style is how a server with Lambda's API names functions.
type style int32

// The styles. Every server takes one of them.
const (
	byARN   style = iota // as AWS, LocalStack, floci, moto and AWS SAM do
	byName               // serverless-offline
	asFixed              // the Runtime Interface Emulator, which has one function, with the name fixedName
)

const (
	fixedName     = "function"
	functionsPath = "/2015-03-31/functions/"
	fixedPath     = functionsPath + fixedName + "/invocations"
	// longestRun is how long a function can run on Lambda.
	longestRun = 15 * time.Minute
)

// A lambda is the Invoker of a server with Lambda's API. It calls Invoke with the ARN of the function. If there
// is no function of this name, it tries the other styles, which is safe because nothing ran, and remembers
// the one that works.
type lambda struct {
	// Static after newLambda.
	api     *awsapi.Client
	single  bool            // the endpoint is the URL of the fixed name
	context context.Context // of calls that go on without their reviewer; ends with Close
	stop    context.CancelFunc

	works   atomic.Int32   // the style that worked last
	slot    chan struct{}  // has a value while the fixed name is called
	running sync.WaitGroup // the calls of the fixed name
}

// newLambda returns the Invoker of an endpoint.
func newLambda(client *http.Client, endpoint string) (*lambda, error) {
	parsed, single, err := parseEndpoint(endpoint)
	if err != nil {
		return nil, err
	}
	l := &lambda{
		api:    awsapi.NewClient(client, parsed, "lambda"),
		single: single,
		slot:   make(chan struct{}, 1),
	}
	l.context, l.stop = context.WithCancel(context.Background())
	if single {
		l.works.Store(int32(asFixed))
	}
	return l, nil
}

// parseEndpoint parses the URL of a server with Lambda's API. It may also be the URL that the documentation
// of the Runtime Interface Emulator has for its single function.
func parseEndpoint(text string) (endpoint awsapi.Endpoint, single bool, err error) {
	const api = "Lambda's API"
	endpoint, err = awsapi.ParseEndpoint(text, api)
	if err != nil {
		return endpoint, false, err
	}
	endpoint.URL, single = strings.CutSuffix(endpoint.URL, fixedPath)
	if before, _, found := strings.Cut(endpoint.URL, "/2015-03-31"); found {
		return endpoint, single, awsapi.EndpointError(text, api,
			fmt.Errorf("it has the path of an operation: did you mean %s?", before))
	}
	return endpoint, single, nil
}

// Invoke invokes a function.
func (l *lambda) Invoke(ctx context.Context, call Call) ([]byte, error) {
	first := style(l.works.Load())
	reply, err := l.invokeIn(ctx, first, call)
	for _, next := range []style{byARN, byName, asFixed} {
		if err != nil || reply.Status != http.StatusNotFound || l.single {
			break
		}
		if next == first || !next.mayWork(call, reply) {
			continue
		}
		if reply, err = l.invokeIn(ctx, next, call); err == nil && reply.Status != http.StatusNotFound {
			l.works.Store(int32(next))
		}
	}
	server := "the Lambda endpoint " + l.api.String()
	if err != nil {
		if ctx.Err() == nil {
			l.forget() // perhaps the server is being replaced
		}
		return nil, awsapi.Unreachable(ctx, server, err, "start the server, or correct --lambda-endpoint")
	}
	if namesRequests(reply) {
		l.forget() // it takes ARNs, also if it took something else
	}
	return answer(server, call, reply)
}

// forget makes the next call begin with the ARN.
func (l *lambda) forget() {
	if !l.single {
		l.works.Store(int32(byARN))
	}
}

// mayWork reports whether to try a style after a reply with status 404. A server that takes ARNs may
// have the function, but not the version or the alias: then the name alone would invoke something else. Its
// replies have a request ID. Only the Runtime Interface Emulator has no JSON in a reply with status 404.
func (s style) mayWork(call Call, notFound awsapi.Reply) bool {
	switch s {
	case byName:
		_, qualifier := split(call.Function)
		return qualifier == "" || !namesRequests(notFound)
	case asFixed:
		return !notFound.IsJSON()
	}
	return true
}

// namesRequests reports whether a reply has a request ID, as all replies of AWS.
func namesRequests(r awsapi.Reply) bool { return r.Header.Get("X-Amzn-RequestId") != "" }

// split returns the name of a function, and its version or alias, "" if its ARN has none.
func split(function string) (name, qualifier string) {
	parts := strings.SplitN(function, ":", 7) // arn:aws:lambda:REGION:ACCOUNT:function:NAME
	name, qualifier, _ = strings.Cut(parts[len(parts)-1], ":")
	return name, qualifier
}

// invokeIn calls Invoke with the name of a function in a style.
func (l *lambda) invokeIn(ctx context.Context, style style, call Call) (awsapi.Reply, error) {
	name := call.Function
	switch style {
	case byName:
		name, _ = split(call.Function)
	case asFixed:
		name = fixedName
	}
	if name == fixedName {
		return l.invokeFixed(ctx, call)
	}
	return l.post(ctx, name, call)
}

// invokeFixed invokes the function of the Runtime Interface Emulator, which ends when a second call comes
// while one runs. So there is one call at a time, and it goes on when the context ends: nothing tells whether
// the function still runs after its connection was closed.
func (l *lambda) invokeFixed(ctx context.Context, call Call) (awsapi.Reply, error) {
	select {
	case l.slot <- struct{}{}:
	case <-ctx.Done():
		return awsapi.Reply{}, ctx.Err()
	}
	type outcome struct {
		reply awsapi.Reply
		err   error
	}
	ended := make(chan outcome, 1)
	l.running.Go(func() {
		defer func() { <-l.slot }()
		ctx, cancel := context.WithTimeout(l.context, longestRun)
		defer cancel()
		reply, err := l.post(ctx, fixedName, call)
		ended <- outcome{reply, err}
	})
	select {
	case outcome := <-ended:
		return outcome.reply, outcome.err
	case <-ctx.Done():
		return awsapi.Reply{}, ctx.Err()
	}
}

// post sends the request of Invoke. The version or alias is part of the name: AWS SAM accepts no query.
func (l *lambda) post(ctx context.Context, name string, call Call) (awsapi.Reply, error) {
	return l.api.Do(ctx, awsapi.Request{
		Account: call.Owner.AccountID, Region: call.Owner.Region, Method: http.MethodPost,
		Path:   functionsPath + awsapi.Segment(name) + "/invocations",
		Header: http.Header{"X-Amz-Invocation-Type": {"RequestResponse"}}, Body: call.Event,
	})
}

// answer returns the answer of a function, or why there is none.
func answer(server string, call Call, r awsapi.Reply) ([]byte, error) {
	var failure struct{ ErrorType, ErrorMessage, ReviewResult *json.RawMessage }
	isObject := json.Unmarshal(r.Body, &failure) == nil
	// The Runtime Interface Emulator says nothing in the header, and 502 about a function that ended.
	isFailure := isObject && failure.ErrorMessage != nil && failure.ReviewResult == nil
	kind := r.Header.Get("X-Amz-Function-Error")
	switch {
	case kind != "", isFailure && (r.OK() || r.Status == http.StatusBadGateway):
		message := awsapi.Short(string(r.Body))
		if isObject {
			message = strings.Trim(textOf(failure.ErrorType)+": "+textOf(failure.ErrorMessage), ": ")
		}
		return nil, &FunctionError{awsapi.Short(cmp.Or(message, kind))}
	case !r.OK():
		return nil, refused(server, call, r)
	case r.Long:
		return nil, &LongAnswerError{}
	case bytes.HasPrefix(r.Body, []byte("Task timed out after ")): // the Runtime Interface Emulator
		return nil, &FunctionError{awsapi.Short(string(r.Body))}
	}
	return r.Body, nil
}

// textOf returns a JSON string, or "" for another value.
func textOf(value *json.RawMessage) (text string) {
	if value == nil || json.Unmarshal(*value, &text) != nil {
		return ""
	}
	return text
}

// refused returns the error for a reply that is no success.
func refused(server string, call Call, r awsapi.Reply) error {
	advice := "see the log of the server"
	switch {
	case r.Redirect() != "":
		advice = "give this server as --lambda-endpoint"
	case r.Status == http.StatusNotFound && r.IsJSON():
		return awsapi.Errorf("%s has no function %s (status %d%s): create it there, or set the uri of the room's "+
			"message review handler to a function that the server has", server, call.Function, r.Status, r.Describe())
	case r.Status/100 == 4 && !r.IsJSON():
		advice = "give the URL of a server with Lambda's API as --lambda-endpoint, or use --review-handler for a " +
			"web server"
	}
	return awsapi.Errorf("%s did not invoke the function %s (status %d%s): %s",
		server, call.Function, r.Status, r.Describe(), advice)
}

// Close ends the calls that go on without their reviewer.
func (l *lambda) Close() {
	l.stop()
	l.running.Wait()
}
