package control

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/iam"
	"github.com/ivschat-local/ivschat-local/emulator/sigv4"
)

// The access keys of tests.
var (
	permanentKey = sigv4.Key{AccessKeyID: "AKIAPERMANENT", SecretAccessKey: "one"}
	temporaryKey = sigv4.Key{AccessKeyID: "ASIATEMPORARY", SecretAccessKey: "two", SessionToken: "token"}
)

// temporaryDuration is how long the temporary key is valid, from the start of a test.
const temporaryDuration = time.Hour

// newVerifyingAPI returns an API that verifies signatures, and its log.
func newVerifyingAPI() (*API, *bytes.Buffer) {
	api, _, _ := newTestAPI(nil)
	api.Callers = iam.NewCallers(
		&iam.Caller{
			AccessKeyID: permanentKey.AccessKeyID, SecretAccessKey: permanentKey.SecretAccessKey,
			Account: "111111111111", PrincipalARN: "arn:aws:iam::111111111111:user/one",
		},
		&iam.Caller{
			AccessKeyID: temporaryKey.AccessKeyID, SecretAccessKey: temporaryKey.SecretAccessKey,
			SessionToken: temporaryKey.SessionToken, Expiration: time.Now().Add(temporaryDuration),
			Account: "222222222222", PrincipalARN: "arn:aws:sts::222222222222:assumed-role/two/x",
		},
	)
	var log bytes.Buffer
	api.Logger = slog.New(slog.NewTextHandler(&log, nil))
	return api, &log
}

// signedRequest returns a request that is signed with a key, now.
func signedRequest(method, target, body string, key sigv4.Key) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	sigv4.Sign(r, []byte(body), key, "us-east-1", time.Now())
	return r
}

// answer returns the status and the exception of the answer to a request. It is isVerified for a request with a valid
// signature and without the members that it needs.
func answer(api *API, r *http.Request) string {
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, r)
	return fmt.Sprint(recorder.Code, " ", recorder.Header().Get("X-Amzn-Errortype"))
}

const isVerified = "400 ValidationException"

func TestASignedRequestIsThatOfTheAccountOfItsAccessKey(t *testing.T) {
	for _, key := range []sigv4.Key{permanentKey, temporaryKey} {
		api, log := newVerifyingAPI()
		if got := answer(api, signedRequest("POST", "/GetRoom", "{}", key)); got != isVerified {
			t.Errorf("%s: %s", key.AccessKeyID, got)
		}
		if account := api.Callers.Find(key.AccessKeyID).Account; !strings.Contains(log.String(), "account="+account) {
			t.Errorf("the log is %s", log)
		}
	}
}

func TestAnAccessKeyMustExistWithItsSessionToken(t *testing.T) {
	const invalid = "The security token included in the request is invalid."
	with := func(key sigv4.Key, token string) sigv4.Key {
		key.SessionToken = token
		return key
	}
	api, log := newVerifyingAPI()
	for name, key := range map[string]sigv4.Key{
		"unknown":     {AccessKeyID: "AKIAUNKNOWN", SecretAccessKey: "one"},
		"short":       {AccessKeyID: "AKI", SecretAccessKey: "one"},
		"no secret":   {AccessKeyID: "AKIAUNKNOWN"},
		"missing":     with(temporaryKey, ""),
		"wrong":       with(temporaryKey, "tokem"),
		"longer":      with(temporaryKey, "token2"),
		"superfluous": with(permanentKey, "token"),
	} {
		t.Run(name, func(t *testing.T) {
			log.Reset()
			checkRefusal(t, api, signedRequest("POST", "/GetRoom", "{}", key), "UnrecognizedClientException", invalid)
			want := `msg="a session token does not belong to its access key, or is missing" access_key_id=` + key.AccessKeyID
			if api.Callers.Find(key.AccessKeyID) == nil {
				want = "access_key_begins=" + key.AccessKeyID[:min(len(key.AccessKeyID), 4)] + "\n"
			}
			if !strings.Contains(log.String(), want) || key.SessionToken != "" && strings.Contains(log.String(), "="+key.SessionToken) {
				t.Errorf("the log is\n%s", log)
			}
		})
	}
	checkRefusal(t, api, httptest.NewRequest("POST", "/GetRoom", strings.NewReader("{}")),
		"MissingAuthenticationTokenException", "Missing Authentication Token")
}

func TestATemporaryAccessKeyExpiresInTheTimeOfTheMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, _ := newVerifyingAPI()
		api.Clock.Advance(30 * 24 * time.Hour)
		time.Sleep(temporaryDuration - time.Nanosecond)
		if got := answer(api, signedRequest("POST", "/GetRoom", "{}", temporaryKey)); got != isVerified {
			t.Errorf("before: %s", got)
		}
		time.Sleep(time.Nanosecond)
		checkRefusal(t, api, signedRequest("POST", "/GetRoom", "{}", temporaryKey),
			"ExpiredTokenException", "The security token included in the request is expired")
		if got := answer(api, signedRequest("POST", "/GetRoom", "{}", permanentKey)); got != isVerified {
			t.Errorf("the permanent key: %s", got)
		}
	})
}

func TestASignatureIsValidFiveMinutesBeforeAndAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, _ := newVerifyingAPI() // the clock of a bubble begins at midnight
		time.Sleep(12 * time.Hour)
		signAt := func(d time.Duration) *http.Request {
			r := httptest.NewRequest("POST", "/GetRoom", strings.NewReader("{}"))
			sigv4.Sign(r, []byte("{}"), permanentKey, "us-east-1", time.Now().Add(d))
			return r
		}
		for _, d := range []time.Duration{-5 * time.Minute, 0, 5 * time.Minute} {
			if got := answer(api, signAt(d)); got != isVerified {
				t.Errorf("%s: %s", d, got)
			}
		}
		checkRefusal(t, api, signAt(-5*time.Minute-time.Second), "InvalidSignatureException",
			"Signature expired: 20000101T115459Z is now earlier than 20000101T115500Z (20000101T120000Z - 5 min.)")
		checkRefusal(t, api, signAt(5*time.Minute+time.Second), "InvalidSignatureException",
			"Signature not yet current: 20000101T120501Z is still later than 20000101T120500Z (20000101T120000Z + 5 min.)")
	})
}

func TestASignatureCoversABodyThatHasNoMeaning(t *testing.T) {
	for target, verified := range map[string]string{
		"GET /tags/x": isVerified, "DELETE /tags/x?tagKeys=a": isVerified, "POST /Nothing": "404 UnknownOperationException",
	} {
		method, path, _ := strings.Cut(target, " ")
		api, _ := newVerifyingAPI()
		if got := answer(api, signedRequest(method, path, "not JSON", permanentKey)); got != verified {
			t.Errorf("%s: %s", target, got)
		}
		r := httptest.NewRequest(method, path, strings.NewReader("b"))
		sigv4.Sign(r, []byte("a"), permanentKey, "us-east-1", time.Now())
		if got := answer(api, r); got != "403 InvalidSignatureException" {
			t.Errorf("%s with another body: %s", target, got)
		}
		long := strings.Repeat(" ", maximumBody+1)
		got := answer(api, signedRequest(method, path, long, permanentKey))
		if got != "413 RequestEntityTooLargeException" {
			t.Errorf("%s with a long body: %s", target, got)
		}
	}
}

func TestTheLogHasWhatShouldHaveBeenSignedInOneLine(t *testing.T) {
	api, log := newVerifyingAPI()
	wrong := temporaryKey
	wrong.SecretAccessKey = "wrong"
	recorder := httptest.NewRecorder()
	api.ServeHTTP(recorder, signedRequest("POST", "/GetRoom", "{}", wrong))
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "level=WARN") ||
		!strings.Contains(lines[0], `canonical_request="POST\n/GetRoom\n\nhost:example.com\n`) ||
		!strings.Contains(lines[0], `string_to_sign="AWS4-HMAC-SHA256\n`) {
		t.Errorf("the log is\n%s", log)
	}
	for _, secret := range []string{temporaryKey.SessionToken, temporaryKey.SecretAccessKey, "wrong"} {
		if strings.Contains(strings.ReplaceAll(log.String(), "security-token", ""), secret) {
			t.Errorf("the log has %s:\n%s", secret, log)
		}
	}
	if body := recorder.Body.String(); recorder.Code != 403 || strings.Contains(body, "GetRoom") {
		t.Errorf("the answer is %d %s", recorder.Code, body)
	}
}

func TestAPageThatMayNotCallLearnsNothingAboutSignatures(t *testing.T) {
	api, _ := newVerifyingAPI()
	r := httptest.NewRequest("POST", "/GetRoom", strings.NewReader("{}"))
	r.Header.Set("Origin", "https://shop.example")
	if got := answer(api, r); got != "403 AccessDeniedException" {
		t.Errorf("an unsigned request: %s", got)
	}
	r = signedRequest("POST", "/GetRoom", "{}", permanentKey)
	r.Header.Set("Origin", "http://localhost:3000")
	if got := answer(api, r); got != isVerified {
		t.Errorf("a signed request of a page that may call: %s", got)
	}
	r = httptest.NewRequest("OPTIONS", "/GetRoom", nil)
	r.Header.Set("Origin", "http://localhost:3000")
	r.Header.Set("Access-Control-Request-Method", "POST")
	if got := answer(api, r); got != "204 " {
		t.Errorf("a preflight request: %s", got)
	}
}

func TestARequestThatIsRefusedIsLoggedWithTheAccountOfItsAccessKey(t *testing.T) {
	api, log := newVerifyingAPI()
	wrong := permanentKey
	wrong.SecretAccessKey = "wrong"
	answer(api, signedRequest("POST", "/GetRoom", "{}", wrong))
	if !strings.Contains(log.String(), "account=111111111111") || strings.Contains(log.String(), "user/one") {
		t.Errorf("the log is %s", log)
	}
}
