package ivschat

import (
	"errors"
	"strings"
)

// IDLength is the length of every ID of the service, in characters (model: ID, RoomID,
// LoggingConfigurationID, MessageID).
const IDLength = 12

// IDAlphabet has the characters of which IDs are made (model: ID).
const IDAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// IsID reports whether the text has the form of an ID.
func IsID(text string) bool {
	return len(text) == IDLength && strings.Trim(text, IDAlphabet) == ""
}

// ErrIDTaken reports that a resource with that ID exists already.
var ErrIDTaken = errors.New("the ID is taken")
