package iam

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A credentials file never makes the emulator panic, an error never has a secret, and what is accepted is complete.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`[{"accessKeyId":"anna","secretAccessKey":"HUSHHUSH","sessionToken":"HUSHHUSH","policies":["IVSFullAccess"]}]`,
		"- accessKeyId: anna\n  secretAccessKey: HUSHHUSH\n  account: '111122223333'\n  expiration: 2027-01-31T12:00:00Z\n",
		"- accessKeyId: anna\n  secretAccessKey: *HUSHHUSH\n- !HUSHHUSH x\n- &HUSHHUSH y\n",
		"- accessKeyId: HUSHHUSH anna\n  secretAccessKey: [HUSHHUSH]\n  sessionToken: {HUSHHUSH: 1}\n",
		`[{"accessKeyId":"anna","accessKeyId":"ben","secretAccessKey":"HUSHHUSH`,
		`[{"secretAccessKey":"HUSH\qHUSHHUSH"}]`, "[]", "", "{}", "null", "- - -", "\x00", "- <<: x", "a: &a [*a]",
		`[{"policies":[{"PolicyName":"x","PolicyDocument":{"Statement":[{}]}}]}]`,
		"- principalArn: arn:aws:iam::000000000000:user/a/b\n",
	} {
		f.Add(seed)
	}
	// What is in the place of a secret access key or a session token.
	secret := regexp.MustCompile(`(?:secretAccessKey|sessionToken)"?: *["'*!&]?([A-Za-z0-9+/=]{8,})`)
	f.Fuzz(func(t *testing.T, text string) {
		callers, err := Parse([]byte(text), account)
		if err != nil {
			for _, match := range secret.FindAllStringSubmatch(text, -1) {
				isShownElsewhere := strings.Count(text, match[1]) > 1
				if !isShownElsewhere && strings.Contains(err.Error(), match[1]) {
					t.Errorf("the error has a secret: %v", err)
				}
			}
			return
		}
		if len(callers.All()) == 0 {
			t.Error("there are no callers")
		}
		for _, c := range callers.All() {
			if c.AccessKeyID == "" || c.SecretAccessKey == "" || !ivschat.IsAccountID(c.Account) ||
				!principalPattern.MatchString(c.PrincipalARN) || callers.Find(c.AccessKeyID) != c {
				t.Errorf("%q has the caller %+v", text, c)
			}
			for _, p := range c.Policies {
				if p == nil || len(p.Statements) == 0 {
					t.Errorf("%q has an empty policy", text)
				}
			}
			_, _ = c.Authorize(attempt("GetRoom", func(ivschat.ARN) (ivschat.Tags, error) { return nil, nil }))
		}
	})
}
