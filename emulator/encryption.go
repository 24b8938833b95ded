package emulator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"github.com/ivschat-local/ivschat-local/emulator/certificates"
)

// An encryption is the TLS of an emulator, which may be off.
type encryption struct {
	config    *tls.Config             // nil if it is off
	authority *certificates.Authority // nil unless TLSAuto
	names     []string                // for which there are certificates; with TLSAuto, there are more of this machine
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
	if config.TLS == TLSOff {
		return e, nil
	}
	e.config = &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if config.TLS == TLSAuto {
		return e, e.openAuthority(config)
	}
	certificateFile, keyFile, _ := strings.Cut(config.TLS, ",")
	certificate, err := certificates.Load(certificateFile, keyFile, config.Logger)
	if err != nil {
		return nil, fmt.Errorf("--tls: %w", err)
	}
	e.config.Certificates = []tls.Certificate{*certificate}
	e.names = certificates.NamesOf(certificate.Leaf)
	e.covers = func(host string) bool { return certificate.Leaf.VerifyHostname(host) == nil }
	return e, nil
}

// openAuthority opens the authority of TLSAuto. It permits the addresses that the emulator listens on, too.
func (e *encryption) openAuthority(config Config) (err error) {
	others := slices.Clone(config.TLSName)
	for _, address := range []string{config.Listen, config.AdminListen} {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err == nil && ip != nil && !ip.IsUnspecified() {
			others = append(others, host)
		}
	}
	names := certificates.NewNames(config.Region, others...)
	if config.DataDir == "" {
		e.authority, err = certificates.New(names)
	} else {
		e.authority, err = certificates.Open(config.DataDir, names, config.Logger)
	}
	if err != nil {
		return err
	}
	e.config.GetCertificate = e.certificate
	e.names, e.covers = names.List(), names.Has
	return nil
}

// certificate returns the certificate for a client.
func (e *encryption) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	certificate, err := e.authority.Certificate(hello)
	if certificate == nil && err == nil {
		e.log(nameIsUnknown, hello.Conn, "a TLS client asked for a name without a certificate: "+
			"if it is a name of this emulator, add it with --tls-name",
			"name", fmt.Sprintf("%.300s", hello.ServerName)) // which can have 64 KiB
	}
	return certificate, err
}

// refused logs that a client wants TLS, which is off. What such a client reports hardly points to the cause.
func (e *encryption) refused(conn net.Conn) {
	e.log(tlsIsOff, conn, "a TLS client connected, but this port speaks plain HTTP: "+
		"use a URL with http:// or ws://, or start with --tls auto")
}

// failed logs why a handshake failed.
func (e *encryption) failed(conn *conn, err error) {
	op, isOp := errors.AsType[*net.OpError](err)
	switch {
	case isOp && op.Op == "remote error" && strings.Contains(err.Error(), "certificate"),
		// OpenSSL does not encrypt this alert, although TLS 1.3 requires it, so it cannot be decrypted.
		isOp && op.Op == "local error" && strings.Contains(err.Error(), "bad record MAC"):
		e.distrusted(conn, err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		e.log(timedOut, conn, "a TLS client did not finish its handshake", "after", headerTimeout)
	case strings.Contains(err.Error(), "no certificates configured"): // logged by certificate
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		e.log(otherCause, conn, "a TLS client closed the connection in the handshake, as Node.js does if it does not trust "+
			"the certificate: "+e.trustAdvice())
	default:
		e.log(otherCause, conn, "a TLS handshake failed", "error", err)
	}
}

// distrusted logs that a client does not trust the certificate. A client that knows only an IP address, which the
// certificate may not have, asks for no name.
func (e *encryption) distrusted(conn *conn, err error) {
	advice := e.trustAdvice()
	local, ok := conn.LocalAddr().(*net.TCPAddr)
	asked := conn.encrypted.Load().ConnectionState().ServerName
	if ok && e.authority != nil && asked == "" && !e.covers(local.IP.String()) {
		advice += ", or the certificate needs the IP address that it connected to: add it with --tls-name"
	}
	e.log(notTrusted, conn, "a TLS client does not trust the certificate: "+advice, "error", err)
}

// trustAdvice says how clients trust the certificate.
func (e *encryption) trustAdvice() string {
	switch {
	case e.authority == nil:
		return "make it trust the authority that issued the certificate"
	case e.authority.File() == "":
		return "make it trust the authority in memory, whose certificate GET /_ivschat/v1/ca answers"
	}
	return "ivschat-local trust says how to make it trust"
}

func (e *encryption) log(cause cause, conn net.Conn, text string, more ...any) {
	e.limits[cause].Do(func() {
		e.logger.Warn(text, append([]any{"address", conn.LocalAddr(), "client", conn.RemoteAddr()}, more...)...)
	})
}

// url returns the URL of an emulator that listens on an address, for clients on the same machine. It has a host for
// which there is a certificate. If there is none, it is plain HTTP.
func (e *encryption) url(address net.Addr) string {
	plain := EndpointURL(address.String())
	if e.config == nil {
		return plain
	}
	host, port, err := net.SplitHostPort(strings.TrimPrefix(plain, "http://"))
	if err != nil {
		return plain
	}
	if !e.covers(host) && net.ParseIP(host).IsLoopback() {
		host = "localhost"
	}
	if !e.covers(host) {
		return plain
	}
	return "https://" + net.JoinHostPort(host, port)
}

// CertificateAuthority returns the certificate, in PEM, of the authority that clients have to trust with TLSAuto. It is
// nil otherwise.
func (e *Emulator) CertificateAuthority() []byte {
	if e.encryption.authority == nil {
		return nil
	}
	return e.encryption.authority.PEM()
}

// CertificateAuthorityFile returns the name of the file with the certificate of CertificateAuthority. It is "" if there
// is none, or if it is in memory only.
func (e *Emulator) CertificateAuthorityFile() string {
	if e.encryption.authority == nil {
		return ""
	}
	return e.encryption.authority.File()
}

// CertificateNames returns the names for which clients can use TLS: host names and IP addresses. With TLSAuto, there
// are also names that end with .localhost and loopback addresses. It is nil with TLSOff.
func (e *Emulator) CertificateNames() []string { return slices.Clone(e.encryption.names) }

// TLSConfig returns the configuration for a TLS server of your own that serves the emulator, which is an http.Handler.
// It is nil with TLSOff.
func (e *Emulator) TLSConfig() *tls.Config { return e.encryption.config.Clone() }
