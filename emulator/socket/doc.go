// Package socket is the transport: WebSocket connections of chat clients.
//
// handler.go lets a client in or turns it away, conn.go carries its frames,
// wire.go lets them meet below gorilla/websocket, close.go says how each end of
// a connection looks to the client. What the frames mean is for package room.
package socket
