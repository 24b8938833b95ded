// Package spelling finds the name that someone probably meant, for error messages.
package spelling

import "strings"

// longest is the length in bytes beyond which a word is not compared. All names are shorter.
const longest = 64

// Nearest returns the name that is most like the word, or "" if none is. Letter case is ignored. A
// name is like the word if at most a third of its letters, but at least one, are added, removed, replaced
// or swapped.
func Nearest(word string, names []string) (nearest string) {
	if len(word) > longest {
		return ""
	}
	least := longest
	for _, name := range names {
		edits := distance([]rune(strings.ToLower(word)), []rune(strings.ToLower(name)))
		if edits < least && edits <= max(1, len(name)/3) {
			nearest, least = name, edits
		}
	}
	return nearest
}

// DidYouMean returns the end of an error message about a word: a question with the nearest name, or "" if
// there is none.
func DidYouMean(word string, names []string) string {
	if nearest := Nearest(word, names); nearest != "" {
		return ": did you mean " + nearest + "?"
	}
	return ""
}

// distance returns how many letters have to be added, removed, replaced or swapped with the next one
// (the optimal string alignment distance).
func distance(a, b []rune) int {
	// d[i][j] is the distance between a[:i] and b[:j].
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := d[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			d[i][j] = min(replaced, d[i-1][j]+1, d[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
