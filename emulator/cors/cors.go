// Package cors says which web pages may call the emulator and what they may read: Cross-Origin Resource
// Sharing (https://fetch.spec.whatwg.org/#http-cors-protocol), and which hosts count as this machine.
package cors

import (
	"net/http"
	"strings"
)

// The headers that the service model of ivschat lists for web pages: in a request and in a response
// (https://github.com/aws/api-models-aws, the trait smithy.api#cors; decision D2). The list for requests
// also has the headers of SigV4, which Smithy adds for the authentication of the service.
const (
	RequestHeaders = "Content-Type, X-Api-Key, X-Amz-Content-Sha256, X-Amz-User-Agent, " +
		"amz-sdk-invocation-id, amz-sdk-request, Authorization, X-Amz-Date, X-Amz-Security-Token"
	responseHeaders = "x-amzn-RequestId, x-amzn-ErrorType, x-amzn-errormessage, x-amzn-trace-id, " +
		"x-amz-apigw-id, Date"
)

// IsPreflight reports whether a request is a preflight request.
func IsPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}

// Preflight answers a preflight request for a resource with these methods, and with these headers in
// requests. Both are lists separated by commas.
func Preflight(w http.ResponseWriter, r *http.Request, methods, headers string) {
	header := w.Header()
	Allow(header, r.Header.Get("Origin"))
	header.Set("Access-Control-Allow-Methods", methods)
	header.Set("Access-Control-Max-Age", "86400")
	if headers != "" {
		header.Set("Access-Control-Allow-Headers", headers)
	}
	w.WriteHeader(http.StatusNoContent)
}

// The values of headers that every response has. They are shared, and must not be changed.
var (
	anyOrigin      = []string{"*"}
	allowed        = []string{"true"}
	exposedHeaders = []string{responseHeaders}
	varyByOrigin   = []string{"Origin"}
)

// Allow sets the headers that let a page of the origin read the response. The origin is that of the
// request, or "" if it has none.
//
// A page may send a request with credentials, such as fetch does with credentials: "include". A browser
// then accepts only the origin itself, and no * in any of the headers.
func Allow(header http.Header, origin string) {
	header["Access-Control-Expose-Headers"] = exposedHeaders
	header["Vary"] = varyByOrigin
	if origin == "" {
		header["Access-Control-Allow-Origin"] = anyOrigin
		return
	}
	header["Access-Control-Allow-Origin"] = []string{origin}
	header["Access-Control-Allow-Credentials"] = allowed
}

// isPattern reports whether a name is a pattern such as *.example, and returns what names end with.
func isPattern(name string) (ending string, ok bool) { return strings.CutPrefix(name, "*") }

// matches reports whether a host is the name, or ends as the pattern says. Both are in lower case.
func matches(host, nameOrPattern string) bool {
	ending, ok := isPattern(nameOrPattern)
	return host == nameOrPattern || ok && strings.HasSuffix(host, ending)
}
