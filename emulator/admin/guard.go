package admin

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// checkOrigin refuses requests that web pages of other origins make, or that use a host name which
// someone else can point at this machine (decision D31).
func checkOrigin(r *http.Request) error {
	if host := hostname(r.Host); !isLocal(host) {
		return newStatusError(http.StatusForbidden,
			"the host %q is not an address of this machine: use localhost or an IP address", host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if from, err := url.Parse(origin); err != nil || from.Host != r.Host {
			return newStatusError(http.StatusForbidden,
				"web pages from the origin %q cannot use the admin API, only those from %q can", origin, r.Host)
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return newStatusError(http.StatusForbidden,
			"web pages from another origin cannot use the admin API, only those from %q can", r.Host)
	}
	return nil
}

// hostname returns a Host header without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.Trim(host, "[]")
}

// isLocal reports whether a host is an IP address or a name that only this machine or its containers
// resolve. A name without a dot is one of these.
func isLocal(host string) bool {
	return net.ParseIP(host) != nil ||
		!strings.Contains(strings.TrimSuffix(host, ".localhost"), ".") ||
		host == "host.docker.internal"
}
