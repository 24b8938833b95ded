package admin

import (
	"net/http"
	"strconv"
)

// getAuthority answers with the certificate authority that clients have to trust. It is not secret.
func (a *api) getAuthority(w http.ResponseWriter, _ *http.Request) error {
	if a.Authority == nil {
		return newStatusError(http.StatusNotFound,
			"there is no certificate authority: it exists only if the emulator was started with --tls auto")
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Authority)))
	_, _ = w.Write(a.Authority) // a client that leaves does not need it
	return nil
}
