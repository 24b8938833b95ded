package crypto

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

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

// A chatTokenRecord is the content of a chat token. It is encrypted as JSON. Times are in seconds since
// 1970.
type chatTokenRecord struct {
	ID                    string               `json:"id"`
	Room                  string               `json:"room"`
	UserID                string               `json:"user"`
	Capabilities          []ivschat.Capability `json:"capabilities,omitempty"`
	Attributes            map[string]string    `json:"attributes,omitempty"`
	IssueTime             int64                `json:"issued"`
	TokenExpirationTime   int64                `json:"tokenExpires"`
	SessionExpirationTime int64                `json:"sessionExpires"`
}

// SealChatToken returns the text of the chat token, encrypted with the primary key. It rounds the times
// down to whole seconds.
func (k *Keyring) SealChatToken(ctx context.Context, token ivschat.ChatToken) (string, error) {
	current, err := k.current(ctx)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(chatTokenRecord{
		ID:                    token.ID,
		Room:                  token.Room.String(),
		UserID:                token.UserID,
		Capabilities:          token.Capabilities,
		Attributes:            token.Attributes,
		IssueTime:             token.IssueTime.Unix(),
		TokenExpirationTime:   token.TokenExpirationTime.Unix(),
		SessionExpirationTime: token.SessionExpirationTime.Unix(),
	})
	if err != nil {
		return "", fmt.Errorf("encode a chat token: %w", err)
	}
	blob, err := current.aead.Encrypt(text, []byte(chatTokenPurpose))
	if err != nil {
		return "", fmt.Errorf("encrypt a chat token: %w", err)
	}
	blob = slices.Insert(blob, 0, blobHeader...)
	return chatTokenText.EncodeToString(blob) + suffix, nil
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
	plain, err := current.aead.Decrypt(blob, []byte(chatTokenPurpose))
	if err != nil {
		return ivschat.ChatToken{}, ivschat.ErrInvalidToken
	}
	return readChatToken(plain)
}

func readChatToken(plain []byte) (ivschat.ChatToken, error) {
	var record chatTokenRecord
	if err := json.Unmarshal(plain, &record); err != nil {
		return ivschat.ChatToken{}, fmt.Errorf("%w: decode a chat token: %w", ivschat.ErrInvalidToken, err)
	}
	room, err := ivschat.ParseARN(record.Room)
	if err != nil {
		return ivschat.ChatToken{}, fmt.Errorf("%w: decode a chat token: %w", ivschat.ErrInvalidToken, err)
	}
	return ivschat.ChatToken{
		ID:                    record.ID,
		Room:                  room,
		UserID:                record.UserID,
		Capabilities:          record.Capabilities,
		Attributes:            record.Attributes,
		IssueTime:             time.Unix(record.IssueTime, 0).UTC(),
		TokenExpirationTime:   time.Unix(record.TokenExpirationTime, 0).UTC(),
		SessionExpirationTime: time.Unix(record.SessionExpirationTime, 0).UTC(),
	}, nil
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
	position, err := current.aead.Decrypt(blob, []byte(pageTokenPurpose+list))
	if err != nil {
		return nil, ivschat.ErrInvalidToken
	}
	return position, nil
}

// decodeExactly decodes a text, and reports whether it is exactly as the encoding writes it. The standard
// decoder also accepts line breaks.
func decodeExactly(encoding *base64.Encoding, text string) (blob []byte, exact bool) {
	blob, err := encoding.DecodeString(text)
	return blob, err == nil && !strings.ContainsAny(text, "\r\n")
}
