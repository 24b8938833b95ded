// Package conformance says what Amazon IVS Chat does, in numbered claims that
// can be run against whatever claims to be it: an emulator or the service.
//
// A Claim is one sentence with its source and a check that uses the endpoint
// from outside, through aws-sdk-go-v2 and gorilla/websocket. Run holds a Target
// against all of them and gives a Report. The claims are listed in CLAIMS.md.
//
// Nothing here knows how an emulator is built. What an emulator has to decide
// for itself, or is known to do unlike the service, is in deviations.go and
// never counts as a claim that holds.
//
// claim.go is what a claim is, run.go runs them, probe.go and chatter.go are
// what checks work with, report.go tells the outcome. The claims are in
// claims_*.go; those that follow from the service's model, row by row, are in
// bounds.go and constraints.go.
package conformance
