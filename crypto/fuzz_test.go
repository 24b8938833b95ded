package crypto_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// sealedOnce are tokens that the known keyring sealed: small("u"),
// small("uu") and small("uuu"). Tokens that are out there have this format.
var sealedOnce = []string{
	"AQICAHgBAAAAB5DgcBoL2j_8Ul_Cd63ntAlho57FsrLxfZwFkngxbVkd9gM9UzgG_T7dpQVkuzSxAdfY3ouiuV67nCyRlTUnGnf5PU-4gX8-SVsBdlsh0U20Hmumy01lOkdaMGvOwvlng1tqpB9TLhYQA5ugTXGl75J7HCWs4u7GMpfxARWOOL41qZCu9hI1vtQMlBNEFhYRNMHiMjcmoTuqOKRo08TO4eyHRCiRpZtCJ3K8C73Mbcew_wv7Cq7-SjwQf25P#0",
	"AQICAHgBAAAAByT5qLHnLwrdNHLfL7dbJCg24NbeZ9qJ6Z_pI53gqLg73RYC75Ku7voSXOhOtPmZ8vGVNs4w_-nkQHpyoPJptj0UTOZ0BBrunOeMTGFTaFrvDP4xeEFFxkC6allhuXoOhJlNrc-_B7kfKf1ving3Ks7JSLmhbEyKMVidIvFSbNZyNIC3zaBvTl2HvQnQmTCG1QaxP8sTd7jZ92A2Ob9XQz4iME0-RoQJahJWSMRYXecntivmAgXb-jI6dQH6eA!!#0",
	"AQICAHgBAAAAB5RogON4DiZVf4SQiIbUiKLtc5stskZMfwAIrJ8DMWejnJ0POtJj_TVz6TVANYxFZSBCGGOUwRfL-jbfdcuRXhOW3pz9kovi0RMG5YiGVTIuX0Gz2E76D8uRsmigLIJkqeGoiaZwxKEdSKPklhbzNTuSpQ_8hiS9pGzip7qhYDwp1vuf4G2LpZ38350-7ryZTORKV9PwIdA1809R05F0EFletXRt69qz-hRS74a2hpUWQJFSSQgTakRKO1I9Myk!#0",
}

func TestATokenThatWasSealedOnceStillOpens(t *testing.T) {
	t.Parallel()
	k := knownKeyring(t)
	for i, text := range sealedOnce {
		want := small(strings.Repeat("u", i+1))
		if opened, err := k.OpenChatToken(ctx, text); err != nil || !reflect.DeepEqual(opened, want) {
			t.Errorf("opened to %+v (%v), not %+v", opened, err, want)
		}
	}
}

// FuzzOpenChatToken looks for a text that opens though nobody sealed it. Its
// keyring is known since fuzzing runs in several processes.
func FuzzOpenChatToken(f *testing.F) {
	k := knownKeyring(f)
	for _, text := range sealedOnce {
		body := strings.TrimSuffix(text, "#0")
		f.Add(text)
		f.Add(body)
		f.Add(body + "#1")
		f.Add(strings.TrimRight(body, "!") + "#0")
		f.Add(strings.ReplaceAll(text, "!", "="))
		f.Add(text[:40] + "\r\n" + text[40:])
		f.Add(text[:len(text)/2] + "#0")
	}
	f.Add("")
	f.Add("#0")
	f.Add("AQICAHg!#0")
	f.Fuzz(func(t *testing.T, text string) {
		if opens(k, text) && !slices.Contains(sealedOnce, text) {
			t.Errorf("%q opens", text)
		}
	})
}

func FuzzSealOpen(f *testing.F) {
	k := newKeyring(f)
	f.Add("", "", "")
	f.Add("José", "ключ", "値 👩‍👩‍👧")
	f.Add("\x00\x1f\x7f", "\"\\/<&>", "\u2028\u2029\ufffd")
	f.Fuzz(func(t *testing.T, userID, key, value string) {
		if !utf8.ValidString(userID + "\x00" + key + "\x00" + value) {
			t.Skip("JSON has no other strings")
		}
		token := small(userID)
		token.Attributes = map[string]string{key: value}
		text := seal(t, k, token)
		if !chatTokenForm.MatchString(text) {
			t.Errorf("it looks like %q", text)
		}
		if opened, err := k.OpenChatToken(ctx, text); err != nil || !reflect.DeepEqual(opened, token) {
			t.Errorf("%+v opened to %+v (%v)", token, opened, err)
		}
	})
}
