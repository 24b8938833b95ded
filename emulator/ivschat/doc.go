// Package ivschat is the vocabulary: the terms of Amazon IVS Chat as plain Go types, with the rules
// that need only the value itself.
//
// It imports no other package of the emulator and knows no wire format. Its comments cite these
// sources:
//
//   - "API": the Amazon IVS Chat API Reference,
//     https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/Welcome.html
//   - "Messaging API": the Amazon IVS Chat Messaging API Reference,
//     https://docs.aws.amazon.com/ivs/latest/chatmsgapireference/welcome.html
//   - "quotas": https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/service-quotas.html
//   - "model": the public service model of ivschat, version 2020-07-14
package ivschat
