package emulator

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/ivschat-local/ivschat-local/emulator/certificates"
)

// An encryption is the TLS of an emulator, which may be off.
type encryption struct {
	config    *tls.Config             // nil if it is off
	authority *certificates.Authority // nil unless TLSAuto
	covers    func(host string) bool  // whether there is a certificate for a host
	logger    *slog.Logger

	limits [numberOfCauses]rate.Sometimes // of lines of the log
}

// A cause is why a TLS handshake fails.
type cause int

const (
	tlsIsOff cause = iota
	nameIsUnknown
	notTrusted
	timedOut
	otherCause
	numberOfCauses
)

// logInterval is how often the log has the same cause, so that clients cannot fill it.
const logInterval = 10 * time.Second

// openEncryption opens the certificates that the config asks for.
func openEncryption(config Config) (*encryption, error) {
	e := &encryption{logger: config.Logger}
	for i := range e.limits {
		e.limits[i].Interval = logInterval
	}
	names := certificates.NewNames(config.Region, config.TLSName...)
	var err error
	switch {
	case config.TLS == TLSOff:
		return e, nil
	case config.TLS != TLSAuto:
		return nil, errors.New("files are not supported yet")
	case config.DataDir == "":
		e.authority, err = certificates.New(names)
	default:
		e.authority, err = certificates.Open(config.DataDir, names, config.Logger)
	}
	if err != nil {
		return nil, err
	}
	e.covers = names.Has
	e.config = &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: e.certificate,
	}
	return e, nil
}

// certificate returns the certificate for a client.
func (e *encryption) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	certificate, err := e.authority.Certificate(hello)
	if certificate == nil && err == nil {
		e.log(nameIsUnknown, hello.Conn, "a TLS client asked for a name without a certificate: "+
			"if it is a name of this emulator, add it with --tls-name", "name", hello.ServerName)
	}
	return certificate, err
}

// refused logs that a client wants TLS, which is off. What such a client reports hardly points to the cause.
func (e *encryption) refused(conn net.Conn) {
	e.log(tlsIsOff, conn, "a TLS client connected, but this port speaks plain HTTP: "+
		"use a URL with http:// or ws://, or start with --tls auto")
}

// failed logs why a handshake failed.
func (e *encryption) failed(conn net.Conn, err error) {
	op, isOp := errors.AsType[*net.OpError](err)
	switch {
	case isOp && op.Op == "remote error" && strings.Contains(err.Error(), "certificate"),
		// OpenSSL does not encrypt this alert, although TLS 1.3 requires it, so it cannot be decrypted.
		isOp && op.Op == "local error" && strings.Contains(err.Error(), "bad record MAC"):
		e.log(notTrusted, conn, "a TLS client does not trust the certificate: "+
			"ivschat-local trust says how to make it trust", "error", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		e.log(timedOut, conn, "a TLS client did not finish its handshake", "after", headerTimeout)
	case strings.Contains(err.Error(), "no certificates configured"): // logged by certificate
	default:
		e.log(otherCause, conn, "a TLS handshake failed", "error", err)
	}
}

func (e *encryption) log(cause cause, conn net.Conn, text string, more ...any) {
	e.limits[cause].Do(func() {
		e.logger.Warn(text, append([]any{"address", conn.LocalAddr(), "client", conn.RemoteAddr()}, more...)...)
	})
}

// CertificateAuthority returns the certificate, in PEM, of the authority that clients have to trust with TLSAuto. It is
// nil otherwise.
func (e *Emulator) CertificateAuthority() []byte {
	if e.encryption.authority == nil {
		return nil
	}
	return e.encryption.authority.PEM()
}
