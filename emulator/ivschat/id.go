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

// ErrIDTaken is the error for a new resource whose ID another resource already has.
var ErrIDTaken = errors.New("the ID is taken")
