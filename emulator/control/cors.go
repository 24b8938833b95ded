package control

import "net/http"

// Browsers may call the control plane from any page: what it guards is made
// up, and a front end without a back end of its own has no other way in. What
// the real service answers to a preflight is not known (decision D2).

// preflight answers a browser's question whether a page may call.
func preflight(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	header := w.Header()
	allowBrowsers(header)
	header.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	header.Set("Access-Control-Max-Age", "86400")
	header.Add("Vary", "Access-Control-Request-Headers")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		header.Set("Access-Control-Allow-Headers", asked)
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// The values of headers that every answer has, made once.
var (
	anyOrigin      = []string{"*"}
	exposedHeaders = []string{"x-amzn-RequestId, x-amzn-ErrorType, Date"}
)

func allowBrowsers(header http.Header) {
	header["Access-Control-Allow-Origin"] = anyOrigin
	header["Access-Control-Expose-Headers"] = exposedHeaders
}
