// Package spelling finds the name that someone probably meant, for error messages.
package spelling

import "strings"

// longest is the length in bytes beyond which a word is not compared. All names are shorter.
const longest = 64

// Nearest returns the name that is most like the word, or "" if none is. Letter case is ignored. A
// name is like the word if at most a third of its letters, but at least one, are added, removed or
// replaced.
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

// distance returns the Levenshtein distance: how many letters have to be added, removed or replaced.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1) // row[j] is the distance between a[:i] and b[:j]
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
