package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// firstEvent is the number of the first event. Messages have lower numbers.
const firstEvent = 1 << 30

// mark returns the marker with a stamp of the current time. A message has it in its
// RequestId, which a message review handler cannot change. An event, which has no
// RequestId, has it in its text.
func (l *load) mark(number int) string {
	return string(l.marker) + stamp(number, time.Since(l.start))
}

// pad returns a text with a space and padding up to the message length.
func (l *load) pad(text string) string {
	return text + " " + strings.Repeat("x", l.options.MessageLength-len(text)-1)
}

// stampLength is the length of a stamp: a number of 8 digits and, after a hyphen,
// the time of sending in 16 digits, both hexadecimal.
const stampLength = 8 + 1 + 16

func stamp(number int, sent time.Duration) string {
	return fmt.Sprintf("%08x-%016x", number, int64(sent))
}

func parseStamp(text []byte) (number int, sent time.Duration, ok bool) {
	if len(text) < stampLength {
		return 0, 0, false
	}
	n, ok1 := parseHex(text[:8])
	at, ok2 := parseHex(text[9:stampLength])
	return int(n), time.Duration(at), ok1 && ok2
}

// requestID returns the RequestId of a message. Attempts to send it begin with 1.
func (l *load) requestID(number, attempt int) string {
	return fmt.Sprintf("%s-%d", l.mark(number), attempt)
}

// parseRequestID returns the number and the attempt of a message of this load.
func (l *load) parseRequestID(id string) (number, attempt int, ok bool) {
	text, marked := strings.CutPrefix(id, string(l.marker))
	number, _, stamped := parseStamp([]byte(text))
	if !marked || !stamped {
		return 0, 0, false
	}
	attempt, err := strconv.Atoi(strings.TrimPrefix(text[stampLength:], "-"))
	return number, attempt, err == nil
}

// parseHex is strconv.ParseUint without an allocation for a string.
func parseHex(text []byte) (n uint64, ok bool) {
	for _, digit := range text {
		switch {
		case '0' <= digit && digit <= '9':
			n = n<<4 | uint64(digit-'0')
		case 'a' <= digit && digit <= 'f':
			n = n<<4 | uint64(digit-'a'+10)
		default:
			return 0, false
		}
	}
	return n, true
}
