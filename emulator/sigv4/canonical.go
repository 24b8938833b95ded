package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// An audience is what a canonical request is written for: the signature, or the log, which has no secrets.
type audience bool

const (
	forSignature audience = false
	forLog       audience = true
)

// hidden stands in the log for what may be secret.
const hidden = "(hidden)"

// appendCanonical appends what was signed, without the hash of the body, which is at its end
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html; decision D79).
func (s *Signature) appendCanonical(text []byte, r *http.Request, to audience) []byte {
	text = append(append(text, r.Method...), '\n')
	path := r.URL.RawPath // as it was sent
	if path == "" {
		path = r.URL.EscapedPath()
	}
	text = append(appendEscaped(text, path), '\n')
	for i, pair := range s.pairs(r) {
		if i > 0 {
			text = append(text, '&')
		}
		if to == forLog {
			pair = shownPair(pair)
		}
		text = append(text, pair...)
		if !strings.Contains(pair, "=") {
			text = append(text, '=')
		}
	}
	text = append(text, '\n')
	var room [16]string
	names := s.headerNames(room[:0])
	for _, name := range names {
		text = append(append(text, name...), ':')
		if to == forLog && !slices.Contains(shownHeaders, name) {
			text = append(text, hidden...)
		} else {
			text = appendHeader(text, r, name)
		}
		text = append(text, '\n')
	}
	text = append(text, '\n')
	for i, name := range names {
		if i > 0 {
			text = append(text, ';')
		}
		text = append(text, name...)
	}
	return append(text, '\n')
}

// headerNames appends the names of the signed headers as they must be signed: in lower case, sorted, each once.
func (s *Signature) headerNames(names []string) []string {
	for name := range strings.SplitSeq(s.signedHeaders, ";") {
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// appendHeader appends the values of a header, separated by commas.
func appendHeader(text []byte, r *http.Request, name string) []byte {
	switch name { // net/http takes them out of the header
	case "host":
		return append(text, r.Host...)
	case "content-length":
		return strconv.AppendInt(text, r.ContentLength, 10)
	case "transfer-encoding":
		return append(text, strings.Join(r.TransferEncoding, ",")...)
	}
	for i, value := range r.Header.Values(name) {
		if i > 0 {
			text = append(text, ',')
		}
		text = appendTrimmed(text, value)
	}
	return text
}

// appendTrimmed appends a value without spaces around it, and with one space in place of several.
func appendTrimmed(text []byte, value string) []byte {
	value = strings.Trim(value, " ")
	for i := range len(value) {
		if value[i] != ' ' || value[i-1] != ' ' { // it does not begin with a space
			text = append(text, value[i])
		}
	}
	return text
}

// appendEscaped appends a path that was escaped when it was sent, and escapes it once more, as all services but S3 do.
func appendEscaped(text []byte, path string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			text = append(text, c)
		default:
			text = append(text, '%', digits[c>>4], digits[c&15])
		}
	}
	return text
}

// pairs returns the parameters of the query that are signed, as they were sent, in the order in which they are signed.
func (s *Signature) pairs(r *http.Request) []string {
	if r.URL.RawQuery == "" {
		return nil
	}
	pairs := slices.DeleteFunc(strings.Split(r.URL.RawQuery, "&"), func(pair string) bool {
		return pair == "" || s.query != nil && nameOf(pair) == "X-Amz-Signature"
	})
	slices.SortFunc(pairs, byName)
	return pairs
}

// nameOf returns the name of a parameter, without its escapes.
func nameOf(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	name, _ = url.QueryUnescape(name) // Read has parsed the query
	return name
}

// byName compares parameters by their names, and by their values if these are the same. Both are compared as they
// were sent, because they are signed like that.
func byName(a, b string) int {
	nameA, valueA, _ := strings.Cut(a, "=")
	nameB, valueB, _ := strings.Cut(b, "=")
	if order := strings.Compare(nameA, nameB); order != 0 {
		return order
	}
	return strings.Compare(valueA, valueB)
}

// shownHeaders are the headers whose values may be in the log. Others can have tokens.
var shownHeaders = []string{
	"accept", "amz-sdk-invocation-id", "amz-sdk-request", "content-encoding", "content-length", "content-type", "date",
	"host", "user-agent", "x-amz-content-sha256", "x-amz-date", "x-amz-user-agent",
}

// shownPair returns a parameter for the log.
func shownPair(pair string) string {
	name := nameOf(pair)
	if name == "tagKeys" || strings.HasPrefix(name, "X-Amz-") && name != "X-Amz-Security-Token" {
		return pair
	}
	name, _, _ = strings.Cut(pair, "=")
	return name + "=" + hidden
}
