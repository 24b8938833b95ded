package crypto

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A chat token of the real service is the URL-safe base64 text of a ciphertext
// blob, with ! for padding, and a suffix of # and a digit, for instance
// AQICAHg…w!!#0. It has no character that may not stand in the
// Sec-WebSocket-Protocol header, through which clients send it (RFC 6455, 4.1).
var (
	// blobHeader is how every blob on record begins.
	blobHeader = []byte{0x01, 0x02, 0x02, 0x00, 0x78}
	suffix     = "#0"

	chatTokenText = base64.URLEncoding.WithPadding('!').Strict()
	pageTokenText = base64.RawURLEncoding.Strict()
)

// Purposes, with the version of the format. They are the associated data of
// what is sealed.
const (
	chatTokenPurpose = "ivschat-local chat token v1"
	pageTokenPurpose = "ivschat-local page token v1 "
)

var (
	errNotChatToken = errors.New("this is no chat token that the emulator made with the keys that it has")
	errNotPageToken = errors.New("this is no page token that the emulator made for this list")
)

// A chatTokenRecord is what is sealed in a chat token. Times are in seconds
// since 1970.
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

// SealChatToken gives the text of a chat token. Its times are kept in whole
// seconds.
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
		return "", fmt.Errorf("encode chat token: %w", err)
	}
	blob, err := current.aead.Encrypt(text, []byte(chatTokenPurpose))
	if err != nil {
		return "", fmt.Errorf("seal chat token: %w", err)
	}
	blob = slices.Insert(blob, 0, blobHeader...)
	return chatTokenText.EncodeToString(blob) + suffix, nil
}

// OpenChatToken reads what SealChatToken wrote, with any key of the ring. It
// fails for everything else and does not look at the times.
func (k *Keyring) OpenChatToken(ctx context.Context, text string) (ivschat.ChatToken, error) {
	current, err := k.current(ctx)
	if err != nil {
		return ivschat.ChatToken{}, err
	}
	body, hasSuffix := strings.CutSuffix(text, suffix)
	blob, err := decodeExactly(chatTokenText, body)
	blob, hasHeader := bytes.CutPrefix(blob, blobHeader)
	if err != nil || !hasSuffix || !hasHeader {
		return ivschat.ChatToken{}, errNotChatToken
	}
	plain, err := current.aead.Decrypt(blob, []byte(chatTokenPurpose))
	if err != nil {
		return ivschat.ChatToken{}, errNotChatToken
	}
	return readChatToken(plain)
}

func readChatToken(plain []byte) (ivschat.ChatToken, error) {
	var record chatTokenRecord
	if err := json.Unmarshal(plain, &record); err != nil {
		return ivschat.ChatToken{}, fmt.Errorf("decode chat token: %w", err)
	}
	room, err := ivschat.ParseARN(record.Room)
	if err != nil {
		return ivschat.ChatToken{}, fmt.Errorf("decode chat token: %w", err)
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

// SealPageToken gives the text of a page token that opens for the same list
// only. A list is named by its operation, caller and filters.
func (k *Keyring) SealPageToken(ctx context.Context, list string, position []byte) (string, error) {
	current, err := k.current(ctx)
	if err != nil {
		return "", err
	}
	blob, err := current.aead.Encrypt(position, []byte(pageTokenPurpose+list))
	if err != nil {
		return "", fmt.Errorf("seal page token: %w", err)
	}
	return pageTokenText.EncodeToString(blob), nil
}

// OpenPageToken reads what SealPageToken wrote for the list. It fails for
// everything else.
func (k *Keyring) OpenPageToken(ctx context.Context, list, text string) ([]byte, error) {
	current, err := k.current(ctx)
	if err != nil {
		return nil, err
	}
	blob, err := decodeExactly(pageTokenText, text)
	if err != nil {
		return nil, errNotPageToken
	}
	position, err := current.aead.Decrypt(blob, []byte(pageTokenPurpose+list))
	if err != nil {
		return nil, errNotPageToken
	}
	return position, nil
}

// decodeExactly decodes the one text that the encoding would have written.
// The standard decoder lets line breaks pass.
func decodeExactly(encoding *base64.Encoding, text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("line break in base64")
	}
	return encoding.DecodeString(text)
}
