// Package conformance checks claims about Amazon IVS Chat against a target: an emulator or the
// service itself.
//
// A Claim is one sentence about the service, with its source and a check that uses the endpoint
// from outside, through aws-sdk-go-v2 and gorilla/websocket. Run checks a Target against a list
// of claims and returns a Report.
//
// This package is the engine. It contains no claim and does not know how an emulator works
// inside. The claims are in package claims and are listed in CLAIMS.md.
//
// A claim that the emulator had to decide for itself, or that it knowingly does not meet, has a
// Reason. Such a claim never counts as held by an emulator.
//
// claim.go defines a claim, target.go a target. run.go and outcome.go check claims, report.go,
// junit.go and catalogue.go write the results. probe.go, sdk.go, request.go and resource.go are
// what checks use on the control plane, chat_client.go and frame.go on the messaging endpoint, and
// review.go for reviews of messages. chat_log.go is for chat logs.
package conformance
