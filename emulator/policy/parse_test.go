package policy_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

// parseError returns what is wrong with a document, one mistake a line.
func parseError(t *testing.T, document string) string {
	t.Helper()
	p, err := policy.Parse("test", []byte(document))
	if (p == nil) != (err != nil) {
		t.Errorf("%s\nthe policy is %v, and the error %v", document, p, err)
	}
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "; ", "\n")
}

func TestAMistakeInAPolicyIsTold(t *testing.T) {
	for document, want := range map[string]string{
		``:                             `line 1: must be an object, but is null`,
		`[]`:                           `line 1: must be an object, but is a list`,
		`{}`:                           `line 1: Statement is missing`,
		`"Statement"`:                  `line 1: must be an object, but is a string`,
		`{"Statement": []}`:            `line 1: Statement: the list is empty`,
		"{\n\"Statement\": [\n3]}":     `line 3: Statement[0]: must be an object, but is a number`,
		"{\n\"Statement\": true}":      `line 2: Statement: must be an object, but is true`,
		"{\n\"Statements\":\n[]}":      "line 2: the element \"Statements\" is unknown: did you mean Statement?\nline 1: Statement is missing",
		"Version: 2012-10-18\nId: 3\n": "line 1: Version: must be 2012-10-17 or 2008-10-17, but is \"2012-10-18\"\nline 2: Id: must be a string, but is a number\nline 1: Statement is missing",
		"Statement:\n- Sid: a\n":       "line 2: Statement[0]: Effect is missing: write Allow or Deny\nline 2: Statement[0]: Action or NotAction is missing\nline 2: Statement[0]: Resource or NotResource is missing",
	} {
		if got := parseError(t, document); got != want {
			t.Errorf("%s\n%s\nwant\n%s", document, got, want)
		}
	}
}

func TestAMistakeInAStatementIsTold(t *testing.T) {
	for members, want := range map[string]string{
		`Sid: a-b, `:                                                     `Statement[0].Sid: must have letters and digits only, but is "a-b"`,
		`Sid: 1, `:                                                       `Statement[0].Sid: must be a string, but is a number`,
		`Sid: a, Principal: "*", `:                                       `Statement[0].Principal: an identity-based policy cannot have it: remove it`,
		`NotPrincipal: {AWS: "*"}, `:                                     `Statement[0].NotPrincipal: an identity-based policy cannot have it: remove it`,
		`NotAction: ivs:*, `:                                             `Statement[0].NotAction: the statement also has Action: remove one of the two`,
		`NotResource: "*", `:                                             `Statement[0].NotResource: the statement also has Resource: remove one of the two`,
		`Conditions: {}, `:                                               `Statement[0]: the element "Conditions" is unknown: did you mean Condition?`,
		`effect: Deny, `:                                                 `Statement[0]: the element "effect" is unknown: did you mean Effect?`,
		`Colour: blue, `:                                                 `Statement[0]: the element "Colour" is unknown`,
		`Condition: [], `:                                                `Statement[0].Condition: must be an object of operators, but is a list`,
		`Condition: {Bool: true}, `:                                      `Statement[0].Condition.Bool: must be an object of condition keys, but is true`,
		`Condition: {Boolean: {}}, `:                                     `Statement[0].Condition: the condition operator "Boolean" is unknown: use one of ArnEquals, ArnLike, ArnNotEquals, ArnNotLike, BinaryEquals, Bool, DateEquals, DateGreaterThan, DateGreaterThanEquals, DateLessThan, DateLessThanEquals, DateNotEquals, IpAddress, NotIpAddress, Null, NumericEquals, NumericGreaterThan, NumericGreaterThanEquals, NumericLessThan, NumericLessThanEquals, NumericNotEquals, StringEquals, StringEqualsIgnoreCase, StringLike, StringNotEquals, StringNotEqualsIgnoreCase, StringNotLike`,
		`Condition: {"": {}}, `:                                          `Statement[0].Condition: the condition operator "" is unknown: use one of ArnEquals, ArnLike, ArnNotEquals, ArnNotLike, BinaryEquals, Bool, DateEquals, DateGreaterThan, DateGreaterThanEquals, DateLessThan, DateLessThanEquals, DateNotEquals, IpAddress, NotIpAddress, Null, NumericEquals, NumericGreaterThan, NumericGreaterThanEquals, NumericLessThan, NumericLessThanEquals, NumericNotEquals, StringEquals, StringEqualsIgnoreCase, StringLike, StringNotEquals, StringNotEqualsIgnoreCase, StringNotLike`,
		`Condition: {BoolIfExist: {}}, `:                                 `Statement[0].Condition: the condition operator "BoolIfExist" is unknown: did you mean BoolIfExists?`,
		`Condition: {stringequals: {}}, `:                                `Statement[0].Condition: the condition operator "stringequals" is unknown: did you mean StringEquals?`,
		`Condition: {"ForAllValues:StringLke": {}}, `:                    `Statement[0].Condition: the condition operator "ForAllValues:StringLke" is unknown: did you mean ForAllValues:StringLike?`,
		`Condition: {"ForAnyValue:StringLkeIfExists": {}}, `:             `Statement[0].Condition: the condition operator "ForAnyValue:StringLkeIfExists" is unknown: did you mean ForAnyValue:StringLikeIfExists?`,
		`Condition: {"ForAnyValues:StringLike": {}}, `:                   `Statement[0].Condition: the prefix "ForAnyValues" of an operator is unknown: it can be ForAllValues or ForAnyValue`,
		`Condition: {"For:StringLike": {}}, `:                            `Statement[0].Condition: the prefix "For" of an operator is unknown: it can be ForAllValues or ForAnyValue`,
		`Condition: {NullIfExists: {}}, `:                                `Statement[0].Condition: the operator Null has no prefix and no suffix`,
		`Condition: {"ForAnyValue:Null": {}}, `:                          `Statement[0].Condition: the operator Null has no prefix and no suffix`,
		`Condition: {StringLike: {aws:TagKeys: x}}, `:                    `Statement[0].Condition.StringLike: aws:TagKeys can have several values: write ForAllValues:StringLike or ForAnyValue:StringLike`,
		`Condition: {StringLike: {aws:usrname: x}}, `:                    `Statement[0].Condition.StringLike: the condition key "aws:usrname" is unknown or not supported: did you mean aws:username?`,
		`Condition: {StringLike: {aws:ResourceTags/a: x}}, `:             `Statement[0].Condition.StringLike: the condition key "aws:ResourceTags/a" is unknown or not supported: did you mean aws:ResourceTag/a?`,
		`Condition: {StringLike: {aws:ResourceTag/: x}}, `:               `Statement[0].Condition.StringLike: the condition key "aws:ResourceTag/" is unknown or not supported: did you mean aws:ResourceTag/TAG?`,
		`Condition: {StringLike: {"s3:prefix": x}}, `:                    `Statement[0].Condition.StringLike: the condition key "s3:prefix" is unknown or not supported: use one of aws:CurrentTime, aws:EpochTime, aws:PrincipalAccount, aws:PrincipalArn, aws:PrincipalTag/TAG, aws:PrincipalType, aws:RequestTag/TAG, aws:RequestedRegion, aws:ResourceAccount, aws:ResourceTag/TAG, aws:SecureTransport, aws:SourceIp, aws:TagKeys, aws:UserAgent, aws:userid, aws:username`,
		`Condition: {StringLike: {aws:username: x, AWS:Username: y}}, `:  `Statement[0].Condition.StringLike: the key "AWS:Username" is there twice, because letter case does not matter: remove one`,
		`Condition: {StringLike: {aws:username: []}}, `:                  `Statement[0].Condition.StringLike.aws:username: the list is empty`,
		`Condition: {StringLike: {aws:username: null}}, `:                `Statement[0].Condition.StringLike.aws:username: must be a string, a number, true or false, but is null`,
		`Condition: {StringLike: {aws:username: [x, {}]}}, `:             `Statement[0].Condition.StringLike.aws:username[1]: must be a string, a number, true or false, but is an object`,
		`Condition: {NumericEquals: {aws:EpochTime: ten}}, `:             `Statement[0].Condition.NumericEquals.aws:EpochTime: "ten" is not a number such as 10 or 2.5`,
		`Condition: {NumericEquals: {aws:EpochTime: 1e9}}, `:             `Statement[0].Condition.NumericEquals.aws:EpochTime: "1e9" is not a number such as 10 or 2.5`,
		`Condition: {NumericEquals: {aws:EpochTime: "${aws:userid}"}}, `: `Statement[0].Condition.NumericEquals.aws:EpochTime: "${aws:userid}" is not a number such as 10 or 2.5`,
		`Condition: {DateEquals: {aws:CurrentTime: 31.1.2026}}, `:        `Statement[0].Condition.DateEquals.aws:CurrentTime: "31.1.2026" is not a date such as 2026-01-31T12:00:00Z, and not seconds since 1970`,
		`Condition: {DateEquals: {aws:CurrentTime: 2026-02-30}}, `:       `Statement[0].Condition.DateEquals.aws:CurrentTime: "2026-02-30" is not a date such as 2026-01-31T12:00:00Z, and not seconds since 1970`,
		`Condition: {Bool: {aws:SecureTransport: yes}}, `:                `Statement[0].Condition.Bool.aws:SecureTransport: "yes" is not true or false`,
		`Condition: {"Null": {aws:username: 1}}, `:                       `Statement[0].Condition.Null.aws:username: "1" is not true or false`,
		`Condition: {BinaryEquals: {aws:userid: "%"}}, `:                 `Statement[0].Condition.BinaryEquals.aws:userid: "%" is not base64`,
		`Condition: {IpAddress: {aws:SourceIp: 203.0.113.0/33}}, `:       `Statement[0].Condition.IpAddress.aws:SourceIp: "203.0.113.0/33" is not an IP address, and not a range such as 203.0.113.0/24`,
		`Condition: {NotIpAddress: {aws:SourceIp: 203.0.113.*}}, `:       `Statement[0].Condition.NotIpAddress.aws:SourceIp: "203.0.113.*" is not an IP address, and not a range such as 203.0.113.0/24`,
		`Condition: {IpAddress: {aws:SourceIp: "fe80::1%eth0"}}, `:       `Statement[0].Condition.IpAddress.aws:SourceIp: "fe80::1%eth0" is not an IP address, and not a range such as 203.0.113.0/24`,
		`Condition: {ArnLike: {aws:PrincipalArn: anna}}, `:               `Statement[0].Condition.ArnLike.aws:PrincipalArn: must be * or an ARN, which has six parts with colons between them, but is "anna"`,
		`Condition: {StringLike: {aws:userid: "${aws:username"}}, `:      `Statement[0].Condition.StringLike.aws:userid: the variable "${aws:username" has no }: a $ character is written ${$}`,
		`Condition: {StringLike: {aws:userid: "${aws:usrname}"}}, `:      `Statement[0].Condition.StringLike.aws:userid: the variable ${aws:usrname} is unknown: did you mean aws:username?`,
		`Condition: {StringLike: {aws:userid: "${aws:TagKeys}"}}, `:      `Statement[0].Condition.StringLike.aws:userid: ${aws:TagKeys} cannot be a variable, because the key can have several values`,
		`Condition: {StringLike: {aws:userid: "${aws:username, x}"}}, `:  `Statement[0].Condition.StringLike.aws:userid: the variable "${aws:username, x}" has no default value in quotes: write it as in ${aws:username, 'nobody'}`,
		`Condition: {DateEquals: {aws:CurentTime: 2026}}, `:              `Statement[0].Condition.DateEquals: the condition key "aws:CurentTime" is unknown or not supported: did you mean aws:CurrentTime?`,
		`Condition: {StringLike: {aws:usernam/x: x}}, `:                  `Statement[0].Condition.StringLike: the condition key "aws:usernam/x" is unknown or not supported: did you mean aws:username?`,
		`Condition: {StringLike: {aws:ResourceTag: x}}, `:                `Statement[0].Condition.StringLike: the condition key "aws:ResourceTag" is unknown or not supported: did you mean aws:ResourceTag/TAG?`,
		`Condition: {StringLike: {aws:userid: "${}"}}, `:                 `Statement[0].Condition.StringLike.aws:userid: the variable ${} is unknown: use one of aws:CurrentTime, aws:EpochTime, aws:PrincipalAccount, aws:PrincipalArn, aws:PrincipalTag/TAG, aws:PrincipalType, aws:RequestTag/TAG, aws:RequestedRegion, aws:ResourceAccount, aws:ResourceTag/TAG, aws:SecureTransport, aws:SourceIp, aws:TagKeys, aws:UserAgent, aws:userid, aws:username`,
		`Condition: {StringLike: {aws:userid: "${aws:userid, 'x"}}, `:    `Statement[0].Condition.StringLike.aws:userid: the variable "${aws:userid, 'x" has no default value in quotes: write it as in ${aws:username, 'nobody'}`,
		`Condition: {StringLike: {aws:userid: "${aws:userid, x'}"}}, `:   `Statement[0].Condition.StringLike.aws:userid: the variable "${aws:userid, x'}" has no default value in quotes: write it as in ${aws:username, 'nobody'}`,
		`Condition: {StringLike: {aws:userid: "${aws:userid, 'x'"}}, `:   `Statement[0].Condition.StringLike.aws:userid: the variable "${aws:userid, 'x'" has no default value in quotes: write it as in ${aws:username, 'nobody'}`,
	} {
		document := "Version: 2012-10-17\nStatement:\n- {" + members + "Effect: Allow, Action: \"*\", Resource: \"*\"}"
		if got := parseError(t, document); got != "line 3: "+want {
			t.Errorf("%s\n%s\nwant\nline 3: %s", members, got, want)
		}
	}
}

func TestAMistakeInAnElementIsTold(t *testing.T) {
	for members, want := range map[string]string{
		`Effect: allow, Action: "*", Resource: "*"`:   `Effect: must be Allow or Deny, but is "allow": did you mean Allow?`,
		`Effect: Permit, Action: "*", Resource: "*"`:  `Effect: must be Allow or Deny, but is "Permit"`,
		`Effect: "", Action: "*", Resource: "*"`:      `Effect: must not be empty`,
		`Effect: [Allow], Action: "*", Resource: "*"`: `Effect: must be a string, but is a list`,
		`Effect: null, Action: "*", Resource: "*"`:    `Effect: must be a string, but is null`,

		`Effect: Deny, Action: [], Resource: "*"`:                  `Action: the list is empty`,
		`Effect: Deny, Action: "", Resource: "*"`:                  `Action: must not be empty`,
		`Effect: Deny, Action: {}, Resource: "*"`:                  `Action: must be a string, but is an object`,
		`Effect: Deny, Action: ["*", 7], Resource: "*"`:            `Action[1]: must be a string, but is a number`,
		`Effect: Deny, Action: GetRoom, Resource: "*"`:             `Action: must be * or an action with its service, such as ivschat:CreateRoom, but is "GetRoom"`,
		`Effect: Deny, Action: "ivschat:", Resource: "*"`:          `Action: must be * or an action with its service, such as ivschat:CreateRoom, but is "ivschat:"`,
		`Effect: Deny, Action: ":GetRoom", Resource: "*"`:          `Action: must be * or an action with its service, such as ivschat:CreateRoom, but is ":GetRoom"`,
		`Effect: Deny, Action: ivschat:GetRom, Resource: "*"`:      `Action: there is no action "ivschat:GetRom": did you mean ivschat:GetRoom?`,
		`Effect: Deny, Action: ivschat:PutMetadata, Resource: "*"`: `Action: there is no action "ivschat:PutMetadata"`,
		`Effect: Deny, NotAction: ivschat:GetRom, Resource: "*"`:   `NotAction: there is no action "ivschat:GetRom": did you mean ivschat:GetRoom?`,
		`Effect: Deny, Action: ivs-chat:GetRoom, Resource: "*"`:    `Action: there is no action "ivs-chat:GetRoom": did you mean ivschat:GetRoom?`,
		`Effect: Deny, Action: ivschats:*, Resource: "*"`:          `Action: there is no action "ivschats:*": did you mean ivschat:*?`,
		`Effect: Deny, Action: ivs:createroom, Resource: "*"`:      `Action: there is no action "ivs:createroom": did you mean ivschat:createroom?`,

		`Effect: Deny, Action: "*", Resource: []`:                                  `Resource: the list is empty`,
		`Effect: Deny, Action: "*", Resource: ""`:                                  `Resource: must not be empty`,
		`Effect: Deny, Action: "*", Resource: my-room`:                             `Resource: must be * or an ARN, such as arn:aws:ivschat:*:*:room/*, but is "my-room"`,
		`Effect: Deny, Action: "*", NotResource: ["*", Arn:x]`:                     `NotResource[1]: must be * or an ARN, such as arn:aws:ivschat:*:*:room/*, but is "Arn:x"`,
		`Effect: Deny, Action: "*", Resource: arn:aws:ivschat:room/x`:              `Resource: an ARN has six parts with colons between them, but the value is "arn:aws:ivschat:room/x"`,
		`Effect: Deny, Action: "*", Resource: "arn:aws:ivschat:${aws:userid}:1:a"`: `Resource: a variable must be after the fifth colon of an ARN, but the value is "arn:aws:ivschat:${aws:userid}:1:a"`,
		`Effect: Deny, Action: "*", Resource: "arn:aws:ivschat:::room/${s3:x}"`:    `Resource: the variable ${s3:x} is unknown: use one of aws:CurrentTime, aws:EpochTime, aws:PrincipalAccount, aws:PrincipalArn, aws:PrincipalTag/TAG, aws:PrincipalType, aws:RequestTag/TAG, aws:RequestedRegion, aws:ResourceAccount, aws:ResourceTag/TAG, aws:SecureTransport, aws:SourceIp, aws:TagKeys, aws:UserAgent, aws:userid, aws:username`,
	} {
		document := "Version: 2012-10-17\nStatement:\n\n  {" + members + "}"
		if got := parseError(t, document); got != "line 4: Statement."+want {
			t.Errorf("%s\n%s\nwant\nline 4: Statement.%s", members, got, want)
		}
	}
}

func TestEveryMistakeIsToldWithItsLine(t *testing.T) {
	const document = `{
  "Version": "2012-10-17",
  "Statment": [],
  "Statement": [
    {
      "Sid": "One",
      "Effect": "Allow",
      "Action": [
        "ivschat:GetRoom",
        "ivschat:GetRooms",
        "ivschat:Creat*",
        7
      ],
      "Resource": "room/x"
    },
    {
      "Sid": "One",
      "Effect": "Alow",
      "Action": "ivschat:*",
      "Resource": "*",
      "Condition": {
        "StringEquals": {
          "aws:ResourceTag/team": [
            "blue",
            "${aws:user}"
          ],
          "aws:Colour": "red"
        },
        "NotIpAdress": {"aws:SourceIp": "1.2.3.4"}
      }
    }
  ]
}`
	const want = `line 3: the element "Statment" is unknown: did you mean Statement?
line 10: Statement[0].Action[1]: there is no action "ivschat:GetRooms": did you mean ivschat:GetRoom?
line 12: Statement[0].Action[3]: must be a string, but is a number
line 14: Statement[0].Resource: must be * or an ARN, such as arn:aws:ivschat:*:*:room/*, but is "room/x"
line 17: Statement[1].Sid: another statement also has the Sid "One"
line 18: Statement[1].Effect: must be Allow or Deny, but is "Alow": did you mean Allow?
line 25: Statement[1].Condition.StringEquals.aws:ResourceTag/team[1]: the variable ${aws:user} is unknown: did you mean aws:userid?
line 27: Statement[1].Condition.StringEquals: the condition key "aws:Colour" is unknown or not supported: use one of aws:CurrentTime, aws:EpochTime, aws:PrincipalAccount, aws:PrincipalArn, aws:PrincipalTag/TAG, aws:PrincipalType, aws:RequestTag/TAG, aws:RequestedRegion, aws:ResourceAccount, aws:ResourceTag/TAG, aws:SecureTransport, aws:SourceIp, aws:TagKeys, aws:UserAgent, aws:userid, aws:username
line 29: Statement[1].Condition: the condition operator "NotIpAdress" is unknown: did you mean NotIpAddress?`
	if got := parseError(t, document); got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
}

// People paste whole policies, whose statements about other services have other keys and variables.
func TestStatementsAboutOtherServicesMayHaveTheirOwnActionsKeysAndVariables(t *testing.T) {
	p := parse(t, "2012-10-17", `
{Effect: Allow, Action: "s3:Get*", Resource: "arn:aws:s3:::bucket/${s3:prefix}", Condition: {
  StringLike: {"s3:prefix": ["home/${aws:FederatedProvider}/*"]}, StringEquals: {aws:TagKeys: x}}},
{Effect: Allow, Action: [ivs:GetChannel, ivs:TagResource, ivs:ListTagsForResource], Resource: "*"},
{Effect: Allow, NotAction: "*", Resource: "*", Condition: {Bool: {aws:MultiFactorAuthPresent: true}}},
{Effect: Allow, Action: ivschat:GetRoom, Resource: "*"}`)
	if got := evaluate(p, policy.Request{Action: "ivschat:GetRoom", Resource: room}); got != allow {
		t.Errorf("it is %s", got)
	}
	if got := evaluate(p, policy.Request{
		Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/home/x/",
		Value: keys("s3:prefix=home/x/; aws:FederatedProvider=x; aws:TagKeys=x"),
	}); got != allow {
		t.Errorf("a request to S3 is %s", got)
	}
	want := `line 3: Statement[0].Condition.StringEquals: the condition key "prefix" has no prefix, such as aws:`
	if got := parseError(t, `Statement:
- Effect: Allow
  Condition: {StringEquals: {prefix: x}}
  Action: s3:*
  Resource: "*"`); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestAStatementThatAlsoConcernsTheServiceMustHaveKnownKeys(t *testing.T) {
	for _, statement := range []string{
		`Action: "*"`, `Action: ["s3:*", "ivschat:GetRoom"]`, `Action: "*:Get*"`, `NotAction: "s3:*"`, `NotAction: ivschat:GetRoom`,
	} {
		document := "Statement: {" + statement + ", Effect: Deny, Resource: '*', Condition: {Bool: {aws:MultiFactorAuthPresent: true}}}"
		if got := parseError(t, document); !strings.Contains(got, `"aws:MultiFactorAuthPresent" is unknown or not supported`) {
			t.Errorf("%s: %s", statement, got)
		}
	}
}

func TestDocumentsThatAreNotJSONOrYAMLAreRefused(t *testing.T) {
	deep := strings.Repeat(`[`, 70) + strings.Repeat(`]`, 70)
	for document, want := range map[string]string{
		"{\n\"Statement\": [\n":                   "line 3: the document is not valid JSON: it ends too early",
		"{\n\"Statement\": [],\n}":                "line 3: the document is not valid JSON: invalid character '}'",
		"{\n\"Statement\"\n\n7}":                  "line 4: the document is not valid JSON: invalid character '7' after object key",
		"{}\n{}":                                  "line 2: something follows the JSON document: remove it",
		"{}\n\n]":                                 "line 3: the document is not valid JSON: invalid character ']'",
		"{\"Id\": \"a\nb\"}":                      "line 1: the document is not valid JSON: invalid character '\\n' in string literal",
		"{\"a\":1,\n\"b\":2,\n\"a\":3}":           "line 3: \"a\" is in the same object twice: remove one",
		"{\"a\":[{\"b\":1,\n\"b\":2}],\n\"a\":3}": "line 2: \"b\" is in the same object twice: remove one\nline 3: \"a\" is in the same object twice: remove one",
		"a: 1\nb: 2\na: 3":                        "line 3: \"a\" is in the same object twice: remove one",
		"a: 1\n---\nb: 2":                         "line 2: a second YAML document begins: remove it",
		"a: 1\n b: 2":                             "line 2: the document is not valid YAML: ",
		"a: \xff":                                 "line 1: the document is not valid YAML: ",
		"a: &x 1\nb: *x":                          "line 2: an alias, which begins with *, is not supported: write the value again, or put it in quotes",
		"a: 1\nb: !colour red":                    "line 2: a tag, which begins with !, is not supported: remove it, or put the value in quotes",
		"a: {b: 1}\n<<: {c: 1}":                   "line 2: the merge key << is not supported: write the members again",
		"a: 1\n---\nb: ]":                         "line 3: the document is not valid YAML: ",
		"a: 1\nb: *x":                             "line 2: the document is not valid YAML: a value that begins with * must be in quotes",
		"{\n\"<<\": 1}":                           "line 2: the element \"<<\" is unknown\nline 1: Statement is missing",
		"? [a]\n: 1":                              "line 1: the name of a member must be a string",
		"{\n\"Id\": " + deep + "}":                "line 2: the document is nested too deeply: at most 64 levels",
		"Id: " + deep:                             "line 1: the document is nested too deeply: at most 64 levels",
		strings.Repeat(" ", 64<<10) + "{":         "the policy has 65537 bytes: at most 65536",
	} {
		if got := parseError(t, document); !strings.HasPrefix(got, want) {
			t.Errorf("%.80q\n%s\nwant\n%s", document, got, want)
		}
	}
}

func TestADocumentHasALimitedDepth(t *testing.T) {
	for _, begin := range []string{"", "--- "} { // JSON and YAML
		for levels, ok := range map[int]bool{64: true, 65: false} {
			text := begin + strings.Repeat("[", levels) + strings.Repeat("]", levels)
			if _, err := policy.ReadDocument([]byte(text)); (err == nil) != ok {
				t.Errorf("%d levels after %q: %v", levels, begin, err)
			}
		}
	}
}

func TestTheNamesOfAJSONDocumentAreStrings(t *testing.T) {
	document, err := policy.ReadDocument([]byte(`{"1": "2"}`))
	if err != nil || document.Content[0].ShortTag() != "!!str" || document.Content[1].ShortTag() != "!!str" {
		t.Errorf("the document is %+v, %v", document, err)
	}
}

func TestTextsOfAPolicyHaveALimitedLength(t *testing.T) {
	long := strings.Repeat("x", 2049)
	got := parseError(t, `{"Statement": {"Effect": "Allow", "Action": "s3:`+long+`", "Resource": "arn:aws:s3:::`+long+`",
"Condition": {"StringEquals": {"s3:prefix": ["x", "`+long+`"]}}}}`)
	want := `line 1: Statement.Action: the text has 2052 bytes: at most 2048
line 1: Statement.Resource: the text has 2062 bytes: at most 2048
line 2: Statement.Condition.StringEquals.s3:prefix[1]: the text has 2049 bytes: at most 2048`
	if got != want {
		t.Errorf("\n%s\nwant\n%s", got, want)
	}
}

func TestAJSONDocumentMayHaveTabsAndEscapes(t *testing.T) {
	p, err := policy.Parse("test", []byte("\r\n{\r\n\t\"Version\":\"2012-10-17\",\t\t \r\n\t\"Statement\":{\r\n\t\"Effect\":\"Allow\","+
		"\"Action\":\"ivschat:\\u0047etRoom\",\"Resource\":\"arn:aws:ivschat:*:*:room\\/*\",\r\n"+
		"\"Condition\":{\"StringEquals\":{\"aws:username\":\"\\ud83d\\ude00\"}}}}"))
	if err != nil {
		t.Fatal(err)
	}
	request := policy.Request{Action: "ivschat:GetRoom", Resource: room, Value: keys("aws:username=😀")}
	if got := evaluate(p, request); got != allow || p.Statements[0].Line != 4 {
		t.Errorf("it is %s, and the line of the statement %d", got, p.Statements[0].Line)
	}
}

func TestAStatementKnowsItsSidItsLineAndItsEffect(t *testing.T) {
	p, err := policy.Parse("team", []byte(`Id: cd3ad3d9-2776-4ef1-a904-4c229d1642ee
Version: "2008-10-17"
Statement:
  - Sid: First
    Effect: Allow
    Action: "*"
    Resource: "*"
  # the second has no Sid

  - Effect: Deny
    Sid: ""
    NotAction: [ivschat:GetRoom]
    NotResource: ["arn:aws:ivschat:*:*:room/*"]
    Condition: {}`))
	if err != nil {
		t.Fatal(err)
	}
	first, second := p.Statements[0], p.Statements[1]
	if p.Name != "team" || first.Sid != "First" || first.Line != 4 || !first.Allow ||
		second.Sid != "" || second.Line != 10 || second.Allow {
		t.Errorf("the policy is %+v", p)
	}
}

func TestAPolicyInsideALargerDocumentHasTheLinesOfThatDocument(t *testing.T) {
	for _, text := range []string{
		"callers:\n- accessKeyId: A\n  policies:\n  - IVSFullAccess\n  - Version: 2012-10-17\n    Statement:\n" +
			"    - Effect: Allow\n      Action: ivschat:GetRom\n      Resource: '*'\n",
		"{\"callers\": [\n{\"accessKeyId\": \"A\",\n\"policies\": [\n\"IVSFullAccess\",\n{\"Version\": \"2012-10-17\",\n" +
			"\"Statement\": [\n{\"Effect\": \"Allow\",\n\"Action\": \"ivschat:GetRom\",\n\"Resource\": \"*\"}]}]}]}",
	} {
		document, err := policy.ReadDocument([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		inside := document.Content[1].Content[0].Content[3].Content[1]
		want := `line 8: Statement[0].Action: there is no action "ivschat:GetRom": did you mean ivschat:GetRoom?`
		if p, err := policy.ParseNode("inside", inside); p != nil || err == nil || err.Error() != want {
			t.Errorf("%s\n%v\nwant\n%s", text, err, want)
		}
		inside.Content[3].Content[0].Content[3].Value = "ivschat:GetRoom"
		p, err := policy.ParseNode("inside", inside)
		if err != nil || p.Name != "inside" || p.Statements[0].Line != 7 {
			t.Errorf("%s\n%+v, %v", text, p, err)
		}
	}
}

// Nodes of package yaml were not checked by ReadDocument.
func TestANodeOfPackageYAMLIsChecked(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte("p:\n  a: &x 1\n  b: *x\n  c: !d e\n  a: 2"), &document); err != nil {
		t.Fatal(err)
	}
	_, err := policy.ParseNode("", document.Content[0].Content[1])
	want := `line 3: an alias, which begins with *, is not supported: write the value again, or put it in quotes; line 4: a tag, which begins with !, is not supported: remove it, or put the value in quotes; ` +
		`line 5: "a" is in the same object twice: remove one`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	large := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strings.Repeat("x", 64<<10), Line: 7}
	if _, err := policy.ParseNode("", &large); err == nil || err.Error() != "line 7: the policy is longer than 65536 bytes" {
		t.Errorf("a large node: %v", err)
	}
}
