// Package socket is the transport: WebSocket connections of chat clients.
//
// handler.go lets a client in or turns it away, conn.go carries its frames,
// wire.go lets them meet below gorilla/websocket (raw_unix.go is what that takes
// of the system), close.go says how each end of a connection looks to the client,
// fault.go lets things go wrong on purpose. What the frames mean is for package room.
package socket
