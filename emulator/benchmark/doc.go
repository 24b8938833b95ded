// Package benchmark measures the emulator and, for comparison, its peers: the fan-out of WebSocket
// tutorials, Bun's WebSocket server, a loop of writes, and an HTTP handler that returns a constant.
//
// It consists of tests, and of a server for Bun, which npm installs. Every server is a process of its own,
// so that its CPU time and its memory can be measured; the load comes from this process, or from
// ivschat-load, and is the same for all servers. `make bench` runs it and writes the tables of BENCHMARKS.md.
package benchmark
