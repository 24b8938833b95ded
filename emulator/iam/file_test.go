package iam

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const account = "000000000000"

func TestACredentialsFileInYAMLOrJSON(t *testing.T) {
	for name, text := range map[string]string{
		"YAML": `
- accessKeyId: anna
  secretAccessKey: hush-1
- accessKeyId: ASIABEN
  secretAccessKey: hush/2+=
  sessionToken: hush==
  account: "111122223333"
  principalArn: arn:aws:sts::111122223333:assumed-role/app/session-1
  expiration: 2027-01-31T12:00:00+01:00
  policies:
    - IVSFullAccess
    - arn:aws:iam::aws:policy/AdministratorAccess
    - Version: 2012-10-17
      Statement:
        Effect: Deny
        Action: ivschat:*
        Resource: "*"
    - PolicyName: tags
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: "ivschat:TagResource", Resource: "*"}]
`,
		"JSON": `
[ {"accessKeyId": "anna",
   "secretAccessKey": "hush-1"},
  {"accessKeyId": "ASIABEN", "secretAccessKey": "hush/2+=", "sessionToken": "hush==", "account": "111122223333",
   "principalArn": "arn:aws:sts::111122223333:assumed-role/app/session-1", "expiration": "2027-01-31T12:00:00+01:00",
   "policies": ["IVSFullAccess", "arn:aws:iam::aws:policy/AdministratorAccess",



    {"Version": "2012-10-17",
      "Statement":
       {"Effect": "Deny", "Action": "ivschat:*", "Resource": "*"}},



    {"PolicyName": "tags", "PolicyDocument": {"Version": "2012-10-17",
     "Statement": [
      {"Effect": "Allow", "Action": "ivschat:TagResource", "Resource": "*"}]}}]}]`,
	} {
		callers, err := Parse([]byte(text), account)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, c := range callers.All() {
			line := fmt.Sprint(c.AccessKeyID, " ", c.SecretAccessKey, " ", c.SessionToken, " ", c.Account, " ", c.PrincipalARN, " ",
				c.Expiration.UTC().Format(time.RFC3339))
			for _, p := range c.Policies {
				line += fmt.Sprintf(" %s:%d", p.Name, p.Statements[0].Line)
			}
			got = append(got, line)
		}
		want := []string{
			"anna hush-1  000000000000 arn:aws:iam::000000000000:user/anna 0001-01-01T00:00:00Z",
			"ASIABEN hush/2+= hush== 111122223333 arn:aws:sts::111122223333:assumed-role/app/session-1 2027-01-31T11:00:00Z" +
				fmt.Sprintf(" IVSFullAccess:0 AdministratorAccess:0 inline policy 3:%d tags:%d",
					map[string]int{"YAML": 15, "JSON": 12}[name], map[string]int{"YAML": 21, "JSON": 18}[name]),
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if callers.Find("ASIABEN") != callers.All()[1] || callers.Find("asiaben") != nil {
			t.Errorf("%s: a caller is not found by its access key", name)
		}
	}
}

// The author of a file learns about everything that is wrong with it at once.
func TestEveryMistakeInACredentialsFileIsToldWithItsLine(t *testing.T) {
	const text = `- accessKeyId: anna
  secretAccesKey: hush
- accessKeyId: anna
  secretAccessKey: 12345678
  account: 1234
- accessKeyId: "anna smith"
  secretAccessKey: "hush hush"
  sessionToken: "hüsh"
  account: "1234"
  expiration: tomorrow
  policies: IVSFullAccess
- accessKeyId: ben
  secretAccessKey: hush
  principalArn: arn:aws:iam::999999999999:user/ben
  policies:
    - IVSFullAcces
    - 7
    - Version: 2012-10-17
      Statement: {Effect: Alow, Action: "ivschat:CreateRoom", Resource: "*"}
    - PolicyName: chat
      PolicyDocument: {}
    - PolicyName: [chat]
      PolicyNam: chat
      PolicyDocument: {Statement: {Effect: Deny, Action: "*", Resource: "*"}}
- accessKeyId: carl
  secretAccessKey: hush
  principalArn: arn:aws:iam::000000000000:role/app
- accessKeyId: dora
  secretAccessKey: hush
  principalArn: dora
- 17
`
	want := []string{
		`line 1: [0]: secretAccessKey is missing`,
		`line 2: [0]: "secretAccesKey" is not a member of an access key, whose members are accessKeyId, secretAccessKey, ` +
			`sessionToken, account, principalArn, expiration, policies: did you mean secretAccessKey?`,
		`line 3: [1].accessKeyId: the access key of line 1 has the same accessKeyId: change or remove one`,
		`line 4: [1].secretAccessKey: must be a string: 1 to 1024 characters without blanks, but is a number: put it in quotes`,
		`line 5: [1].account: must be a string: 12 digits, but is a number: put it in quotes`,
		`line 6: [2].accessKeyId: must be 1 to 128 letters, digits, _ and -`,
		`line 7: [2].secretAccessKey: must be 1 to 1024 characters without blanks`,
		`line 8: [2].sessionToken: must be 1 to 16384 characters of ASCII without blanks`,
		`line 9: [2].account: must be 12 digits, but is "1234"`,
		`line 10: [2].expiration: must be a time in RFC 3339, such as 2027-01-31T12:00:00Z, but is "tomorrow"`,
		`line 11: [2].policies: must be a list of names and documents of policies, but is a string`,
		`line 14: [3].principalArn: belongs to the account 999999999999, but the access key to 000000000000: account must be the same`,
		`line 16: [3].policies[0]: "IVSFullAcces" is not one of the policies of AWS that are built in, which are ` +
			`AdministratorAccess, IVSFullAccess, IVSReadOnlyAccess, PowerUserAccess: did you mean IVSFullAccess?`,
		`line 17: [3].policies[1]: must be the name of a policy of AWS, such as IVSFullAccess, or the document of a policy, ` +
			`but is a number: put it in quotes`,
		`line 19: Statement.Effect: must be Allow or Deny, but is "Alow": did you mean Allow?`,
		`line 21: Statement is missing`,
		`line 22: [3].policies[4].PolicyName: must be a string that is not empty`,
		`line 23: [3].policies[4]: "PolicyNam" is not a member of a policy with a PolicyDocument, which has a PolicyName, too: ` +
			`did you mean PolicyName?`,
		`line 27: [4].principalArn: a role does not sign requests, but its sessions do: ` +
			`write arn:aws:sts::<account>:assumed-role/<role>/<session>`,
		`line 30: [5].principalArn: must have the form arn:aws:iam::<account>:user/<name>, arn:aws:iam::<account>:root, ` +
			`arn:aws:sts::<account>:assumed-role/<role>/<session> or arn:aws:sts::<account>:federated-user/<name>, but is "dora"`,
		`line 31: [6]: must be an object, but is a number: put it in quotes`,
	}
	_, err := Parse([]byte(text), account)
	if err == nil {
		t.Fatal("it was accepted")
	}
	if got := strings.ReplaceAll(err.Error(), "; ", "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestWhatIsNotAListOfAccessKeysIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":   "line 1: the credentials: must be a list of objects with accessKeyId and secretAccessKey, but are null",
		"[]": "line 1: the credentials: must have at least one access key, but the list is empty",
		"\n{\"accessKeyId\":\"anna\"}": "line 2: the credentials: must be a list of objects with accessKeyId and secretAccessKey, " +
			"but are an object",
		"aws_access_key_id=x\naws_secret_access_key=hush": "line 1: the credentials: must be a list of objects with accessKeyId and " +
			"secretAccessKey, but are a string",
		`[{"accessKeyId":"anna","secretAccessKey":"a","secretAccessKey":"b"}]`: `line 1: "secretAccessKey" is in the same object ` +
			`twice: remove one`,
		strings.Repeat(" ", MaximumBytes+1):                          "the credentials have 1048577 bytes: at most 1048576",
		"[" + strings.Repeat("17,", 101) + "17]":                     "line 1: [99]: must be an object, but is a number: put it in quotes; and 2 more",
		"- accessKeyId: anna\n  secretAccessKey: !hush\n":            "line 2: a tag, which begins with !, is not supported: remove it, or put the value in quotes",
		"- accessKeyId: anna\n  secretAccessKey: *hush\n":            "line 2: the document is not valid YAML: a value that begins with * must be in quotes",
		"- &hush x\n- accessKeyId: anna\n  secretAccessKey: *hush\n": "line 3: an alias, which begins with *, is not supported: write the value again, or put it in quotes",
	} {
		_, err := Parse([]byte(text), account)
		if err == nil || !strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%.80q: the error is %v, want %s", text, err, want)
		}
	}
}
