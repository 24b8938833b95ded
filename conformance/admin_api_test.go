package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// reviewTimeout is how long a review may take in these tests. A busy machine must not make a review fail, but some
// claims wait for the timeout.
const reviewTimeout = time.Second

// An adminAPI is the admin API of an ivschat-local, through which the answers of functions can be chosen.
type adminAPI string // the URL of the emulator

// adminAPIOf returns the admin API of an ivschat-local in another process. It reports false if the target does not
// answer at the path.
func adminAPIOf(t *testing.T, endpoint, path string) (api adminAPI, ok bool) {
	t.Helper()
	api = adminAPI(strings.TrimSuffix(endpoint, "/"))
	response, err := http.Get(string(api) + prefixOfAdminAPI + path)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return api, response.StatusCode == http.StatusOK
}

const prefixOfAdminAPI = "/_ivschat/v1"

// remoteReviews returns the answers of the functions of an ivschat-local in another process. It returns nil if the
// target has none that can be chosen.
func remoteReviews(t *testing.T, endpoint string) conformance.Reviews {
	t.Helper()
	if api, ok := adminAPIOf(t, endpoint, "/reviews/answers"); ok {
		return api
	}
	return nil
}

// Set implements conformance.Reviews.
func (api adminAPI) Set(ctx context.Context, room string, answers []conformance.Answer) error {
	scripts := []object{}
	for _, answer := range answers {
		script := object{"room": room}
		if answer.Content != "" {
			script["content"] = answer.Content
		}
		if answer.JSON != "" {
			script["answer"] = json.RawMessage(answer.JSON)
		}
		if answer.Error != "" {
			script["error"] = answer.Error
		}
		if answer.Delay != 0 {
			script["delay"] = answer.Delay.String()
		}
		scripts = append(scripts, script)
	}
	body, err := json.Marshal(scripts)
	if err != nil {
		return err
	}
	return api.call(ctx, http.MethodPut, "/reviews?account="+accountOf(room), string(body), nil)
}

// Begun implements conformance.Reviews.
func (api adminAPI) Begun(ctx context.Context, room string) (n int, err error) {
	var list struct {
		Items []struct{ Used int }
	}
	err = api.call(ctx, http.MethodGet, "/reviews/answers?account="+accountOf(room), "", &list)
	for _, item := range list.Items {
		n += item.Used
	}
	return n, err
}

// Ended implements conformance.Reviews.
func (api adminAPI) Ended(ctx context.Context, room string, n int, timeout time.Duration) ([]string, error) {
	var list struct {
		Items []struct{ Request json.RawMessage }
	}
	query := fmt.Sprintf("/reviews?count=%d&timeout=%v", n, timeout)
	err := api.call(ctx, http.MethodGet, "/rooms/"+url.PathEscape(room)+query, "", &list)
	var events []string
	for _, item := range list.Items {
		events = append(events, string(item.Request))
	}
	return events, err
}

// Errors implements conformance.Reviews.
func (api adminAPI) Errors(ctx context.Context, uri string) (invocation, validation int, err error) {
	var metrics plainText
	err = api.call(ctx, http.MethodGet, "/metrics", "", &metrics)
	for line := range strings.Lines(string(metrics)) {
		// If there are too many functions, the label of the others is "other".
		if strings.Contains(line, `_errors_total{uri="other"}`) {
			return 0, 0, errors.New("the emulator counts the errors of no more functions: restart it")
		}
		_, _ = fmt.Sscanf(line, fmt.Sprintf("ivschat_invocation_errors_total{uri=%q} %%d", uri), &invocation)
		_, _ = fmt.Sscanf(line, fmt.Sprintf("ivschat_response_validation_errors_total{uri=%q} %%d", uri), &validation)
	}
	return invocation, validation, err
}

// FailChange makes the next change of a logging configuration fail, see conformance.Target.
func (api adminAPI) FailChange(ctx context.Context, account, operation string) error {
	rule := fmt.Sprintf(`{"operation":%q,"times":1,"fail":true}`, operation)
	return api.call(ctx, http.MethodPost, "/faults?account="+account, rule, nil)
}

// remoteFailures returns a function that makes changes fail in an ivschat-local in another process. It returns nil if
// the target has no faults.
func remoteFailures(t *testing.T, endpoint string) func(ctx context.Context, account, operation string) error {
	t.Helper()
	if api, ok := adminAPIOf(t, endpoint, "/faults"); ok {
		return api.FailChange
	}
	return nil
}

// plainText is an answer that is not JSON.
type plainText string

// call sends a request, and decodes the answer.
func (api adminAPI) call(ctx context.Context, method, path, body string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, string(api)+prefixOfAdminAPI+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, path, response.StatusCode, text)
	}
	switch answer := answer.(type) {
	case nil:
		return nil
	case *plainText:
		*answer = plainText(text)
		return nil
	default:
		return json.Unmarshal(text, answer)
	}
}

// accountOf returns the account in the ARN of a room.
func accountOf(room string) string { return strings.Split(room, ":")[4] }
