package invoke

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/internal/hostile"
)

// atURL returns the Invoker of a web server, for every function.
func atURL(t *testing.T, url string) *Targets {
	t.Helper()
	return targets(t, Config{Handlers: []string{"*=" + url}})
}

func TestAWebServerReceivesTheEventAndAnswers(t *testing.T) {
	for _, status := range []int{200, 201, 299} {
		s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			event, _ := io.ReadAll(r.Body)
			user, password, _ := r.BasicAuth()
			if r.Method != http.MethodPost || r.URL.RequestURI() != "/review?key=secret" || user+password != "ada1" ||
				string(event) != `{"Content":"hello"}` || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("the request is %s %s with %v: %s", r.Method, r.URL, r.Header, event)
			}
			answering(status, allowed)(w, r)
		})
		invoke(t, atURL(t, strings.Replace(s.URL, "http://", "http://ada:1@", 1)+"/review?key=secret"), aliasARN)
	}
}

func TestAWebServerMayAnswerWithoutABody(t *testing.T) {
	answer, err := atURL(t, newServer(t, answering(204, "")).URL).Invoke(context.Background(), callOf(reviewARN))
	if err != nil || len(answer) != 0 {
		t.Errorf("got %q, %v", answer, err)
	}
}

func TestAnErrorOfAWebServerSaysWhatToDo(t *testing.T) {
	for status, want := range map[int]string{
		500: "answered with status 500: it must answer with 200 and the review",
		404: "answered with status 404: ",
		302: "answered with status 302, a redirect to /login, which is not followed: ",
	} {
		s := newServer(t, answering(status, "hello", "Location", "/login?key=secret"))
		url := strings.Replace(s.URL, "http://", "http://ada:secret@", 1) + "/review?key=secret"
		_, err := atURL(t, url).Invoke(context.Background(), callOf(reviewARN))
		if err == nil || !strings.HasPrefix(err.Error(), s.URL+"/review "+want) ||
			strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "hello") {
			t.Errorf("got %v, want %s", err, want)
		}
		if len(s.names()) != 1 {
			t.Error("the event was sent twice")
		}
	}
}

// closedPort returns an address at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestAServerThatDoesNotRunIsNamed(t *testing.T) {
	address := closedPort(t)
	url := "http://" + address
	for targets, want := range map[*Targets]string{
		atURL(t, "http://ada:secret@"+address+"?key=secret"): "start the server, or correct --review-handler",
		at(t, url): "start the server, or correct --lambda-endpoint",
	} {
		_, err := targets.Invoke(context.Background(), callOf(reviewARN))
		if err == nil || !strings.Contains(err.Error(), url+" cannot be reached: ") ||
			!strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// both calls a test with the two Invokers of a URL.
func both(t *testing.T, url string, test func(t *testing.T, invoker Invoker)) {
	t.Helper()
	t.Run("Lambda", func(t *testing.T) { test(t, at(t, url)) })
	t.Run("HTTP", func(t *testing.T) { test(t, atURL(t, url)) })
}

func TestAServerThatAnswersGarbageIsAnError(t *testing.T) {
	for name, text := range hostile.Garbage {
		t.Run(name, func(t *testing.T) {
			url := hostile.Saying(t, text)
			both(t, url, func(t *testing.T, invoker Invoker) {
				answer, err := invoker.Invoke(context.Background(), callOf(reviewARN))
				if err == nil || strings.ContainsAny(err.Error(), "\x00\x1b\r\n") || !strings.Contains(err.Error(), url) {
					t.Errorf("got %q, %v", answer, err)
				}
			})
		})
	}
}

func TestAnAnswerThatIsTooLongIsNotReadToItsEnd(t *testing.T) {
	url := hostile.Server(t, hostile.Endless)
	both(t, url, func(t *testing.T, invoker Invoker) {
		answer, err := invoker.Invoke(context.Background(), callOf(reviewARN))
		if _, ok := errors.AsType[*LongAnswerError](err); !ok {
			t.Errorf("got %d bytes, %v", len(answer), err)
		}
	})
}

func TestTheEndOfTheContextEndsACallThatHangs(t *testing.T) {
	for name, text := range hostile.Slow {
		t.Run(name, func(t *testing.T) {
			url, untilItHangs := hostile.Hanging(t, text)
			both(t, url, func(t *testing.T, invoker Invoker) {
				_, err := invoker.Invoke(untilItHangs(), callOf(reviewARN))
				if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), url+" has not answered") {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestTheTextForTheLogHasNothingOfWhatAServerSays(t *testing.T) {
	const said = `{"Content": "said", "Type": "said"}`
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, text := range map[string]string{
		"no HTTP":      "HTTP/1.1 " + said + "\r\n\r\n",
		"a header":     "HTTP/1.1 200 OK\r\nsaid\r\n\r\n",
		"a length":     "HTTP/1.1 200 OK\r\nContent-Length: said\r\n\r\n",
		"a trailer":    chunked + "0\r\nsaid\r\n\r\n",
		"a redirect":   "HTTP/1.1 302 Found\r\nLocation: http://said/said\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"an exception": "HTTP/1.1 400 Bad Request\r\nX-Amzn-ErrorType: said\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"no function":  "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 19\r\n\r\n" + `{"message": "said"}`,
	} {
		t.Run(name, func(t *testing.T) {
			url := hostile.Saying(t, text)
			both(t, url, func(t *testing.T, invoker Invoker) {
				_, err := invoker.Invoke(context.Background(), callOf(reviewARN))
				server, ok := errors.AsType[*awsapi.ServerError](err)
				if !ok || strings.Contains(server.Log, "said") || !strings.Contains(server.Log, url) {
					t.Errorf("got %+v, %v", server, err)
				}
			})
		})
	}
}

// The body of such a reply is the connection, from which a read ends with neither its context nor its server.
func TestAServerThatSwitchesTheProtocolIsAnErrorAtOnce(t *testing.T) {
	url := hostile.Server(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		hostile.UntilClosed(c) // hangs unless the client closes it
	})
	both(t, url, func(t *testing.T, invoker Invoker) {
		_, err := invoker.Invoke(context.Background(), callOf(reviewARN))
		if err == nil || !strings.Contains(err.Error(), "status 101") {
			t.Errorf("got %v", err)
		}
	})
}
