// Package crypto encrypts chat tokens and page tokens with keys that only the emulator has.
//
// keyring.go, keyset_file.go and shared.go hold the keys, token.go defines the text of a token, and
// token_content.go what is encrypted in it.
// The purpose of a token and the version of its format are authenticated with it, so that a page
// token is never accepted as a chat token.
//
// A call whose context has ended does nothing and returns the context's error.
package crypto
