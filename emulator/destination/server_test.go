package destination

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/internal/hostile"
)

// A request is what a fake server was asked for.
type request struct {
	*http.Request
	body []byte
}

// operation returns the operation of a request with the JSON protocol, without its version.
func (r request) operation() string {
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return name
}

// A fake is a server that remembers its requests, and answers them with a function.
type fake struct {
	*httptest.Server
	mu       sync.Mutex // guards what follows
	requests []request
}

// serve starts a fake, which the end of the test closes.
func serve(t testing.TB, answer func(w http.ResponseWriter, r request)) *fake {
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		received := request{r, body}
		f.mu.Lock()
		f.requests = append(f.requests, received)
		f.mu.Unlock()
		answer(w, received)
	}))
	t.Cleanup(f.Close)
	return f
}

// received returns the requests that a fake has received.
func (f *fake) received() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

// last returns the last of them.
func (f *fake) last() request {
	all := f.received()
	return all[len(all)-1]
}

// operations returns the operations that a fake was asked for.
func (f *fake) operations() (names []string) {
	for _, r := range f.received() {
		names = append(names, r.operation())
	}
	return names
}

// at returns the Deliverer with a URL as the endpoint of each service.
func at(t testing.TB, url string) Deliverer {
	t.Helper()
	return deliverer(t, Config{S3Endpoint: url, CloudWatchLogsEndpoint: url, FirehoseEndpoint: url})
}

// A refusal is an answer that refuses a request.
type refusal struct {
	status       int
	header, body string // the value of X-Amzn-ErrorType
}

// write answers with the refusal.
func (r refusal) write(w http.ResponseWriter) {
	if r.header != "" {
		w.Header().Set("X-Amzn-ErrorType", r.header)
	}
	w.WriteHeader(r.status)
	_, _ = io.WriteString(w, r.body)
}

// xmlError returns an error of S3.
func xmlError(code, message string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>" + code + "</Code><Message>" + message +
		"</Message><RequestId>1</RequestId></Error>"
}

// kinds are the kinds of destinations, with a word for what they have the name of.
var kinds = map[Kind]string{S3: "bucket", CloudWatchLogs: "log group", Firehose: "delivery stream"}

// flags are the settings that have the endpoint of a kind, without their dashes.
var flags = map[Kind]string{
	S3: "s3-endpoint", CloudWatchLogs: "cloudwatch-logs-endpoint", Firehose: "firehose-endpoint",
}

func TestWhyAServerRefusesRecordsIsTold(t *testing.T) {
	const create, access, api, log = "create it there, or change the destination of the logging configuration",
		"check the permissions there, and that the URL has its access key and secret, as --",
		"give the URL of a server with this API as --", "see the log of the server"
	for name, test := range map[string]struct {
		refusal
		reason Reason
		said   string
		advice string
	}{
		"no bucket": {refusal{404, "", xmlError("NoSuchBucket", "The bucket")}, NotFound,
			"404 NoSuchBucket: The bucket", create},
		"no group": {refusal{400, "", `{"__type":"ResourceNotFoundException","message":"no group"}`}, NotFound,
			"400 ResourceNotFoundException: no group", create},
		"in the header": {refusal{400, "ResourceNotFoundException:http://x", `{}`}, NotFound,
			"400 ResourceNotFoundException", create},
		"a namespace": {refusal{400, "", `{"__type":"com.amazonaws#AccessDeniedException"}`}, AccessDenied,
			"AccessDeniedException", access},
		"policy": {refusal{403, "", xmlError("AccessDenied", "no")}, AccessDenied,
			"403 AccessDenied: no", access},
		"signature": {refusal{403, "", xmlError("SignatureDoesNotMatch", "no")}, AccessDenied,
			"403 SignatureDoesNotMatch", access},
		"header": {refusal{400, "", xmlError("AuthorizationHeaderMalformed", "no")}, AccessDenied,
			"400 AuthorizationHeader", access},
		"client": {refusal{400, "", `{"__type":"UnrecognizedClientException"}`}, AccessDenied,
			"400 UnrecognizedClient", access},
		"versitygw": {refusal{404, "", xmlError("XAdminUserNotFound", "no")}, AccessDenied,
			"404 XAdminUserNotFound", access},
		"forbidden":    {refusal{403, "", "<html>"}, AccessDenied, "(status 403)", access},
		"unauthorized": {refusal{401, "", ""}, AccessDenied, "(status 401)", access},
		"unknown name": {refusal{403, "Strange", ""}, AccessDenied, "(status 403 Strange)", access},
		"throttled": {refusal{400, "ThrottlingException", `{"message":"slow"}`}, Other,
			"400 ThrottlingException: slow", log},
		"slow down": {refusal{503, "", xmlError("SlowDown", "slow")}, Other, "503 SlowDown: slow", log},
		"broken":    {refusal{500, "", "<html>hunter2</html>"}, Other, "(status 500)", log},
		"another API": {refusal{405, "", xmlError("MethodNotAllowed", "no")}, Other,
			"405 MethodNotAllowed: no", api},
		"no such path": {refusal{404, "", "404 page not found"}, Other, "(status 404)", api},
		"no such thing": {refusal{404, "", `{"message":"no Route matched"}`}, Other,
			"404: no Route matched", api},
		"LocalStack":   {refusal{501, "", `{"__type":"InternalFailure"}`}, Other, "501 InternalFailure", api},
		"a web server": {refusal{400, "", "<html>"}, Other, "(status 400)", api},
		"redirect": {refusal{307, "", ""}, Other,
			"307, a redirect to http://elsewhere/, which is not followed", api},
		"a web page": {refusal{200, "", "<html>hello</html>"}, Other, "(status 200)", api},
		"an error as a success": {refusal{200, "", xmlError("InternalError", "We")}, Other,
			"200 InternalError: We", api},
		"no content": {refusal{204, "", ""}, Other, "(status 204)", api},
		"control": {refusal{500, "", `{"__type":"A\u001b[2J","message":"a\r\nb\u0000"}`}, Other,
			"500 A [2J: a  b", log},
		"long": {refusal{500, "", `{"message":"` + strings.Repeat("x", 1<<20-20) + `"}`}, Other,
			"500: xxx", log},
	} {
		for kind, noun := range kinds {
			t.Run(name+" of "+string(kind), func(t *testing.T) {
				f := serve(t, func(w http.ResponseWriter, _ request) {
					if test.status == 307 {
						w.Header().Set("Location", "http://u:hunter2@elsewhere/?hunter2")
					}
					test.write(w)
				})
				e := refuse(t, at(t, f.URL), deliveryOf(kind, "chat", `{"a":1}`), test.reason,
					"endpoint "+f.URL, test.said, test.advice)
				if test.advice != api && !strings.Contains(e.Message, noun+` "chat"`) || e.Failed != nil {
					t.Errorf("got %+v", e)
				}
				if strings.Contains(e.Message, "hunter2") || strings.ContainsAny(e.Log, "<{") {
					t.Errorf("got %+v", e)
				}
				if test.advice == api && !strings.HasSuffix(e.Message, api+flags[kind]) {
					t.Errorf("%v does not end with %s", e, api+flags[kind])
				}
			})
		}
	}
}

func TestOnlyKnownExceptionsOfWhatAServerSaysAreInTheLog(t *testing.T) {
	for body, want := range map[string]string{
		`{"__type":"ResourceNotFoundException","message":"said"}`: "(status 400 ResourceNotFoundException…): ",
		`{"__type":"Said","message":"said"}`:                      "(status 400…): ",
		`{"message":"said"}`:                                      "(status 400…): ",
		`{"__type":"AccessDenied"}`:                               "(status 400 AccessDenied): ",
		``:                                                        "(status 400): ",
		`{"__type":"AccessDenied","message":"redirected"}`: "(status 302…): ",
	} {
		f := serve(t, func(w http.ResponseWriter, _ request) {
			status := 400
			if strings.Contains(body, "redirected") {
				w.Header().Set("Location", "/said")
				status = 302
			}
			refusal{status, "", body}.write(w)
		})
		for kind := range kinds {
			_, err := at(t, f.URL).Deliver(t.Context(), deliveryOf(kind, "chat", `{"a":1}`))
			e, _ := errors.AsType[*Error](err)
			if e == nil || !strings.Contains(e.Log, want) || strings.Contains(strings.ToLower(e.Log), "said") {
				t.Errorf("%s: got %+v, want %s", body, e, want)
			}
		}
	}
}

func TestAServerThatDoesNotRunIsNamedWithItsFlag(t *testing.T) {
	f := serve(t, nil)
	f.Close()
	to := at(t, strings.Replace(f.URL, "//", "//KEY:secret@", 1))
	for kind, want := range map[Kind]string{
		S3: "the S3 endpoint %s cannot be reached: dial tcp %s: connect: connection refused: " +
			"start the server, or correct --s3-endpoint",
		CloudWatchLogs: "the CloudWatch Logs endpoint %s cannot be reached: dial tcp %s: connect: " +
			"connection refused: start the server, or correct --cloudwatch-logs-endpoint",
		Firehose: "the Firehose endpoint %s cannot be reached: dial tcp %s: connect: connection refused: " +
			"start the server, or correct --firehose-endpoint",
	} {
		e := refuse(t, to, deliveryOf(kind, "chat", `{}`), Other)
		want := fmt.Sprintf(want, f.URL, strings.TrimPrefix(f.URL, "http://"))
		if e.Message != want && !strings.Contains(e.Message, "actively refused") {
			t.Errorf("got %s, want %s", e, want)
		}
		if e.Log != e.Message {
			t.Errorf("the log gets %s", e.Log)
		}
	}
}

func TestAServerThatAnswersGarbageIsAnErrorOfADestination(t *testing.T) {
	for name, text := range hostile.Garbage {
		t.Run(name, func(t *testing.T) {
			to := at(t, hostile.Saying(t, text))
			for kind := range kinds {
				refuse(t, to, deliveryOf(kind, "chat", `{}`), Other, "endpoint http://",
					"start the server, or correct --")
			}
		})
	}
}

func TestWhatAServerSaysWithoutHTTPIsNotInTheLog(t *testing.T) {
	to := at(t, hostile.Saying(t, "HTTP/1.1 200 OK\r\nsaid\r\n\r\n"))
	if e := refuse(t, to, deliveryOf(S3, "chat", `{}`), Other, "said"); strings.Contains(e.Log, "said") {
		t.Errorf("the log gets %s", e.Log)
	}
}

func TestAnEndlessAnswerIsNotReadToItsEnd(t *testing.T) {
	to := at(t, hostile.Server(t, hostile.Endless))
	for kind := range kinds {
		refuse(t, to, deliveryOf(kind, "chat", `{}`), Other, "(status 200)")
	}
}

func TestTheEndOfTheContextEndsADeliveryThatHangs(t *testing.T) {
	for name, text := range hostile.Slow {
		t.Run(name, func(t *testing.T) {
			for kind := range kinds {
				url, untilItHangs := hostile.Hanging(t, text)
				_, err := at(t, url).Deliver(untilItHangs(), deliveryOf(kind, "chat", `{}`))
				e, ok := errors.AsType[*Error](err)
				if !ok || e.Reason != Other || !strings.HasSuffix(e.Message, " has not answered: context canceled") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestAServerNeverGetsSoManyRequestsThatChatHasNoFileDescriptors(t *testing.T) {
	arrived, released := make(chan struct{}), make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ request) {
		arrived <- struct{}{}
		<-released // as a server that hangs
		w.Header().Set("ETag", "1")
	})
	to := at(t, s.URL)
	var waiting sync.WaitGroup
	for range parallelRequests {
		waiting.Go(func() {
			if _, err := to.Deliver(t.Context(), deliveryOf(S3, "chat", `{}`)); err != nil {
				t.Error(err)
			}
		})
	}
	for range parallelRequests {
		<-arrived
	}
	one, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	waiting.Go(func() { _, _ = to.Deliver(one, deliveryOf(S3, "chat", `{}`)) })
	select {
	case <-arrived:
		t.Errorf("there are more than %d requests at the same time", parallelRequests)
	case <-one.Done():
	}
	close(released)
	waiting.Wait()
}

func TestAnEndpointIsCheckedWithTheNameOfItsAPI(t *testing.T) {
	for kind, want := range map[Kind]string{S3: "S3's", CloudWatchLogs: "CloudWatch Logs'", Firehose: "Firehose's"} {
		err := CheckEndpoint(kind, "localhost")
		if err == nil || !strings.HasPrefix(err.Error(), "must be the URL of a server with "+want+" API, such as ") {
			t.Errorf("got %v", err)
		}
		if err := CheckEndpoint(kind, "http://KEY:SECRET@localhost:9000/s3/"); err != nil {
			t.Error(err)
		}
	}
	for want, config := range map[string]Config{
		"the S3 endpoint must be":              {S3Endpoint: "x"},
		"the CloudWatch Logs endpoint must be": {CloudWatchLogsEndpoint: "x"},
		"the Firehose endpoint must be":        {FirehoseEndpoint: "http://secret@a"},
	} {
		d, err := New(config)
		if d != nil || err == nil || !strings.HasPrefix(err.Error(), want) ||
			strings.Contains(err.Error(), "//secret") {
			t.Errorf("got %v, %v", d, err)
		}
	}
}
