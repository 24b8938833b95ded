// Package conformance holds the emulator against what other people's clients
// make of it: aws-sdk-go-v2 here, the AWS CLI in clients. Its tests use a
// running emulator from outside and know nothing of how it is built.
package conformance
