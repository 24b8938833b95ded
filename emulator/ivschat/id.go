package ivschat

import "errors"

// IDLength is the length of every ID of the service, in characters (model: ID, RoomID,
// LoggingConfigurationID, MessageID).
const IDLength = 12

// IDAlphabet has the characters that IDs consist of (model: ID).
const IDAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// IsID reports whether the text has the form of an ID.
func IsID(text string) bool {
	return len(text) == IDLength && isMadeOf(text, &idAlphabet)
}

// NewID returns the ID that two random numbers stand for. Each is enough for a half of it: 62⁶ is much
// less than 2⁶⁴.
func NewID(first, second uint64) string {
	var id [IDLength]byte
	number := first
	for i := range id {
		if i == IDLength/2 {
			number = second
		}
		id[i] = IDAlphabet[number%uint64(len(IDAlphabet))]
		number /= uint64(len(IDAlphabet))
	}
	return string(id[:])
}

// ErrIDTaken is the error for a new resource whose ID another resource already has.
var ErrIDTaken = errors.New("the ID is taken")

// ErrInvalidToken is the error for a text that is not a chat token, or not a page token for the list. Other
// errors say why a token cannot be checked, for instance because the keys cannot be read.
var ErrInvalidToken = errors.New("the token was not issued by this emulator, or it was changed")
