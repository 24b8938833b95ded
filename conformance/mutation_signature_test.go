package conformance_test

import "net/http"

// signatureMutations misbehave when they verify signatures.
var signatureMutations = []mutation{
	{"a query must not have odd characters", "C650", failOperation("DELETE tags", 403, "InvalidSignatureException")},
	{"an escaped path is not verified", "C650", failOperation("GET tags", 403, "InvalidSignatureException")},
	{"any secret is right", "C651", accept("InvalidSignatureException")},
	{"a wrong secret is an access key that does not exist", "C651",
		rename("InvalidSignatureException", "UnrecognizedClientException")},
	{"a changed request is accepted", "C652", accept("InvalidSignatureException")},
	{"a body that has no meaning is not verified", "C652", mutant{reply: func(op string, r *mutableReply) {
		if op == "GET tags" {
			r.setException(400, "ValidationException")
		}
	}}},
	{"headers of AWS need not be signed", "C653", accept("InvalidSignatureException")},
	{"the hash of the body is not compared", "C654", accept("InvalidSignatureException")},
	{"a signature is valid at any time", "C655", accept("InvalidSignatureException")},
	{"an old signature is a request that has expired", "C655", rename("InvalidSignatureException", "RequestExpired")},
	{"a signature needs no time", "C656", accept("IncompleteSignature")},
	{"the day of the Credential is not compared", "C657", accept("InvalidSignatureException")},
	{"a session token is ignored", "C658", accept("UnrecognizedClientException")},
	{"a presigned request never expires", "C659", accept("RequestExpired")},
	{"a presigned request may be valid for more than seven days", "C659", accept("IncompleteSignature")},
}

// accept replaces an exception by a success.
func accept(exception string) mutant {
	return changeExceptions(exception, func(r *mutableReply) {
		*r = mutableReply{status: http.StatusOK, header: http.Header{}, body: "{}"}
	})
}

// rename replaces an exception by another one with the same status.
func rename(exception, other string) mutant {
	return changeExceptions(exception, func(r *mutableReply) { r.header.Set("x-amzn-ErrorType", other) })
}
