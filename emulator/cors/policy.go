package cors

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
)

// A Policy says which web pages may call the control plane (decision D2). It is safe for concurrent use.
type Policy struct {
	// Static.
	origins []string // of Config.CORSOrigin, in lower case
	hosts   Hosts

	refusals *Refusals
}

// NewPolicy returns a policy for pages of this machine, of the origins and of the hosts.
func NewPolicy(origins []string, hosts Hosts, logger *slog.Logger) *Policy {
	p := &Policy{hosts: hosts, refusals: NewRefusals(logger)}
	for _, origin := range origins {
		p.origins = append(p.origins, withoutDefaultPort(strings.ToLower(origin)))
	}
	return p
}

// Check returns the reason why a request of a web page is refused, or nil. The server must not carry out a
// request that is refused: a browser sends many requests without asking first, and only keeps the page from
// reading the answer.
//
// Only a page can have an Origin. A GET of a page, for instance for an image, has none, but has
// Sec-Fetch-Site.
func (p *Policy) Check(r *http.Request) error {
	origins := r.Header["Origin"]
	for _, origin := range origins {
		if origin != "" && !p.allows(origin, r.Host) {
			return p.refuse(origin)
		}
	}
	if len(origins) == 0 && r.Header.Get("Sec-Fetch-Site") == "cross-site" && !p.allows("null", r.Host) {
		err := errors.New("web pages of other sites cannot call the control plane without an Origin header")
		p.refusals.Log("a request of a web page was refused", err.Error(), err)
		return err
	}
	return nil
}

// allows reports whether pages of the origin may send requests to the host.
func (p *Policy) allows(text, host string) bool {
	text = asNull(strings.ToLower(text))
	from, isOrigin := parseOrigin(text)
	for _, origin := range p.origins {
		allowed, _ := parseOrigin(origin)
		if origin == "*" || origin == text || isOrigin && from.scheme == allowed.scheme &&
			from.port == allowed.port && matches(from.host, allowed.host) {
			return true
		}
	}
	return isOrigin && (IsLoopback(from.host) || p.hosts.Allow(from.host) ||
		IsLocal(from.host) && from.host == Hostname(host))
}

// refuse returns why a page of the origin is refused.
func (p *Policy) refuse(origin string) error {
	advice, needed := "", asNull(origin)
	if IsOrigin(needed) {
		advice = ": to allow it, start the emulator with --cors-origin " + needed
	}
	if needed == "null" {
		advice += ". A page that was opened as a file has this origin, and so have sandboxed pages of every " +
			"website: rather serve the page from localhost"
	}
	err := fmt.Errorf("a web page of the origin %.100q cannot call the control plane%s", origin, advice)
	p.refusals.Log("a request of a web page was refused", origin, err)
	return err
}

// asNull returns the origin, but "null" for that of a file in WebViews of Android and in Electron.
// Browsers send null for a file.
func asNull(origin string) string {
	if origin == "file://" {
		return "null"
	}
	return origin
}

// originPattern matches a web origin in the form of RFC 6454, and a pattern for the hosts of one.
var originPattern = regexp.MustCompile(
	`^([a-z][a-z0-9+.-]{0,30})://((?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?$`)

// A webOrigin is the origin of a web page. The host may be a pattern.
type webOrigin struct{ scheme, host, port string }

// parseOrigin parses an origin in lower case, and reports whether the text is one.
func parseOrigin(text string) (origin webOrigin, ok bool) {
	if len(text) > 300 { // longer than any host name
		return origin, false
	}
	parts := originPattern.FindStringSubmatch(text)
	if parts == nil {
		return origin, false
	}
	return webOrigin{parts[1], Hostname(parts[2]), parts[3]}, true
}

// IsOrigin reports whether the text is *, null, the origin of a web page, or a pattern such as
// https://*.example.com.
func IsOrigin(text string) bool {
	_, ok := parseOrigin(strings.ToLower(text))
	return ok || text == "*" || text == "null"
}

// withoutDefaultPort returns the origin as a browser sends it.
func withoutDefaultPort(origin string) string {
	for scheme, port := range map[string]string{"http://": ":80", "https://": ":443"} {
		if strings.HasPrefix(origin, scheme) {
			return strings.TrimSuffix(origin, port)
		}
	}
	return origin
}
