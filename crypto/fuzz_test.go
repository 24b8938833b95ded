package crypto_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// oldTokens are tokens that earlier versions sealed with the known key. Clients may still hold such
// tokens, so they must open. The last two are from the encoder before json.Marshal, which wrote the same
// JSON values, but did not escape <, > and & in ASCII strings.
var oldTokens = []struct {
	text  string
	token ivschat.ChatToken
}{
	{
		"AQICAHgBAAAAB5DgcBoL2j_8Ul_Cd63ntAlho57FsrLxfZwFkngxbVkd9gM9UzgG_T7dpQVkuzSxAdfY3ouiuV67nCyRlTUnGnf5PU-4gX8-SVsBdlsh0U20Hmumy01lOkdaMGvOwvlng1tqpB9TLhYQA5ugTXGl75J7HCWs4u7GMpfxARWOOL41qZCu9hI1vtQMlBNEFhYRNMHiMjcmoTuqOKRo08TO4eyHRCiRpZtCJ3K8C73Mbcew_wv7Cq7-SjwQf25P#0",
		small("u"),
	},
	{
		"AQICAHgBAAAAByT5qLHnLwrdNHLfL7dbJCg24NbeZ9qJ6Z_pI53gqLg73RYC75Ku7voSXOhOtPmZ8vGVNs4w_-nkQHpyoPJptj0UTOZ0BBrunOeMTGFTaFrvDP4xeEFFxkC6allhuXoOhJlNrc-_B7kfKf1ving3Ks7JSLmhbEyKMVidIvFSbNZyNIC3zaBvTl2HvQnQmTCG1QaxP8sTd7jZ92A2Ob9XQz4iME0-RoQJahJWSMRYXecntivmAgXb-jI6dQH6eA!!#0",
		small("uu"),
	},
	{
		"AQICAHgBAAAAB5RogON4DiZVf4SQiIbUiKLtc5stskZMfwAIrJ8DMWejnJ0POtJj_TVz6TVANYxFZSBCGGOUwRfL-jbfdcuRXhOW3pz9kovi0RMG5YiGVTIuX0Gz2E76D8uRsmigLIJkqeGoiaZwxKEdSKPklhbzNTuSpQ_8hiS9pGzip7qhYDwp1vuf4G2LpZ38350-7ryZTORKV9PwIdA1809R05F0EFletXRt69qz-hRS74a2hpUWQJFSSQgTakRKO1I9Myk!#0",
		small("uuu"),
	},
	{
		"AQICAHgBAAAAB2xP3ReB51-dd2L_1brHM-D9RinTmiFqzCwQDkw3xHoOmenBWBVTiF3dYRrHwR4f-csAFDwVP0HfxgxuQBGFR2NFvUDYI00alV9p8ddo7GU0ro5vAIpIQNf_gOmSkE2d6_gYAeGCNPoMJQXXxkcddhjQaGUr1dd67UHo3C_kwEmkzM1g97EoqwshUwAbYRhypHUAVikJad1kD4pUdKevgFakKz6ho24_oGm3BO45pPi0TF03Vwiv1dEh9wLB8VS2cfGl-Tytc2IAhfL6xVzbCuACfbcVjmpRijbvZX19obDsgxFzzIHZ8k-fVTgeczTe-12CtiTRS5tRrqylAAwcMnhlDgShIDDsVZ3eWfT__vCszYkV8Pnq-G0pr6icPQoI3OUqSPVCKcikCt_-fPImMUW23DoIDfY-1i9qzzlX-DL_hMFeLmuxOjVPuFjYms0ZPbjy0ItGL79OfKfJzIJ2nqCgQIhhKfCochnyFeXTBuCM324IwKrbweZtLl-o_qhcw_gcPc7-165O1H4WzA!!#0",
		full(),
	},
	{
		"AQICAHgBAAAAB0pkNJ_MFYLsHOssvCWSnPr6ZYNoVe4RSwxFqeYwMiNCnW7iQEoSdQNJ5ExEqG5hA0RnvnemJ-IjIOzy9yi-OGpwkF6HOoV_Jl7E8BBJ-WTZnjL00A-Nfy-k3RCU2ss0EECgbviGqpTGOnQ8xPH9hdVIEfgfRMXrHqCRkhnwkuJXdJKnKZ_dGLStbDGlaIoAtUd2R_Fc7R1SSgn9DtW4FjMPT3iKWdKhf9Ml_HvnSt7GBU2Sw_VVeo78MVmGBcWNKzs5nG3bmUe8LJq3frhDJVTp_3lHB4MZ_9admm0i4hSlCfI!#0",
		markup(),
	},
}

func markup() ivschat.ChatToken {
	token := small("a<b>&c\x7f/\"\\")
	token.ID = "ZyXwVu987654"
	return token
}

func TestTokensOfEarlierVersionsOpen(t *testing.T) {
	t.Parallel()
	k := knownKeyring(t)
	for _, old := range oldTokens {
		opened, err := k.OpenChatToken(ctx, old.text)
		if err != nil || !reflect.DeepEqual(opened, old.token) {
			t.Errorf("opened to %+v (%v), want %+v", opened, err, old.token)
		}
	}
}

// FuzzOpenChatToken looks for a text that opens but was not sealed. Fuzzing runs in several processes,
// which must have the same key.
func FuzzOpenChatToken(f *testing.F) {
	k := knownKeyring(f)
	sealed := map[string]bool{}
	for _, old := range oldTokens {
		text := old.text
		sealed[text] = true
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
		if opens(k, text) && !sealed[text] {
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
			t.Skip("JSON strings are valid UTF-8")
		}
		token := small(userID)
		token.Attributes = map[string]string{key: value}
		text := seal(t, k, token)
		if !chatTokenForm.MatchString(text) {
			t.Errorf("the token is %q", text)
		}
		if opened, err := k.OpenChatToken(ctx, text); err != nil || !reflect.DeepEqual(opened, token) {
			t.Errorf("%+v opened to %+v (%v)", token, opened, err)
		}
	})
}
