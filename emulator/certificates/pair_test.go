package certificates

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sign makes a certificate from a template.
func sign(t *testing.T, template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) *x509.Certificate {
	t.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// selfSigned makes a certificate for chat.test. It also returns it in PEM.
func selfSigned(t *testing.T, key crypto.Signer, from, until time.Time) []byte {
	t.Helper()
	template := &x509.Certificate{DNSNames: []string{"chat.test"}, NotBefore: from, NotAfter: until}
	return certificatePEM(sign(t, template, template, key.Public(), key))
}

func block(kind string, bytes []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes})
}

// files writes files into a new directory, and returns it.
func writeFiles(t *testing.T, contents map[string][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range contents {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// stage makes files with keys and certificates.
func stage(t *testing.T) (dir string) {
	t.Helper()
	now := time.Now()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	otherKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := selfSigned(t, key, now.Add(-day), now.Add(day))
	other := selfSigned(t, otherKey, now.Add(-day), now.Add(day))
	nameless := &x509.Certificate{Subject: pkix.Name{CommonName: "chat.test"}, NotBefore: now.Add(-day), NotAfter: now.Add(day)}
	old := &pem.Block{Type: "EC PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}, Bytes: sec1}
	return writeFiles(t, map[string][]byte{
		"cert.pem": certificate, "key.pem": block("PRIVATE KEY", pkcs8),
		"chain.pem":       bytes.Join([][]byte{certificate, other}, []byte("\n")),
		"wrong-chain.pem": append(bytes.Clone(other), certificate...),
		"sec1.pem":        append(block("EC PARAMETERS", nil), block("EC PRIVATE KEY", sec1)...),
		"both.pem":        append(block("PRIVATE KEY", pkcs8), certificate...),
		"rsa.pem":         other, "rsa-key.pem": block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(otherKey)),
		"expired.pem":   selfSigned(t, key, now.Add(-2*day), now.Add(-day)),
		"early.pem":     selfSigned(t, key, now.Add(day), now.Add(2*day)),
		"nameless.pem":  certificatePEM(sign(t, nameless, nameless, key.Public(), key)),
		"encrypted.pem": block("ENCRYPTED PRIVATE KEY", pkcs8), "old-encrypted.pem": pem.EncodeToMemory(old),
		"cert.der": []byte{0x30, 0x82}, "long.pem": bytes.Repeat([]byte("x"), maximumBytes+1),
	})
}

// load loads two files of a directory. It also returns what the log has.
func load(t *testing.T, dir, certificate, key string) (names []string, log string, err error) {
	t.Helper()
	var buffer bytes.Buffer
	loaded, err := Load(filepath.Join(dir, certificate), filepath.Join(dir, key), slog.New(slog.NewTextHandler(&buffer, nil)))
	if err == nil {
		names = append(NamesOf(loaded.Leaf), fmt.Sprint(len(loaded.Certificate)))
	}
	return names, buffer.String(), err
}

func TestACertificateIsLoadedWithItsKey(t *testing.T) {
	dir := stage(t)
	for _, test := range []struct{ certificate, key, want, log string }{
		{"cert.pem", "key.pem", "[chat.test 1]", ""},
		{"chain.pem", "key.pem", "[chat.test 2]", ""},
		{"cert.pem", "sec1.pem", "[chat.test 1]", ""},
		{"both.pem", "both.pem", "[chat.test 1]", ""},
		{"rsa.pem", "rsa-key.pem", "[chat.test 1]", ""},
		{"expired.pem", "key.pem", "[chat.test 1]", "has expired"},
		{"early.pem", "key.pem", "[chat.test 1]", "is not valid yet"},
		{"nameless.pem", "key.pem", "[1]", "has no name"},
	} {
		names, log, err := load(t, dir, test.certificate, test.key)
		if err != nil || fmt.Sprint(names) != test.want || !strings.Contains(log, test.log) || test.log == "" && log != "" {
			t.Errorf("%s: %v %v %s", test.certificate, err, names, log)
		}
	}
}

func TestAMistakeInTheFilesOfACertificateIsExplained(t *testing.T) {
	dir := stage(t)
	for _, test := range []struct{ certificate, key, want string }{
		{"missing.pem", "key.pem", "the certificate: open DIR/missing.pem"},
		{"cert.pem", "missing.pem", "the key of the certificate: open DIR/missing.pem"},
		{"key.pem", "cert.pem", "DIR/key.pem has a key, and DIR/cert.pem a certificate: give them in the other order"},
		{"cert.pem", "rsa-key.pem", "the key in DIR/rsa-key.pem does not belong to the certificate in DIR/cert.pem"},
		{"wrong-chain.pem", "key.pem", "DIR/wrong-chain.pem must begin with the certificate of the key in DIR/key.pem, " +
			"but that is number 2"},
		{"cert.pem", "encrypted.pem", "the key in DIR/encrypted.pem is protected by a password: remove it with openssl pkey " +
			"-in DIR/encrypted.pem -out FILE"},
		{"cert.pem", "old-encrypted.pem", "the key in DIR/old-encrypted.pem is protected by a password"},
		{"cert.der", "key.pem", "DIR/cert.der must have a certificate in PEM, but it has no -----BEGIN CERTIFICATE-----"},
		{"key.pem", "key.pem", "DIR/key.pem must have a certificate in PEM, but it has no certificate, but a block of the " +
			"type PRIVATE KEY"},
		{"cert.pem", "cert.pem", "DIR/cert.pem must have a private key in PEM, but it has no private key"},
		{"long.pem", "key.pem", "DIR/long.pem has more than 1048576 bytes"},
		{".", "key.pem", "is a directory"},
	} {
		_, _, err := load(t, dir, test.certificate, test.key)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), dir, "DIR"), test.want) {
			t.Errorf("%s and %s: %v", test.certificate, test.key, err)
		}
		key, readErr := os.ReadFile(filepath.Join(dir, "key.pem"))
		if secret := strings.Split(string(key), "\n")[1]; readErr != nil || strings.Contains(fmt.Sprint(err), secret) {
			t.Error("the error has the key")
		}
	}
}

func FuzzPEM(f *testing.F) {
	a, err := New(NewNames("us-east-1"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(a.PEM())
	f.Add([]byte("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END EC PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if chain, err := parseChain(text); (err == nil) != (len(chain) > 0) {
			t.Errorf("%d certificates, %v", len(chain), err)
		}
		if key, err := parseKey(text); (err == nil) != (key != nil) {
			t.Errorf("%v, %v", key, err)
		}
	})
}
