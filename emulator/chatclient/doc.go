// Package chatclient is a chat client for the messaging endpoint of Amazon IVS
// Chat, for tests and tools. It uses the public protocol only.
//
// Dial connects with a chat token. A Client then sends requests and receives
// frames, either one by one with Receive or, at high rates, through
// Options.OnFrame. ControlPlane creates rooms and chat tokens in an emulator
// that does not verify signatures. For AWS, use chat tokens from an AWS SDK.
//
// client.go connects, reads and ends a connection, send.go sends, receive.go
// and queue.go hand out what was received, frame.go decodes it, and
// control_plane.go calls operations.
package chatclient
