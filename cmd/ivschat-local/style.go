package main

import (
	"hash/fnv"
	"io"
)

// A style decides how text is shown in a terminal. The zero value has no colours.
type style struct{ colours bool }

// styleOf returns the style for a writer: with colours if it is a terminal that has them.
func styleOf(w io.Writer) style { return style{isTerminal(w) && hasColours()} }

// The escape sequences of ECMA-48, which every terminal with colours has.
const (
	plainText = "\x1b[0m"
	dimText   = "\x1b[2m"
	redText   = "\x1b[31m"
)

// nameColours are colours that can be read on a dark and on a light background.
var nameColours = []string{
	"\x1b[32m", "\x1b[33m", "\x1b[34m", "\x1b[35m", "\x1b[36m", "\x1b[1;32m", "\x1b[1;34m", "\x1b[1;35m",
}

// in returns the text in a colour.
func (s style) in(colour, text string) string {
	if !s.colours || text == "" {
		return text
	}
	return colour + text + plainText
}

// dim returns the text in a colour that is less bright.
func (s style) dim(text string) string { return s.in(dimText, text) }

// red returns the text in red.
func (s style) red(text string) string { return s.in(redText, text) }

// name returns the name of a user in a colour, which is always the same for a name.
func (s style) name(user string) string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(user)) // never fails
	return s.in(nameColours[hash.Sum32()%uint32(len(nameColours))], user)
}
