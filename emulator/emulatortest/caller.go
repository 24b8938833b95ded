package emulatortest

import (
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// account returns the account of Config and Room.
func (e *Emulator) account() string {
	if callers := e.Callers(); callers != nil {
		return callers.All()[0].Account
	}
	return account
}

// credentials returns those of a caller, which is an account or an access key.
func (e *Emulator) credentials(caller string) aws.Credentials {
	e.t.Helper()
	callers := e.Callers()
	if callers == nil {
		return aws.Credentials{AccessKeyID: caller, SecretAccessKey: "any"}
	}
	found := callers.Find(caller)
	for _, c := range callers.All() {
		if found == nil && c.Account == caller {
			found = c
		}
	}
	if found == nil {
		e.t.Fatalf("no access key of Credentials is %q, or belongs to this account", caller)
	}
	return aws.Credentials{
		AccessKeyID: found.AccessKeyID, SecretAccessKey: found.SecretAccessKey, SessionToken: found.SessionToken,
	}
}

// setup returns a client for what prepares a test, such as Room. With Auth, it
// needs no signature and no permission.
func (e *Emulator) setup() *http.Client {
	if e.Callers() == nil {
		return e.client
	}
	return &http.Client{Transport: handlerTransport{e.Unchecked()}}
}

// A handlerTransport is an http.RoundTripper without a connection.
type handlerTransport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t handlerTransport) RoundTrip(r *http.Request) (response *http.Response, err error) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler { // of a fault
			err = io.ErrUnexpectedEOF
		} else if p != nil {
			panic(p)
		}
	}()
	recorder := httptest.NewRecorder()
	t.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}
