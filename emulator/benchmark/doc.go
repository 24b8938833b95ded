// Package benchmark measures the emulator beside its peers: the plain fan-out
// that every WebSocket tutorial ends with, a bare loop of writes, and an HTTP
// handler that returns a constant.
//
// It is all tests. Every server is a process of its own, so that its CPU time
// and its memory are its own; what drives them is the same for all. `make bench`
// runs it and writes the table of BENCHMARKS.md.
package benchmark
