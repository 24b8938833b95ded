package control

import "net/http"

// Browsers may call the control plane from any origin: it protects no real data, and a front end
// without a back end has no other way to reach it. How the real service responds to a preflight
// request is not known (decision D2).

// preflight answers a CORS preflight request, and reports whether the request was one
// (https://fetch.spec.whatwg.org/#cors-preflight-request).
func preflight(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	header := w.Header()
	allowBrowsers(header)
	header.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	header.Set("Access-Control-Max-Age", "86400")
	header.Add("Vary", "Access-Control-Request-Headers")
	if requested := r.Header.Get("Access-Control-Request-Headers"); requested != "" {
		header.Set("Access-Control-Allow-Headers", requested)
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// The values of headers that every response has. They are shared, and must not be changed.
var (
	anyOrigin      = []string{"*"}
	exposedHeaders = []string{"x-amzn-RequestId, x-amzn-ErrorType, Date"}
)

// allowBrowsers sets the headers that let a page of any origin read the response.
func allowBrowsers(header http.Header) {
	header["Access-Control-Allow-Origin"] = anyOrigin
	header["Access-Control-Expose-Headers"] = exposedHeaders
}
