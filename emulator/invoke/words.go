package invoke

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maximumWord is how long a word of the target deny may be, in characters. The reason of a denial contains
// the word, and may have 1 KB.
const maximumWord = 100

// A words is the Invoker of the targets deny:WORD,WORD and allow: a rule in place of a function, for
// developers who have none. It denies messages that have one of the words, and allows others unchanged.
type words []deniedWord

type deniedWord struct {
	written string // as in the setting
	folded  string
}

// newWords returns an Invoker that denies messages with one of the words, which commas separate. A word may also
// be a phrase.
func newWords(list string) (Invoker, error) {
	var result words
	for i, written := range strings.Split(list, ",") {
		written = strings.Join(strings.Fields(written), " ")
		folded := fold(written)
		switch {
		case folded == "":
			return nil, fmt.Errorf("word %d is empty: write it, or remove a comma", i+1)
		case !utf8.ValidString(written):
			return nil, fmt.Errorf("word %d is not a text: write it in UTF-8", i+1)
		case isHandler(written): // not in the error, because a URL can have a password
			return nil, fmt.Errorf("word %d is another PATTERN=TARGET: give it a --review-handler of its own, or a "+
				"line of its own in IVSCHAT_REVIEW_HANDLER", i+1)
		case utf8.RuneCountInString(written) > maximumWord:
			return nil, fmt.Errorf("word %d has %d characters, but at most %d are possible: shorten it, or "+
				"separate words with commas", i+1, utf8.RuneCountInString(written), maximumWord)
		}
		result = append(result, deniedWord{written, folded})
	}
	return result, nil
}

// isHandler reports whether a word is a review handler, which somebody has added after a comma. Other settings
// are lists with commas, and such a word would not be noticed: it is in no message.
func isHandler(word string) bool {
	return CheckHandler(word) == nil
}

// newAllow returns an Invoker that allows all messages unchanged.
func newAllow() Invoker { return words{} }

// Invoke answers as a function would.
func (w words) Invoke(ctx context.Context, call Call) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var event struct{ Content json.RawMessage }
	var content string
	if err := json.Unmarshal(call.Event, &event); err != nil {
		return nil, fmt.Errorf("the event is not a JSON object: %w", err)
	}
	if err := json.Unmarshal(event.Content, &content); err != nil {
		return nil, fmt.Errorf("the Content of the event is not a string: %w", err)
	}
	answer := struct {
		ReviewResult string
		Content      json.RawMessage   // as in the event
		Attributes   map[string]string `json:",omitempty"`
	}{"ALLOW", event.Content, nil}
	folded := fold(content)
	if i := slices.IndexFunc(w, func(word deniedWord) bool { return hasWord(folded, word.folded) }); i >= 0 {
		answer.ReviewResult = "DENY"
		answer.Attributes = map[string]string{
			"Reason": `The message contains "` + w[i].written + `", which is not allowed.`,
		}
	}
	return json.Marshal(answer)
}

// Close does nothing.
func (words) Close() {}

// oneLetterI makes one letter of the four letters I of Turkish, because the language of a message is unknown. The case
// is folded before.
var oneLetterI = strings.NewReplacer("I\u0307", "I", "ı", "I")

// fold returns a text in the form in which words are compared: without letter case, without the differences
// between characters that mean the same, such as the two ways to write "é", and without characters that
// cannot be seen. Blanks and line feeds are one space.
func fold(text string) string {
	text = sharpS.Replace(norm.NFKD.String(text))
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Variation_Selector) || strings.ContainsRune("\u00AD\u200B\u2060\uFEFF", r) {
			return -1
		}
		return foldCase(r)
	}, text)
	text = oneLetterI.Replace(text)
	return norm.NFKC.String(strings.Join(strings.Fields(text), " "))
}

// sharpS replaces the only letters whose case folding has several characters, once a text is decomposed.
var sharpS = strings.NewReplacer("ß", "ss", "ẞ", "ss")

// foldCase returns the same character for all that differ in their case only. It is our own, because the case folding
// of golang.org/x/text needs all languages, which take 0.3 MB of the program.
func foldCase(r rune) rune {
	folded := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		folded = min(folded, other)
	}
	return folded
}

// hasWord reports whether a text has a word, and not only as a part of another word. Both are folded.
func hasWord(text, word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	last, _ := utf8.DecodeLastRuneInString(word)
	for begin := 0; ; {
		i := strings.Index(text[begin:], word)
		if i < 0 {
			return false
		}
		begin += i
		before, _ := utf8.DecodeLastRuneInString(text[:begin])
		after, _ := utf8.DecodeRuneInString(text[begin+len(word):])
		if !(joins(before) && joins(first)) && !(joins(last) && joins(after)) {
			return true
		}
		begin += utf8.RuneLen(first)
	}
}

// unspaced are scripts that do not separate words with spaces.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan,
}

// joins reports whether a character next to another one that joins is part of the same word. Emoji and
// punctuation do not join, nor do scripts that have no spaces between words. Neither does the absence of a
// character at either end of a text.
func joins(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.L, unicode.M, unicode.N) && !unicode.In(r, unspaced...)
}
