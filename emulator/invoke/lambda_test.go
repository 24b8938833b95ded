package invoke

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// checkNames checks which names a server was asked for since the last check.
func checkNames(t *testing.T, s *server, want ...string) {
	t.Helper()
	if got := s.names(); !slices.Equal(got, want) {
		t.Errorf("the server was asked for %q, want %q", got, want)
	}
}

func TestInvokeIsTheRequestOfAnAWSSDK(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		event, _ := io.ReadAll(r.Body)
		signed := regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=123456789012/\d{8}/eu-west-1/lambda/aws4_request, ` +
			`SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*x-amz-date[a-z0-9;-]*, Signature=[0-9a-f]{64}$`)
		if r.Method != http.MethodPost || r.URL.RawQuery != "" || string(event) != `{"Content":"hello"}` ||
			r.Header.Get("X-Amz-Invocation-Type") != "RequestResponse" || r.Header.Get("X-Amz-Log-Type") != "" ||
			!signed.MatchString(r.Header.Get("Authorization")) {
			t.Errorf("the request is %s %s with %v: %s", r.Method, r.URL, r.Header, event)
		}
		io.WriteString(w, allowed)
	})
	invoke(t, at(t, s.URL+"/"), aliasARN)
	want := "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Areview%3Alive/invocations"
	if s.paths[0] != want {
		t.Errorf("the path is %s, want %s", s.paths[0], want)
	}
}

func TestAServerThatKnowsARNsIsAskedOnce(t *testing.T) {
	s := newServer(t, likeMoto(reviewARN, aliasARN))
	targets := at(t, s.URL)
	invoke(t, targets, reviewARN)
	invoke(t, targets, aliasARN)
	checkNames(t, s, reviewARN, aliasARN)
}

func TestAServerThatKnowsOnlyNamesIsRemembered(t *testing.T) {
	s := newServer(t, likeServerlessOffline("review"))
	targets := at(t, s.URL)
	for range 2 {
		invoke(t, targets, aliasARN)
	}
	checkNames(t, s, aliasARN, "review", "review")
}

func TestAServerWithASingleFunctionIsRemembered(t *testing.T) {
	s := newServer(t, likeEmulator(answering(200, allowed)))
	targets := at(t, s.URL)
	for range 2 {
		invoke(t, targets, aliasARN)
	}
	checkNames(t, s, aliasARN, "review", "function", "function")
}

func TestAnotherServerAtTheSameURLIsNoticed(t *testing.T) {
	s := newServer(t, likeEmulator(answering(200, allowed)))
	targets := at(t, s.URL)
	fixed, byName, byARN := likeEmulator(answering(200, allowed)), likeServerlessOffline("review"), likeMoto(aliasARN)
	for i, next := range []struct {
		handler http.HandlerFunc
		name    string // that it is asked for when it is known
	}{
		{fixed, "function"}, {byName, "review"}, {byARN, aliasARN},
		{byName, "review"}, {fixed, "function"}, {byARN, aliasARN},
	} {
		s.become(next.handler)
		invoke(t, targets, aliasARN)
		s.names()
		invoke(t, targets, aliasARN)
		if got := s.names(); !slices.Equal(got, []string{next.name}) {
			t.Errorf("server %d was asked for %q, want %s", i, got, next.name)
		}
	}
}

func TestAServerThatComesBackIsAskedForTheARNFirst(t *testing.T) {
	s := newServer(t, likeServerlessOffline("review"))
	targets := at(t, s.URL)
	invoke(t, targets, aliasARN)
	s.become(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if _, err := targets.Invoke(context.Background(), callOf(aliasARN)); err == nil {
		t.Error("there is no error")
	}
	s.become(likeMoto(aliasARN))
	s.names()
	invoke(t, targets, aliasARN)
	checkNames(t, s, aliasARN)
}

func TestAnEndpointWithTheFixedNameIsAskedForNothingElse(t *testing.T) {
	s := newServer(t, nil)
	targets := at(t, s.URL+fixedPath)
	for _, handler := range []http.HandlerFunc{
		http.NotFound, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, likeMoto(),
	} {
		s.become(handler)
		if _, err := targets.Invoke(context.Background(), callOf(aliasARN)); err == nil {
			t.Error("there is no error")
		}
		checkNames(t, s, "function")
	}
}

func TestAFunctionThatIsCreatedLaterIsFound(t *testing.T) {
	for name, later := range map[string]http.HandlerFunc{
		"by ARN": likeMoto(aliasARN), "by name": likeServerlessOffline("other", "review"),
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, likeServerlessOffline("other"))
			if name == "by ARN" {
				s.become(likeMoto())
			}
			targets := at(t, s.URL)
			_, err := targets.Invoke(context.Background(), callOf(aliasARN))
			if err == nil || !strings.Contains(err.Error(), "has no function "+aliasARN) {
				t.Errorf("got %v", err)
			}
			s.become(later)
			invoke(t, targets, aliasARN)
		})
	}
}

func TestAnAliasThatDoesNotExistDoesNotRunSomethingElse(t *testing.T) {
	s := newServer(t, likeMoto(reviewARN))
	if answer, err := at(t, s.URL).Invoke(context.Background(), callOf(aliasARN)); err == nil {
		t.Errorf("got %s", answer)
	}
	checkNames(t, s, aliasARN)
}

func TestTheRuntimeInterfaceEmulatorIsCalledOneAtATime(t *testing.T) {
	var running, calls atomic.Int32
	s := newServer(t, likeEmulator(func(w http.ResponseWriter, _ *http.Request) {
		if running.Add(1) > 1 {
			t.Error("two calls run at the same time")
		}
		calls.Add(1)
		for range 100 {
			runtime.Gosched() // makes an overlap likely
		}
		running.Add(-1)
		io.WriteString(w, allowed)
	}))
	for _, endpoint := range []string{s.URL, s.URL + fixedPath, s.URL + fixedPath + "/"} {
		targets := at(t, endpoint)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				invoke(t, targets, []string{aliasARN, "arn:aws:lambda:eu-west-1:123456789012:function:function"}[i%2])
			})
		}
		all.Wait()
	}
	if calls.Load() != 60 {
		t.Errorf("the function ran %d times for 60 events", calls.Load())
	}
}

func TestTheURLInTheDocumentationOfTheRuntimeInterfaceEmulatorIsAnEndpoint(t *testing.T) {
	s := newServer(t, likeEmulator(answering(200, allowed)))
	invoke(t, at(t, s.URL+fixedPath), aliasARN)
	checkNames(t, s, "function")
}

func TestACallOfTheRuntimeInterfaceEmulatorGoesOnWithoutItsReviewer(t *testing.T) {
	began, end := make(chan struct{}), make(chan struct{})
	var cancelled atomic.Bool
	s := newServer(t, likeEmulator(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body) // so that the end of the connection is noticed
		select {
		case began <- struct{}{}:
			select {
			case <-end:
			case <-r.Context().Done():
				cancelled.Store(true)
			}
		case <-end:
		}
		io.WriteString(w, allowed)
	}))
	targets := at(t, s.URL+fixedPath)
	ctx, giveUp := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() {
		_, err := targets.Invoke(ctx, callOf(reviewARN))
		result <- err
	}()
	<-began
	giveUp()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	// The next one waits, and gives up too.
	waiting, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := targets.Invoke(waiting, callOf(reviewARN)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	checkNames(t, s, "function")
	close(end)
	invoke(t, targets, reviewARN)
	if cancelled.Load() {
		t.Error("the call was cancelled")
	}
}

func TestCloseEndsACallOfTheRuntimeInterfaceEmulatorThatHangs(t *testing.T) {
	began := make(chan struct{})
	s := newServer(t, likeEmulator(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		close(began)
		<-r.Context().Done()
	}))
	targets, err := New(Config{LambdaEndpoint: s.URL + fixedPath})
	if err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(context.Background())
	go func() {
		<-began
		giveUp()
	}()
	if _, err := targets.Invoke(ctx, callOf(reviewARN)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	targets.Close()
	if len(targets.lambda.slot) != 0 {
		t.Error("Close does not wait for the call")
	}
}

func TestAFunctionThatFailsIsAFunctionError(t *testing.T) {
	const failed = `{"errorType":"Error","errorMessage":"boom","stackTrace":["at x"]}`
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"AWS":             {answering(200, failed, "X-Amz-Function-Error", "Unhandled"), "Error: boom"},
		"only a type":     {answering(200, `{"errorType":"Error"}`, "X-Amz-Function-Error", "Unhandled"), "Error"},
		"no details":      {answering(200, "", "X-Amz-Function-Error", "Unhandled"), "Unhandled"},
		"other JSON":      {answering(200, `[1]`, "X-Amz-Function-Error", "Handled"), "[1]"},
		"strange details": {answering(200, `{"errorMessage":{}}`, "X-Amz-Function-Error", "Handled"), "Handled"},
		"moto without Docker": {answering(200, "error running\n\x1bdocker", "X-Amz-Function-Error", "Handled"),
			"error running  docker"},
		"RIE, exception": {answering(200, failed), "Error: boom"},
		"RIE, crash": {answering(502, `{"errorType":"Runtime.ExitError","errorMessage":"exit status 3"}`),
			"Runtime.ExitError: exit status 3"},
		"RIE, timeout":     {answering(200, "Task timed out after 5.00 seconds"), "Task timed out after 5.00 seconds"},
		"too long":         {answering(200, strings.Repeat("é", MaximumAnswer), "X-Amz-Function-Error", "Unhandled"), ""},
		"a long exception": {answering(200, `{"errorMessage":"`+strings.Repeat("é", MaximumAnswer/3)+`"}`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := at(t, newServer(t, test.handler).URL).Invoke(context.Background(), callOf(reviewARN))
			failed, ok := errors.AsType[*FunctionError](err)
			if !ok || test.want != "" && failed.Message != test.want || len(failed.Message) > 1<<10 {
				t.Errorf("got %q, %v, want %q", answer, err, test.want)
			}
		})
	}
}

func TestEveryAnswerOfAFunctionIsReturned(t *testing.T) {
	for _, want := range []string{
		allowed, "", "null", `"text"`, "[]", "{}", "not JSON", `"a "quoted" text"`, "\xff",
		`{"ReviewResult":"DENY","errorMessage":"x"}`, strings.Repeat("x", MaximumAnswer),
	} {
		answer, err := at(t, newServer(t, answering(200, want)).URL).Invoke(context.Background(), callOf(reviewARN))
		if err != nil || string(answer) != want {
			t.Errorf("%.50q: got %.50q, %v", want, answer, err)
		}
	}
}

func TestAnErrorOfALambdaEndpointSaysWhatToDo(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    []string
	}{
		"no function": {likeMoto(), []string{
			"has no function " + reviewARN, "ResourceNotFoundException: Function not found", "create it there"}},
		"no Lambda": {http.NotFound, []string{"status 404", "give the URL of a server with Lambda's API"}},
		"redirect": {answering(301, "", "Location", "http://u:secret@elsewhere.example/?secret"), []string{
			"status 301, a redirect to http://elsewhere.example/, which is not followed"}},
		"throttled": {answering(429, `{"message":"slow down"}`, "X-Amzn-ErrorType", "TooManyRequestsException:http://x"),
			[]string{"status 429 TooManyRequestsException: slow down"}},
		"LocalStack without Docker": {answering(500, `{"__type":"lambda#ServiceException","message":"no Docker\n"}`),
			[]string{"status 500 ServiceException: no Docker"}},
		"an HTML page": {answering(503, "<html>secret</html>"), []string{"status 503", "see the log of the server"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, test.handler)
			_, err := at(t, s.URL).Invoke(context.Background(), callOf(reviewARN))
			if err == nil {
				t.Fatal("there is no error")
			}
			for _, text := range append(test.want, "the Lambda endpoint "+s.URL) {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("got %v, want %q", err, text)
				}
			}
			for _, secret := range []string{"hello", "secret", "\n"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%v contains %q", err, secret)
				}
			}
		})
	}
}

func TestALambdaEndpointIsAURL(t *testing.T) {
	for _, valid := range []string{
		"http://localhost:4566", "https://lambda.eu-west-1.amazonaws.com/", "http://[::1]:3001",
		"http://gateway/lambda", "http://localhost:8080" + fixedPath,
		"http://KEY:SECRET@localhost:4566",
	} {
		if err := CheckLambdaEndpoint(valid); err != nil {
			t.Errorf("%s: %v", valid, err)
		}
	}
	for invalid, want := range map[string]string{
		"":                "it does not begin with http:// or https://",
		"localhost:4566":  "it does not begin with http:// or https://",
		"ftp://localhost": "it does not begin with http:// or https://",
		"http://":         "it has no host",
		"http://:4566":    "it has no host",
		"http://a#b":      "it has a fragment",
		"http://a?b":      "it has a query",
		"http://a?":       "it has a query",
		"http://u@a":      "it has a user name without a password",
		"http://a:port":   "invalid port",
		"http://a/2015-03-31/functions/review/invocations": "did you mean http://a?",
		"http://a/2015-03-31":                              "did you mean http://a?",
	} {
		err := CheckLambdaEndpoint(invalid)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "must be the URL of ") {
			t.Errorf("%s: %v, want %q", invalid, err, want)
		}
		if _, err := New(Config{LambdaEndpoint: invalid}); err == nil && invalid != "" {
			t.Errorf("New accepts %s", invalid)
		}
	}
}
