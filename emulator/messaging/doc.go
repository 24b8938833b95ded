// Package messaging is the chat language: what clients and the service say to
// each other over a WebSocket, as bytes and as values.
//
// It has no sockets and no state. The frames are those of the Amazon IVS Chat
// Messaging API Reference and of recordings of the real service
// (https://docs.aws.amazon.com/ivs/latest/chatmsgapireference/welcome.html).
package messaging
