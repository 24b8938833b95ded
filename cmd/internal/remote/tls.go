package remote

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"

	"github.com/ivschat-local/ivschat-local/internal/shortfile"
)

// bundleVariable names a file with authorities to trust, in PEM. AWS's clients read it, too. They then trust no others,
// but here it adds to the authorities of the system, which a file with one authority would otherwise replace.
const bundleVariable = "AWS_CA_BUNDLE"

// MaximumBundle is how long a file with authorities may be, in bytes. That of a system has a few hundred thousand.
const MaximumBundle = 16 << 20

// TLSConfig returns the configuration for servers with TLS, which trusts the authorities of the system and those of
// AWS_CA_BUNDLE. It is nil, which means the authorities of the system, if the variable is not set. getenv is os.Getenv,
// except in tests.
func TLSConfig(getenv func(string) string) (*tls.Config, error) {
	path := getenv(bundleVariable)
	if path == "" {
		return nil, nil
	}
	text, err := shortfile.Read(path, MaximumBundle)
	if err != nil {
		return nil, &BundleError{fmt.Errorf("read %s: %w", bundleVariable, err)}
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, &BundleError{fmt.Errorf("%s is %s, which has no certificate in PEM", bundleVariable, path)}
	}
	return &tls.Config{RootCAs: roots}, nil
}

// A BundleError says that the authorities of AWS_CA_BUNDLE cannot be read.
type BundleError struct{ Err error }

// Error returns the reason.
func (e *BundleError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *BundleError) Unwrap() error { return e.Err }

// A CertificateError says that a server has a certificate that cannot be trusted.
type CertificateError struct {
	URL string
	Err error
}

// Error says what to do.
func (e *CertificateError) Error() string {
	if _, wrongName := errors.AsType[x509.HostnameError](e.Err); wrongName {
		return fmt.Sprintf("the certificate of %s is for other names: %v: an emulator with --tls auto gets one for more "+
			"names with --tls-name", e.URL, e.Err)
	}
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](e.Err); unknown {
		return fmt.Sprintf("the certificate of %s is not trusted: %v: set %s to a file with the authority that signed it, "+
			"in PEM; ivschat-local trust shows that of an emulator with --tls auto", e.URL, e.Err, bundleVariable)
	}
	return fmt.Sprintf("the certificate of %s is not valid: %v", e.URL, e.Err)
}

// Unwrap returns the reason.
func (e *CertificateError) Unwrap() error { return e.Err }

// A PlainError says that a server does not speak TLS, although its URL begins with https:// or wss://.
type PlainError struct{ URL string }

// Error says what to do.
func (e *PlainError) Error() string {
	return fmt.Sprintf("the server at %s does not speak TLS: start the emulator with --tls auto, or use a URL that "+
		"begins with http:// or ws://", e.URL)
}

// TLSTrouble returns a *CertificateError or a *PlainError if that is why a request to a URL failed, and nil otherwise.
func TLSTrouble(url string, err error) error {
	if failed, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &CertificateError{url, failed.Err}
	}
	_, noRecord := errors.AsType[tls.RecordHeaderError](err)
	if noRecord || errors.Is(err, http.ErrSchemeMismatch) {
		return &PlainError{url}
	}
	return nil
}
