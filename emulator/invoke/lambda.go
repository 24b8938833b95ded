package invoke

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
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
	api     *awsClient
	single  bool            // the endpoint is the URL of the fixed name
	context context.Context // of calls that go on without their reviewer; ends with Close
	stop    context.CancelFunc

	works   atomic.Int32   // the style that worked last
	slot    chan struct{}  // has a value while the fixed name is called
	running sync.WaitGroup // the calls of the fixed name
}

// newLambda returns the Invoker of an endpoint.
func newLambda(client *http.Client, endpoint string) (*lambda, error) {
	base, single, err := parseEndpoint(endpoint)
	if err != nil {
		return nil, err
	}
	l := &lambda{
		api:    &awsClient{client: client, endpoint: base, service: "lambda", signer: v4.NewSigner()},
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
func parseEndpoint(text string) (base string, single bool, err error) {
	parsed, err := parseURL(text)
	switch {
	case err != nil:
	case parsed.User != nil:
		err = errors.New("it has a user name, but requests are signed for the account of the room")
	case parsed.RawQuery != "" || parsed.ForceQuery:
		err = errors.New("it has a query, which begins with ?")
	}
	base = strings.TrimRight(text, "/")
	if err == nil {
		base, single = strings.CutSuffix(base, fixedPath)
		if before, _, found := strings.Cut(base, "/2015-03-31"); found {
			err = fmt.Errorf("it has the path of an operation: did you mean %s?", before)
		}
	}
	if err != nil {
		return "", false, fmt.Errorf("must be the URL of a server with Lambda's API, such as http://localhost:4566, "+
			"but is %q: %w", hideSecrets(text), err)
	}
	return base, single, nil
}

// Invoke invokes a function.
func (l *lambda) Invoke(ctx context.Context, call Call) ([]byte, error) {
	first := style(l.works.Load())
	reply, err := l.invokeIn(ctx, first, call)
	for _, next := range []style{byARN, byName, asFixed} {
		if err != nil || reply.status != http.StatusNotFound || l.single {
			break
		}
		if next == first || !next.mayWork(call, reply) {
			continue
		}
		if reply, err = l.invokeIn(ctx, next, call); err == nil && reply.status != http.StatusNotFound {
			l.works.Store(int32(next))
		}
	}
	server := "the Lambda endpoint " + display(l.api.endpoint)
	if err != nil {
		if ctx.Err() == nil {
			l.forget() // perhaps the server is being replaced
		}
		return nil, unreachable(ctx, server, err, "start the server, or correct --lambda-endpoint")
	}
	if reply.namesRequests() {
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
func (s style) mayWork(call Call, notFound reply) bool {
	switch s {
	case byName:
		_, qualifier := split(call.Function)
		return qualifier == "" || !notFound.namesRequests()
	case asFixed:
		return !notFound.isJSON()
	}
	return true
}

// namesRequests reports whether a reply has a request ID, as all replies of AWS.
func (r reply) namesRequests() bool { return r.header.Get("X-Amzn-RequestId") != "" }

// split returns the name of a function, and its version or alias, "" if its ARN has none.
func split(function string) (name, qualifier string) {
	parts := strings.SplitN(function, ":", 7) // arn:aws:lambda:REGION:ACCOUNT:function:NAME
	name, qualifier, _ = strings.Cut(parts[len(parts)-1], ":")
	return name, qualifier
}

// invokeIn calls Invoke with the name of a function in a style.
func (l *lambda) invokeIn(ctx context.Context, style style, call Call) (reply, error) {
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
func (l *lambda) invokeFixed(ctx context.Context, call Call) (reply, error) {
	select {
	case l.slot <- struct{}{}:
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
	type outcome struct {
		reply reply
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
		return reply{}, ctx.Err()
	}
}

// post sends the request of Invoke. The version or alias is part of the name: AWS SAM accepts no query.
func (l *lambda) post(ctx context.Context, name string, call Call) (reply, error) {
	return l.api.call(ctx, call.Owner, http.MethodPost, functionsPath+segment(name)+"/invocations",
		http.Header{"X-Amz-Invocation-Type": {"RequestResponse"}}, call.Event)
}

// answer returns the answer of a function, or why there is none.
func answer(server string, call Call, r reply) ([]byte, error) {
	var failure struct{ ErrorType, ErrorMessage, ReviewResult *json.RawMessage }
	isObject := json.Unmarshal(r.body, &failure) == nil
	// The Runtime Interface Emulator says nothing in the header, and 502 about a function that ended.
	isFailure := isObject && failure.ErrorMessage != nil && failure.ReviewResult == nil
	kind := r.header.Get("X-Amz-Function-Error")
	switch {
	case kind != "", isFailure && (r.ok() || r.status == http.StatusBadGateway):
		message := short(string(r.body))
		if isObject {
			message = strings.Trim(textOf(failure.ErrorType)+": "+textOf(failure.ErrorMessage), ": ")
		}
		return nil, &FunctionError{short(cmp.Or(message, kind))}
	case !r.ok():
		return nil, refused(server, call, r)
	case r.long:
		return nil, &LongAnswerError{}
	case bytes.HasPrefix(r.body, []byte("Task timed out after ")): // the Runtime Interface Emulator
		return nil, &FunctionError{short(string(r.body))}
	}
	return r.body, nil
}

// textOf returns a JSON string, or "" for another value.
func textOf(value *json.RawMessage) (text string) {
	if value == nil || json.Unmarshal(*value, &text) != nil {
		return ""
	}
	return text
}

// refused returns the error for a reply that is no success.
func refused(server string, call Call, r reply) error {
	advice := "see the log of the server"
	switch {
	case r.redirect() != "":
		advice = "give this server as --lambda-endpoint"
	case r.status == http.StatusNotFound && r.isJSON():
		return serverError("%s has no function %s (status %d%s): create it there, or set the uri of the room's "+
			"message review handler to a function that the server has", server, call.Function, r.status, r.describe())
	case r.status/100 == 4 && !r.isJSON():
		advice = "give the URL of a server with Lambda's API as --lambda-endpoint, or use --review-handler for a " +
			"web server"
	}
	return serverError("%s did not invoke the function %s (status %d%s): %s",
		server, call.Function, r.status, r.describe(), advice)
}

// Close ends the calls that go on without their reviewer.
func (l *lambda) Close() {
	l.stop()
	l.running.Wait()
}
