package policy

import "unicode/utf8"

// A pattern is a text with wildcards.
type pattern []rune

// The wildcards of a pattern. No character has these numbers.
const (
	anyText      rune = -1 // *
	anyCharacter rune = -2 // ?
)

// match reports whether a pattern matches the whole text. When a character does not match, only the last * has to
// take in one more, because what an earlier * took in cannot matter any more. So the time is at most the product of
// the lengths.
func match(p pattern, text string) bool {
	i, at := 0, 0         // in the pattern, and in the text
	after, resume := 0, 0 // the place after the last *, and where the text goes on after what it takes in
	for at < len(text) {
		character, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case i < len(p) && p[i] == anyText:
			i++
			after, resume = i, at
		case i < len(p) && (p[i] == anyCharacter || p[i] == character):
			i++
			at += size
		case after > 0:
			_, size := utf8.DecodeRuneInString(text[resume:])
			resume += size
			i, at = after, resume
		default:
			return false
		}
	}
	for i < len(p) && p[i] == anyText {
		i++
	}
	return i == len(p)
}
