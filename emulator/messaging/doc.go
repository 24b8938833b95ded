// Package messaging is the chat protocol: the requests and frames that clients and the service send
// to each other over a WebSocket, as bytes and as values.
//
// It has no sockets and no state. The frames are those of the Amazon IVS Chat Messaging API
// Reference (https://docs.aws.amazon.com/ivs/latest/chatmsgapireference/welcome.html) and of
// recordings of the real service.
package messaging
