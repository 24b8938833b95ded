package invoke

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/cases"
)

// review returns what a rule answers to a message with the given content, which is JSON.
func review(t *testing.T, rule Invoker, content string) (answer struct {
	ReviewResult string
	Content      json.RawMessage
	Attributes   map[string]string
}) {
	t.Helper()
	text, err := rule.Invoke(t.Context(), Call{Event: []byte(`{"Content":` + content + `,"Attributes":null}`)})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return answer
}

func quote(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

func TestDenyFindsWholeWordsWithoutLetterCase(t *testing.T) {
	for _, test := range []struct {
		word, content string
		denied        bool
	}{
		{"bad", "bad", true},
		{"bad", "This is BAD!", true},
		{"Bad", "(bad)", true},
		{"bad", "#bad_word", true},
		{"bad", "bad's", true},
		{"bad", "badly", false},
		{"bad", "forbad", false},
		{"bad", "forbad and bad", true},
		{"bad", "bad2", false},
		{"bad", "", false},
		{"aa", "aaa aa", true},
		{"bad phrase", "a Bad   \n phrase.", true},
		{"  bad \t phrase ", "bad\u00A0phrase", true},
		{"bad phrase", "bad phrases", false},
		{"bad phrase", "badphrase", false},
		{"C++", "I like c++11", true},
		{"C++", "abc++", false},
		{"$$$", "a$$$b", true},
		{"naïve", "NAI\u0308VE", true},
		{"nai\u0308ve", "so naïve", true},
		{"naïve", "naive", false},
		{"na", "naïve", false},
		{"nai", "nai\u0308ve", false},
		{"x", "x\u0301", false},
		{"straße", "STRASSE", true},
		{"ΟΔΟΣ", "οδος", true},
		{"istanbul", "İSTANBUL", true},
		{"istanbul", "ISTANBUL", true},
		{"kız", "KIZ", true},
		{"bad", "ｂａｄ", true},
		{"bad", "ba\u00ADd and b\u200Bad", true},
		{"坏话", "这是坏话吗", true},
		{"坏话", "这是坏", false},
		{"bad", "这个bad东西", true},
		{"ばか", "おばかさん", true},
		{"ガキ", "カ\u3099キめ", true},
		{"เลว", "คนเลวมาก", true},
		{"плохо", "Плохой", false},
		{"плохо", "ПЛОХО.", true},
		{"💩", "so💩so", true},
		{"👍", "👍🏽", true},
		{"❤\uFE0F", "I❤you", true},
		{"👩\u200D💻", "a 👩\u200D💻", true},
	} {
		rule, err := newWords("other," + test.word)
		if err != nil {
			t.Fatal(err)
		}
		if denied := review(t, rule, quote(test.content)).ReviewResult == "DENY"; denied != test.denied {
			t.Errorf("deny:%s denies %q: %v, want %v", test.word, test.content, denied, test.denied)
		}
	}
}

func TestADenialNamesTheWord(t *testing.T) {
	rule, _ := newWords("fine, Bad  Phrase ")
	answer := review(t, rule, `"a bad phrase"`)
	const reason = `The message contains "Bad Phrase", which is not allowed.`
	if answer.ReviewResult != "DENY" || answer.Attributes["Reason"] != reason ||
		string(answer.Content) != `"a bad phrase"` {
		t.Errorf("got %+v", answer)
	}
}

// The JSON of the Content is kept, because half a surrogate pair could not be written again.
func TestAMessageWithoutADeniedWordIsAllowedUnchanged(t *testing.T) {
	rule, _ := newWords("bad")
	for _, content := range []string{`"Fine <b>&\u2028 \ud800 \u00e9"`, `""`, `"BA D"`} {
		for _, rule := range []Invoker{rule, newAllow()} {
			answer := review(t, rule, content)
			var want, got string
			_ = json.Unmarshal([]byte(content), &want)
			_ = json.Unmarshal(answer.Content, &got)
			if answer.ReviewResult != "ALLOW" || got != want || answer.Attributes != nil {
				t.Errorf("%s: got %+v", content, answer)
			}
		}
	}
	if answer := review(t, newAllow(), `"\ud800"`); string(answer.Content) != `"\ud800"` {
		t.Errorf("half a surrogate pair became %s", answer.Content)
	}
}

func TestAWordThatCannotBeDeniedIsAnErrorThatSaysWhatToDo(t *testing.T) {
	for _, test := range []struct {
		words, want string
	}{
		{"", "word 1 is empty"},
		{"a, \t", "word 2 is empty: write it, or remove a comma"},
		{"\u200B\uFE0F", "word 1 is empty"},
		{"a\xFF", "word 1 is not a text: write it in UTF-8"},
		{"a," + strings.Repeat("é", 101), "word 2 has 101 characters, but at most 100 are possible"},
		{"a,*:function:b=allow", "word 2 is another PATTERN=TARGET: give it a --review-handler of its own"},
		{"a,*=http://b", "a line of its own in IVSCHAT_REVIEW_HANDLER"},
	} {
		if _, err := newWords(test.words); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("newWords(%q): %v, want %q", test.words, err, test.want)
		}
	}
	if _, err := newWords(strings.Repeat("é", 100)); err != nil {
		t.Errorf("a word of 100 characters: %v", err)
	}
}

func TestADenialHasAtMostOneKilobyteOfAttributes(t *testing.T) {
	word := strings.Repeat("💩", maximumWord)
	rule, _ := newWords(word)
	if reason := review(t, rule, quote(word)).Attributes["Reason"]; len(reason)+len("Reason") > 1000 {
		t.Errorf("the reason has %d bytes", len(reason))
	}
}

func TestARuleFailsWithoutAContentOrWithAContextThatHasEnded(t *testing.T) {
	rule, _ := newWords("bad")
	defer rule.Close()
	for _, event := range []string{``, `[]`, `{}`, `{"Content":1}`, `{"Content"`} {
		if answer, err := rule.Invoke(t.Context(), Call{Event: []byte(event)}); err == nil {
			t.Errorf("%s: got %s", event, answer)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := rule.Invoke(ended, Call{Event: []byte(`{"Content":"a"}`)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func FuzzDenyFindsAWordBetweenSpaces(f *testing.F) {
	f.Add("bad", "a", "b")
	f.Add("İ", "ı", "\u0307")
	f.Fuzz(func(t *testing.T, word, before, after string) {
		rule, err := newWords(word)
		if err != nil {
			return
		}
		content := quote(before + " " + word + " " + after)
		if answer := review(t, rule, content); answer.ReviewResult != "DENY" {
			t.Errorf("%q is not found in %s: %q in %q", word, content, fold(word), fold(before+" "+word+" "+after))
		}
	})
}

func TestTheCaseOfEachCharacterIsFoldedAsUnicodeDoesIt(t *testing.T) {
	unicodes := cases.Fold()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		folded := unicodes.String(string(r))
		if folded == string(r) && unicode.SimpleFold(r) == r {
			continue // it has no case
		}
		if fold(folded) != fold(string(r)) {
			t.Errorf("%U is folded to %+q, and %+q to %+q", r, fold(string(r)), folded, fold(folded))
		}
	}
}
