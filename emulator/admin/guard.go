package admin

import (
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// A guard refuses requests that web pages of other origins make, or that use a host name which someone
// else can point at this machine (decision D31).
type guard struct {
	// Static.
	allowed []string // host names, and patterns that begin with "*."; in lower case
	logger  *slog.Logger

	mu     sync.Mutex          // guards logged
	logged map[string]struct{} // hosts and other values with a refusal in the log
}

func newGuard(allowed []string, logger *slog.Logger) *guard {
	g := &guard{logger: logger, logged: map[string]struct{}{}}
	for _, host := range allowed {
		g.allowed = append(g.allowed, strings.ToLower(host))
	}
	return g
}

// check returns the error with which a request is refused, or nil.
func (g *guard) check(r *http.Request) error {
	host := hostname(r.Host)
	if !isLocal(host) && !g.allows(host) {
		return g.refuse(host, "the host %.100q is not an address of this machine: "+
			"use localhost or an IP address, or start the emulator with --allow-host %.100s", host, host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		from, err := url.Parse(origin)
		if err != nil || from.Host == "" {
			return g.refuse(origin, "web pages from the origin %.100q cannot use the admin API, "+
				"only those from %.100q can", origin, r.Host)
		}
		if name := hostname(from.Host); from.Host != r.Host && !g.allows(name) {
			return g.refuse(name, "web pages from the origin %.100q cannot use the admin API, "+
				"only those from %.100q can. If a proxy sets another host, start the emulator with "+
				"--allow-host %.100s", origin, r.Host, name)
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return g.refuse(site, "web pages from another origin cannot use the admin API, only those from %.100q can",
			r.Host)
	}
	return nil
}

// maximumLogged limits how many refusals are logged.
const maximumLogged = 100

// refuse returns the error for a request. It logs the first refusal because of each host or other value,
// since a page or a container that polls would fill the log.
func (g *guard) refuse(because, format string, args ...any) error {
	err := newStatusError(http.StatusForbidden, format, args...)
	if g.isFirst(because) {
		g.logger.Warn("a request to the admin API was refused", "reason", err)
	}
	return err
}

// isFirst reports whether this is the first refusal because of the host or value, within the limit.
func (g *guard) isFirst(because string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, before := g.logged[because]
	if before || len(g.logged) == maximumLogged {
		return false
	}
	g.logged[because] = struct{}{}
	return true
}

// allows reports whether a host is one of the allowed, or matches one of the patterns.
func (g *guard) allows(host string) bool {
	for _, allowed := range g.allowed {
		suffix, isPattern := strings.CutPrefix(allowed, "*")
		if host == allowed || isPattern && strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}

// hostname returns the name or IP address in a Host header, in lower case.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// isLocal reports whether a host is an IP address or a name that only this machine or its containers
// resolve. A name without a dot is one of these.
func isLocal(host string) bool {
	return net.ParseIP(host) != nil ||
		!strings.Contains(strings.TrimSuffix(host, ".localhost"), ".") ||
		host == "host.docker.internal"
}
