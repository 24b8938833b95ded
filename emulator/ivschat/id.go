package ivschat

import (
	"crypto/rand"
	"strings"
)

// IDLength is the length of every id of the service (model: ID, RoomID,
// LoggingConfigurationID, MessageID).
const IDLength = 12

const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// IsID reports whether the text has the form of an id.
func IsID(text string) bool {
	return len(text) == IDLength && strings.Trim(text, idAlphabet) == ""
}

// NewID makes an id of twelve random letters and digits. It carries 71 bits of
// randomness, so that two alike are not to be expected.
func NewID() string {
	const usable = 256 / len(idAlphabet) * len(idAlphabet) // bytes from here on would favour the first letters
	id := make([]byte, 0, IDLength)
	var random [2 * IDLength]byte
	for {
		rand.Read(random[:]) // never fails, see crypto/rand
		for _, b := range random {
			if int(b) >= usable {
				continue
			}
			id = append(id, idAlphabet[int(b)%len(idAlphabet)])
			if len(id) == IDLength {
				return string(id)
			}
		}
	}
}
