package main

import (
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestTheCredentialsOfTheEnvironmentSignRequestsToAServerWithTLS(t *testing.T) {
	calls := make(chan *http.Request, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/info") {
			http.NotFound(w, r)
			return
		}
		calls <- r
		_, _ = w.Write([]byte(`{"rooms": []}`))
	}))
	defer server.Close()
	certificate := t.TempDir() + "/certificate.pem"
	writeCertificate(t, certificate, server.Certificate())
	environment := []string{
		"SSL_CERT_FILE=" + certificate, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_SESSION_TOKEN=temporary", "AWS_REGION=eu-west-1",
	}
	got := runSelf(t, environment, "room", "list", "--json", "--endpoint", server.URL)
	if got.code != 0 || !strings.Contains(got.stdout, `"rooms": []`) {
		t.Fatalf("%+v", got)
	}
	call := <-calls
	signature := call.Header.Get("Authorization")
	if !strings.HasPrefix(signature, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") ||
		!strings.Contains(signature, "/eu-west-1/ivschat/aws4_request") ||
		call.Header.Get("X-Amz-Security-Token") != "temporary" {
		t.Errorf("the request has %v", call.Header)
	}
}

// The credentials of the environment do not reach another machine without TLS, and on this machine no emulator that
// says that it verifies no signatures.
func TestWhichServersWithoutTLSGetTheCredentialsOfTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		endpoint, info string
		signed         bool
	}{
		{"http://chat.example.com", `{"auth": "signatures"}`, false},
		{"", `{"auth": "signatures"}`, true},
		{"", `{"auth": "iam"}`, true},
		{"", `{"auth": "off"}`, false},
		{"", `{}`, false},           // an older emulator
		{"", `<html>Welcome`, true}, // it may be one whose admin API is elsewhere
	} {
		calls := make(chan *http.Request, 1)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/info") {
				if strings.HasPrefix(c.info, "{") {
					w.Header().Set("Content-Type", "application/json")
				}
				_, _ = io.WriteString(w, c.info)
				return
			}
			calls <- r
			_, _ = io.WriteString(w, `{"rooms": []}`)
		}))
		environment := []string{
			"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=temporary",
			"AWS_REGION=eu-west-1", "HTTP_PROXY=" + server.URL, // which is not used for this machine
		}
		got := runSelf(t, environment, "room", "list", "--endpoint", cmp.Or(c.endpoint, server.URL))
		if got.code != 0 {
			t.Fatalf("%+v: %+v", c, got)
		}
		call := <-calls
		server.Close()
		hasKey := strings.Contains(call.Header.Get("Authorization"), "AKIDEXAMPLE")
		hasToken := call.Header.Get("X-Amz-Security-Token") != ""
		if hasKey != c.signed || hasToken != c.signed {
			t.Errorf("%+v: the request has %v", c, call.Header)
		}
	}
}

func TestTheAuthoritiesOfAWSCABundleAreTrusted(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"rooms": []}`)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail, as they should
	defer server.Close()
	dir := t.TempDir()
	certificate := dir + "/certificate.pem"
	writeCertificate(t, certificate, server.Certificate())
	notPEM := dir + "/notes.txt"
	if err := os.WriteFile(notPEM, []byte("notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	huge := dir + "/huge.pem"
	if err := errors.Join(os.WriteFile(huge, nil, 0o600), os.Truncate(huge, 1<<30)); err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	for _, c := range []struct{ bundle, endpoint, text string }{
		{certificate, server.URL, ""},
		{"", server.URL, "is not trusted: x509: certificate signed by unknown authority: set AWS_CA_BUNDLE to a file"},
		{"", server.URL, "ivschat-local trust shows"},
		{certificate, other, "is for other names: x509: certificate is valid for example.com, *.example.com, not localhost: "},
		{dir + "/absent.pem", server.URL, "read AWS_CA_BUNDLE: open "},
		{notPEM, server.URL, "notes.txt, which has no certificate in PEM"},
		{huge, answering(t, "application/json", `{"rooms": []}`), ""}, // it is not needed
		{huge, server.URL, "huge.pem has more than 16777216 bytes, which is the maximum"},
	} {
		got := runSelf(t, []string{"AWS_CA_BUNDLE=" + c.bundle}, "room", "list", "--endpoint", c.endpoint)
		if c.text == "" && got.code != 0 || !strings.Contains(got.stderr, c.text) || c.text != "" && got.code == 0 {
			t.Errorf("%+v: %+v", c, got)
		}
	}
	plain := answering(t, "application/json", "{}")
	got := runSelf(t, nil, "room", "list", "--endpoint", strings.Replace(plain, "http", "https", 1))
	if got.code != 1 || !strings.Contains(got.stderr, "does not speak TLS: start the emulator with --tls auto") {
		t.Errorf("%+v", got)
	}
}

// A region becomes a part of the host of AWS, to which credentials are sent.
func TestARegionOfTheEnvironmentIsChecked(t *testing.T) {
	environment := []string{"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret"}
	for _, variable := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "IVSCHAT_REGION"} {
		for _, endpoint := range []string{"aws", "http://127.0.0.1:1"} {
			got := runSelf(t, append(environment, variable+"=example.test/"), "room", "list", "--endpoint", endpoint)
			checkUsageError(t, got, `the region must be a name such as us-east-1, but is "example.test/"`)
		}
	}
}

func TestAPasswordInAnEndpointThatIsWrongIsNotShown(t *testing.T) {
	for _, endpoint := range []string{"ftp://anna:Hush@localhost", "http://anna:Hush@[", "ftp://localhost?key=Hush"} {
		for _, verb := range []string{"clock", "room list"} {
			got := runSelf(t, nil, append(strings.Fields(verb), "--endpoint", endpoint)...)
			if checkUsageError(t, got, "--endpoint must be the URL of an IVS Chat"); strings.Contains(got.stderr, "Hush") {
				t.Error(got.stderr)
			}
		}
	}
}

func writeCertificate(t *testing.T, path string, certificate *x509.Certificate) {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
