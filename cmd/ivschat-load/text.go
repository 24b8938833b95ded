package main

import (
	"fmt"
	"strings"
	"time"
)

// firstEvent is the number of the first event. Messages have lower numbers.
const firstEvent = 1 << 30

// text returns what a message or an event contains: the marker, a stamp, and
// padding up to the message length.
func (l *load) text(number int) string {
	text := string(l.marker) + stamp(number, time.Since(l.start)) + " "
	return text + strings.Repeat("x", l.options.MessageLength-len(text))
}

// stampLength is the length of a stamp: a number of 8 digits and, after a space,
// the time of sending in 16 digits, both hexadecimal.
const stampLength = 8 + 1 + 16

func stamp(number int, sent time.Duration) string {
	return fmt.Sprintf("%08x %016x", number, int64(sent))
}

func parseStamp(text []byte) (number int, sent time.Duration, ok bool) {
	if len(text) < stampLength {
		return 0, 0, false
	}
	n, ok1 := parseHex(text[:8])
	at, ok2 := parseHex(text[9:stampLength])
	return int(n), time.Duration(at), ok1 && ok2
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
