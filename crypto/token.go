package crypto

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A chat token of the real service is the URL-safe base64 text of a ciphertext, padded with !, and a
// suffix of # and a digit, for example AQICAHg…w!!#0. All its characters are allowed in the
// Sec-WebSocket-Protocol header, in which clients send it (RFC 6455, 4.1).
var (
	// blobHeader is how the ciphertext begins in every recorded chat token of the real service.
	blobHeader = []byte{0x01, 0x02, 0x02, 0x00, 0x78}
	suffix     = "#0"

	chatTokenText = base64.URLEncoding.WithPadding('!').Strict()
	pageTokenText = base64.RawURLEncoding.Strict()
)

// The purposes of tokens, with the versions of their formats. They are the associated data of the
// encryption.
const (
	chatTokenPurpose = "ivschat-local chat token v1"
	pageTokenPurpose = "ivschat-local page token v1 "
)

// SealChatToken returns the text of the chat token, encrypted with the primary key. It rounds the times
// down to whole seconds.
func (k *Keyring) SealChatToken(ctx context.Context, token ivschat.ChatToken) (string, error) {
	current, err := k.current(ctx)
	if err != nil {
		return "", err
	}
	const usual = 512 // bytes, more than most tokens have
	blob, err := current.aead.Encrypt(
		appendChatToken(make([]byte, 0, usual/2), token), []byte(chatTokenPurpose))
	if err != nil {
		return "", fmt.Errorf("encrypt a chat token: %w", err)
	}
	var whole, text [usual]byte
	blob = append(append(whole[:0], blobHeader...), blob...)
	return string(append(chatTokenText.AppendEncode(text[:0], blob), suffix...)), nil
}

// OpenChatToken returns the chat token that SealChatToken encrypted with any key of the keyring. For
// every other text, it returns ivschat.ErrInvalidToken. It does not check the times.
func (k *Keyring) OpenChatToken(ctx context.Context, text string) (ivschat.ChatToken, error) {
	current, err := k.current(ctx)
	if err != nil {
		return ivschat.ChatToken{}, err
	}
	body, hasSuffix := strings.CutSuffix(text, suffix)
	blob, exact := decodeExactly(chatTokenText, body)
	blob, hasHeader := bytes.CutPrefix(blob, blobHeader)
	if !exact || !hasSuffix || !hasHeader {
		return ivschat.ChatToken{}, ivschat.ErrInvalidToken
	}
	plain, err := k.decrypt(ctx, current, blob, []byte(chatTokenPurpose))
	if err != nil {
		return ivschat.ChatToken{}, err
	}
	return readChatToken(plain)
}

// decrypt decrypts with any key of the keyring, whose current keys it is given. The error is ivschat.ErrInvalidToken if
// no key does.
func (k *Keyring) decrypt(ctx context.Context, current *keys, blob, purpose []byte) (plain []byte, err error) {
	if plain, err = current.aead.Decrypt(blob, purpose); err == nil {
		return plain, nil
	}
	learnt, err := k.learn(ctx, current, blob)
	if err != nil {
		return nil, err
	}
	if learnt {
		plain, err = k.keys.Load().aead.Decrypt(blob, purpose)
	}
	if !learnt || err != nil {
		return nil, ivschat.ErrInvalidToken
	}
	return plain, nil
}

// SealPageToken returns the text of a page token, which OpenPageToken accepts for the same list only.
// The list names the operation, the caller and the filters.
func (k *Keyring) SealPageToken(ctx context.Context, list string, position []byte) (string, error) {
	current, err := k.current(ctx)
	if err != nil {
		return "", err
	}
	blob, err := current.aead.Encrypt(position, []byte(pageTokenPurpose+list))
	if err != nil {
		return "", fmt.Errorf("encrypt a page token: %w", err)
	}
	return pageTokenText.EncodeToString(blob), nil
}

// OpenPageToken returns the position that SealPageToken encrypted for the list. For every other
// text, it returns ivschat.ErrInvalidToken.
func (k *Keyring) OpenPageToken(ctx context.Context, list, text string) ([]byte, error) {
	current, err := k.current(ctx)
	if err != nil {
		return nil, err
	}
	blob, exact := decodeExactly(pageTokenText, text)
	if !exact {
		return nil, ivschat.ErrInvalidToken
	}
	return k.decrypt(ctx, current, blob, []byte(pageTokenPurpose+list))
}

// decodeExactly decodes a text, and reports whether it is exactly as the encoding writes it. The standard
// decoder also accepts line breaks.
func decodeExactly(encoding *base64.Encoding, text string) (blob []byte, exact bool) {
	blob, err := encoding.DecodeString(text)
	return blob, err == nil && !strings.ContainsAny(text, "\r\n")
}
