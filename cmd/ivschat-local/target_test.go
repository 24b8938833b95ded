package main

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestTheCredentialsOfTheEnvironmentSignRequestsToAServerWithTLS(t *testing.T) {
	calls := make(chan *http.Request, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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

// The credentials of the environment do not reach a server without TLS.
func TestAServerWithoutTLSGetsNoSessionToken(t *testing.T) {
	calls := make(chan *http.Request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls <- r
		_, _ = w.Write([]byte(`{"rooms": []}`))
	}))
	defer server.Close()
	environment := []string{
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=temporary",
		"AWS_REGION=eu-west-1",
	}
	if got := runSelf(t, environment, "room", "list", "--endpoint", server.URL); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	call := <-calls
	if signature := call.Header.Get("Authorization"); strings.Contains(signature, "AKIDEXAMPLE") ||
		call.Header.Get("X-Amz-Security-Token") != "" {
		t.Errorf("the request has %v", call.Header)
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
