package admin

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/console"
)

// opensConsole reports whether a browser opens the address of the emulator without a path. No SDK accepts
// text/html, and no operation of AWS's API has this path.
func opensConsole(r *http.Request) bool {
	return r.URL.Path == "/" && isRead(r) && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// opensPage reports whether a browser opens the console in a tab: because of a link, a bookmark or an
// address that the user entered.
func opensPage(r *http.Request) bool {
	return isRead(r) && r.Header.Get("Sec-Fetch-Dest") == "document" &&
		(r.URL.Path == console.Path || r.URL.Path+"/" == console.Path || opensConsole(r))
}

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// routeConsole adds the console to a router, and what leads to it.
func routeConsole(router *mux.Router) {
	read := []string{http.MethodGet, http.MethodHead}
	router.PathPrefix(console.Path).Methods(read...).Handler(console.Handler())
	router.Path(strings.TrimSuffix(console.Path, "/")).Methods(read...).Handler(redirect("console/"))
	router.Path("/").Methods(read...).Handler(redirect(strings.TrimPrefix(console.Path, "/")))
}

// redirect answers with a relative location, so that it is right behind a path prefix of a proxy, too.
func redirect(location string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusFound)
	})
}
