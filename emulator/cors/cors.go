// Package cors lets web pages of every origin call the emulator and read its responses: Cross-Origin
// Resource Sharing (https://fetch.spec.whatwg.org/#http-cors-protocol). The emulator protects no real
// data, and a front end without a back end has no other way to reach it (decision D2).
package cors

import "net/http"

// Preflight answers a preflight request for a resource with these methods, a list separated by commas.
// It reports whether the request was a preflight request.
func Preflight(w http.ResponseWriter, r *http.Request, methods string) bool {
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	header := w.Header()
	Allow(header, r.Header.Get("Origin"))
	header.Set("Access-Control-Allow-Methods", methods)
	header.Set("Access-Control-Max-Age", "86400")
	header.Set("Vary", "Origin, Access-Control-Request-Headers")
	if requested := r.Header.Get("Access-Control-Request-Headers"); requested != "" {
		header.Set("Access-Control-Allow-Headers", requested)
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// The values of headers that every response has. They are shared, and must not be changed.
var (
	anyOrigin      = []string{"*"}
	allowed        = []string{"true"}
	exposedHeaders = []string{"x-amzn-RequestId, x-amzn-ErrorType, Date"}
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
