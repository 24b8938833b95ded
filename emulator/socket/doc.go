// Package socket is the messaging endpoint: the WebSocket connections of chat clients.
//
// handshake.go accepts or refuses a client (wellformed.go checks the form of its request), and direct.go
// accepts ordinary handshakes without net/http. handler.go has the connections and closes them at the end,
// conn.go reads and writes the frames of one, wire.go is the network connection below it (raw_unix.go
// and raw_linux.go have the system calls), secured.go is that of a TLS client, pace.go limits how fast it is
// read. poller_linux.go waits for the first frames of all clients, upgrade.go lets gorilla/websocket read
// the frames of those that send some, ping.go sends pings, close.go says with which code each connection is
// closed, fault.go carries out faults. Package room decides what the frames mean.
package socket
