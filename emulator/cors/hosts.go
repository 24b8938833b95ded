package cors

import (
	"net"
	"strings"
)

// Hosts are host names that are known not to belong to someone else, beside those that IsLocal knows
// (decision D31).
type Hosts struct{ allowed []string } // names, and patterns that begin with "*."; in lower case

// NewHosts returns the hosts with these names, or patterns such as *.example.
func NewHosts(allowed []string) Hosts {
	var hosts Hosts
	for _, host := range allowed {
		hosts.allowed = append(hosts.allowed, strings.ToLower(host))
	}
	return hosts
}

// Allow reports whether a host is one of the names, or matches one of the patterns.
func (h Hosts) Allow(host string) bool {
	for _, allowed := range h.allowed {
		if matches(host, allowed) {
			return true
		}
	}
	return false
}

// Hostname returns the name or IP address in a Host header, in lower case.
func Hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// IsLocal reports whether a host is an IP address or a name that only this machine or its containers
// resolve. A name without a dot is one of these.
func IsLocal(host string) bool {
	return net.ParseIP(host) != nil ||
		!strings.Contains(strings.TrimSuffix(host, ".localhost"), ".") ||
		host == "host.docker.internal"
}

// IsLoopback reports whether a host is this machine for every client.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") ||
		ip.IsLoopback() || ip.IsUnspecified() // both are false for a name, of which ip is nil
}
