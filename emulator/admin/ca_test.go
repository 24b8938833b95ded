package admin_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestTheCertificateAuthorityIsThatOfTheEmulator(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{TLS: emulator.TLSAuto})
	r := request(t, e, "GET", admin.Prefix+"ca", "")
	if r.status != 200 || r.header.Get("Content-Type") != "application/x-pem-file" ||
		r.body != string(e.CertificateAuthority()) || !strings.HasPrefix(r.body, "-----BEGIN CERTIFICATE-----\n") {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
}

func TestWithoutTLSThereIsNoCertificateAuthority(t *testing.T) {
	r := request(t, emulatortest.Start(t), "GET", admin.Prefix+"ca", "")
	if r.status != 404 || !strings.Contains(r.body, "--tls auto") {
		t.Errorf("%d %s", r.status, r.body)
	}
}
