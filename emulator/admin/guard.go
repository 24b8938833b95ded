package admin

import (
	"log/slog"
	"net/http"
	"net/url"

	"github.com/ivschat-local/ivschat-local/emulator/cors"
)

// A guard refuses requests that web pages of other origins make, or that use a host name which someone
// else can point at this machine (decision D31).
type guard struct {
	allowed  cors.Hosts
	refusals *cors.Refusals
}

func newGuard(allowed []string, logger *slog.Logger) *guard {
	return &guard{cors.NewHosts(allowed), cors.NewRefusals(logger)}
}

// check returns the error with which a request is refused, or nil. A request that opens a page for the user
// may come from a link on any website: the website cannot read or change what the user then sees.
func (g *guard) check(r *http.Request, opensPage bool) error {
	host := cors.Hostname(r.Host)
	if !g.allows(host) {
		return g.refuse(host, "the host %.100q is not an address of this machine: "+
			"use localhost or an IP address, or start the emulator with --allow-host %.100s", host, host)
	}
	for _, origin := range r.Header.Values("Origin") {
		if err := g.checkOrigin(r, origin); err != nil {
			return err
		}
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if !opensPage && site != "same-origin" && site != "none" {
			return g.refuse(site,
				"web pages from another origin cannot use the admin API, only those from %.100q can",
				r.Host)
		}
	}
	return nil
}

// allows reports whether requests may have this host.
func (g *guard) allows(host string) bool { return cors.IsLocal(host) || g.allowed.Allow(host) }

// protect sets headers that keep pages of other origins from loading an answer as a script or an image. Browsers
// send Sec-Fetch-Site only to this machine and over HTTPS, so the guard cannot refuse all such requests.
func protect(header http.Header) {
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
}

func (g *guard) checkOrigin(r *http.Request, origin string) error {
	host := hostOfOrigin(origin)
	if host == "" {
		return g.refuse(origin,
			"web pages from the origin %.100q cannot use the admin API, only those from %.100q can", origin, r.Host)
	}
	if name := cors.Hostname(host); host != r.Host && !g.allowed.Allow(name) {
		return g.refuse(name, "web pages from the origin %.100q cannot use the admin API, "+
			"only those from %.100q can. If a proxy sets another host, start the emulator with "+
			"--allow-host %.100s", origin, r.Host, name)
	}
	return nil
}

// hostOfOrigin returns the host of a web page's origin, with its port, or "" if it has none. The origin
// null has none, and neither has anything that no browser sends: an origin is a scheme, a host and a port,
// and nothing else (RFC 6454, section 7).
func hostOfOrigin(origin string) string {
	from, err := url.Parse(origin)
	if err != nil || from.Hostname() == "" || origin != "http://"+from.Host && origin != "https://"+from.Host {
		return ""
	}
	return from.Host
}

// refuse returns the error for a request. It logs the first refusal because of each host or other value.
func (g *guard) refuse(because, format string, args ...any) error {
	err := newStatusError(http.StatusForbidden, format, args...)
	g.refusals.Log("a request to the admin API was refused", because, err)
	return err
}
