package clients_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/sigv4"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// TestWhatTheConsoleCopiesIsSigned runs the lines that the console gives to copy if signatures are verified. They take
// the credentials, here temporary ones, from the environment.
func TestWhatTheConsoleCopiesIsSigned(t *testing.T) {
	t.Parallel()
	needNode(t)
	key := sigv4.Key{AccessKeyID: "ASIACOPIES", SecretAccessKey: "secret/+=", SessionToken: "session/+="}
	file := filepath.Join(t.TempDir(), "credentials.json")
	if err := os.WriteFile(file, []byte(`[{"accessKeyId":"`+key.AccessKeyID+`","secretAccessKey":"`+key.SecretAccessKey+
		`","sessionToken":"`+key.SessionToken+`"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	emulator := program.Start(t, "--auth", "signatures", "--credentials", file)
	c := &copies{
		t: t, url: emulator, control: startSigner(t, emulator, key),
		access: map[string]any{"auth": "signatures", "callers": []map[string]string{
			{"accessKeyId": key.AccessKeyID, "account": "000000000000"},
		}},
		environment: []string{
			"AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + key.SecretAccessKey,
			"AWS_SESSION_TOKEN=" + key.SessionToken,
		},
	}
	c.prepare()
	t.Run("Terminal", func(t *testing.T) { c.with(t).runTerminal() })
	t.Run("curl", func(t *testing.T) { c.with(t).repeatCalls("curl", c.callsOf("CreateRoom", "GetRoom", "SendEvent")) })
	t.Run("AWS CLI", func(t *testing.T) {
		needAWSCLI(t)
		c := c.with(t)
		c.takesFirstStep("", "bash", "-c", c.firstSteps["AWS CLI"])
		c.repeatCalls("AWS CLI", c.callsOf("GetRoom", "UntagResource", "TagResource"))
		c.repeatFrames("AWS CLI", c.selected(`"poll"`)...)
	})
	t.Run("wscat", func(t *testing.T) {
		needAWSCLI(t)
		needWscat(t)
		c.with(t).repeatFrames("wscat", c.selected(`$HOME`)...)
	})
	t.Run("JavaScript", func(t *testing.T) { c.with(t).runJavaScript() })
	t.Run("Go", func(t *testing.T) { c.with(t).runGo() })
	t.Run("Python", func(t *testing.T) {
		python := pythonWith(t, "boto3")
		c := c.with(t)
		c.takesFirstStep(c.firstSteps["Python"], python, "-")
	})
}

// startSigner starts a server that signs requests with a key and sends them to the emulator, and returns its URL.
func startSigner(t *testing.T, emulator string, key sigv4.Key) string {
	t.Helper()
	target, err := url.Parse(emulator)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = target.Host
		body, err := io.ReadAll(r.In.Body)
		if err != nil {
			t.Error(err)
		}
		r.Out.Body = io.NopCloser(bytes.NewReader(body))
		sigv4.Sign(r.Out, body, key, "us-east-1", time.Now())
	}, Transport: http.DefaultTransport})
	t.Cleanup(server.Close)
	return server.URL
}
