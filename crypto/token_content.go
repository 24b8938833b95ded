package crypto

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// The content of a chat token is, in this order:
//
//   - the byte binaryContent;
//   - the ID, the ARN of the room and the user ID;
//   - the issue time, the expiration time of the token and that of the session, in seconds since 1970;
//   - the number of capabilities, and the capabilities;
//   - the number of attributes, and the key and the value of each.
//
// Every number is a varint, and a text has its length before it. Earlier versions wrote a JSON object
// (jsonContent), which takes several times longer to read.

// binaryContent is the first byte. A JSON object begins with another one.
const binaryContent = 1

func appendChatToken(content []byte, token ivschat.ChatToken) []byte {
	content = append(content, binaryContent)
	for _, text := range []string{token.ID, token.Room.String(), token.UserID} {
		content = appendText(content, text)
	}
	for _, at := range []time.Time{token.IssueTime, token.TokenExpirationTime, token.SessionExpirationTime} {
		content = binary.AppendVarint(content, at.Unix())
	}
	content = binary.AppendUvarint(content, uint64(len(token.Capabilities)))
	for _, capability := range token.Capabilities {
		content = appendText(content, string(capability))
	}
	content = binary.AppendUvarint(content, uint64(len(token.Attributes)))
	for key, value := range token.Attributes {
		content = appendText(appendText(content, key), value)
	}
	return content
}

func appendText(content []byte, text string) []byte {
	return append(binary.AppendUvarint(content, uint64(len(text))), text...)
}

func readChatToken(content []byte) (ivschat.ChatToken, error) {
	read := readBinaryContent
	if len(content) > 0 && content[0] == '{' {
		read = readJSONContent
	}
	token, room, err := read(content)
	if err == nil {
		token.Room, err = ivschat.ParseARN(room)
	}
	if err != nil {
		return ivschat.ChatToken{}, fmt.Errorf("%w: decode a chat token: %w", ivschat.ErrInvalidToken, err)
	}
	return token, nil
}

func readBinaryContent(content []byte) (token ivschat.ChatToken, room string, err error) {
	r := contentReader{rest: content[min(1, len(content)):]}
	token.ID, room, token.UserID = r.text(), r.text(), r.text()
	token.IssueTime, token.TokenExpirationTime, token.SessionExpirationTime = r.time(), r.time(), r.time()
	if n := r.count(); n > 0 {
		token.Capabilities = make([]ivschat.Capability, n)
		for i := range token.Capabilities {
			token.Capabilities[i] = capability(r.text())
		}
	}
	if n := r.count(); n > 0 {
		token.Attributes = make(map[string]string, n)
		for range n {
			key := r.text()
			token.Attributes[key] = r.text()
		}
	}
	if r.failed || len(r.rest) > 0 || content[0] != binaryContent {
		return token, room, errors.New("its content has another form")
	}
	return token, room, nil
}

// A contentReader reads the parts of a binary content. When one is not there, it and all that follow are
// zero.
type contentReader struct {
	rest   []byte
	failed bool
}

// count returns a number of parts. Each takes a byte at least.
func (r *contentReader) count() int {
	number, n := binary.Uvarint(r.rest)
	if n <= 0 || number > uint64(len(r.rest)-n) {
		r.failed, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return int(number)
}

func (r *contentReader) text() string {
	n := r.count()
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}

func (r *contentReader) time() time.Time {
	seconds, n := binary.Varint(r.rest)
	if n <= 0 {
		r.failed, r.rest = true, nil
		return time.Time{}
	}
	r.rest = r.rest[n:]
	return time.Unix(seconds, 0).UTC()
}

// capability returns a capability, without memory of its own if it is one that the service has.
func capability(name string) ivschat.Capability {
	for _, known := range []ivschat.Capability{
		ivschat.CapabilitySendMessage, ivschat.CapabilityDeleteMessage, ivschat.CapabilityDisconnectUser,
	} {
		if string(known) == name {
			return known
		}
	}
	return ivschat.Capability(name)
}

// jsonContent is the content of a chat token of an earlier version.
type jsonContent struct {
	ID                    string               `json:"id"`
	Room                  string               `json:"room"`
	UserID                string               `json:"user"`
	Capabilities          []ivschat.Capability `json:"capabilities"`
	Attributes            map[string]string    `json:"attributes"`
	IssueTime             int64                `json:"issued"`
	TokenExpirationTime   int64                `json:"tokenExpires"`
	SessionExpirationTime int64                `json:"sessionExpires"`
}

func readJSONContent(content []byte) (token ivschat.ChatToken, room string, err error) {
	var decoded jsonContent
	err = json.Unmarshal(content, &decoded)
	return ivschat.ChatToken{
		ID:                    decoded.ID,
		UserID:                decoded.UserID,
		Capabilities:          decoded.Capabilities,
		Attributes:            decoded.Attributes,
		IssueTime:             time.Unix(decoded.IssueTime, 0).UTC(),
		TokenExpirationTime:   time.Unix(decoded.TokenExpirationTime, 0).UTC(),
		SessionExpirationTime: time.Unix(decoded.SessionExpirationTime, 0).UTC(),
	}, decoded.Room, err
}
