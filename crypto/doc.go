// Package crypto seals chat tokens and page tokens with keys that only the
// emulator holds.
//
// keyring.go keeps the keys, token.go says what is sealed and in which shape
// it travels. Whatever is sealed is bound to its purpose and to the version of
// its format, so that a page token never passes for a chat token.
package crypto
