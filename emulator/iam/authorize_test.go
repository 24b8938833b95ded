package iam

import (
	"errors"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

const room = "arn:aws:ivschat:us-east-1:000000000000:room/RoomNumber01"

// callerWith returns a caller with the policies.
func callerWith(t *testing.T, policies string) *Caller {
	t.Helper()
	callers, err := Parse([]byte(`[{"accessKeyId":"anna","secretAccessKey":"hush","policies":[`+policies+`]}]`), account)
	if err != nil {
		t.Fatal(err)
	}
	return callers.All()[0]
}

// attempt returns a request about the room, whose tags come from a function.
func attempt(operation string, tags func(ivschat.ARN) (ivschat.Tags, error)) Attempt {
	return Attempt{
		Operation: operation, Owner: ivschat.Owner{AccountID: account, Region: "us-east-1"},
		Members: map[string]any{"identifier": room, "resourceArn": room, "roomIdentifier": room}, Tags: tags,
	}
}

const forTeams = `{"Version":"2012-10-17","Statement":[` +
	`{"Effect":"Allow","Action":"ivschat:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}},` +
	`{"Effect":"Allow","Action":"ivschat:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"blue"}}}]}`

func TestTagsAreReadOnceAndOnlyIfAPolicyAsksForThem(t *testing.T) {
	for name, test := range map[string]struct {
		policies, operation string
		want                int
	}{
		"a policy that asks":                   {forTeams, "GetRoom", 1},
		"one that does not":                    {`"IVSFullAccess"`, "GetRoom", 0},
		"a resource that does not exist yet":   {forTeams + `,"IVSFullAccess"`, "CreateRoom", 0},
		"one that asks for another operation":  {`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ivschat:SendEvent","Resource":"*","Condition":{"Null":{"aws:ResourceTag/a":"true"}}}},"IVSFullAccess"`, "GetRoom", 0},
		"one that asks after another does not": {`"IVSFullAccess",` + forTeams, "GetRoom", 0},
	} {
		read := 0
		permissions, err := callerWith(t, test.policies).Authorize(attempt(test.operation, func(arn ivschat.ARN) (ivschat.Tags, error) {
			if read++; arn.String() != room {
				t.Errorf("%s: the tags of %s are read", name, arn)
			}
			return ivschat.Tags{"team": "blue"}, nil
		}))
		if err != nil || len(permissions) != 1 || permissions[0].Effect != policy.Allowed {
			t.Errorf("%s: %+v (%v)", name, permissions, err)
		}
		if read != test.want {
			t.Errorf("%s: the tags are read %d times, want %d", name, read, test.want)
		}
	}
}

func TestARequestFailsIfTagsCannotBeRead(t *testing.T) {
	broken := errors.New("it broke")
	caller := callerWith(t, forTeams+`,"IVSFullAccess"`)
	permissions, err := caller.Authorize(attempt("GetRoom", func(ivschat.ARN) (ivschat.Tags, error) { return nil, broken }))
	if !errors.Is(err, broken) || len(permissions) > 0 {
		t.Errorf("%+v (%v)", permissions, err)
	}
	permissions, err = caller.Authorize(attempt("GetRoom", func(arn ivschat.ARN) (ivschat.Tags, error) {
		return nil, ivschat.NotFound(arn)
	}))
	if err != nil || permissions[0].Policy != "IVSFullAccess" {
		t.Errorf("a room that does not exist: %+v (%v)", permissions, err)
	}
}

func TestTheLetterCaseOfATagKeyDoesNotMatterUnlessSeveralDifferInIt(t *testing.T) {
	for key, want := range map[string]string{"team": "1", "Team": "2", "TEAM": "2", "Cost": "3"} {
		got, found := find(ivschat.Tags{"team": "1", "Team": "2", "cost": "3"}, key)
		if !found || got[0] != want {
			t.Errorf("%s is %v, want %s", key, got, want)
		}
	}
	if _, found := find(ivschat.Tags{"team": "1"}, "teams"); found {
		t.Error("a tag that is not there was found")
	}
}

// A condition key that policies can use, but that no request has, would make a policy useless without a word.
func TestARequestHasEveryConditionKeyThatAppliesToIt(t *testing.T) {
	a := attempt("TagResource", func(ivschat.ARN) (ivschat.Tags, error) { return ivschat.Tags{"team": "blue"}, nil })
	a.Members["tags"] = map[string]any{"team": "blue"}
	a.SourceIP, a.UserAgent = "192.0.2.1", "curl"
	r := request{caller: callerWith(t, ""), attempt: a, need: Need{"ivschat:TagResource", room}}
	for _, key := range policy.ConditionKeys() {
		name := key.Name
		if name == "aws:ResourceTag/" || name == "aws:RequestTag/" {
			name += "team"
		}
		values, found := r.value(name)
		if wanted := name != "aws:PrincipalTag/"; found != wanted || found && values[0] == "" { // principals have no tags
			t.Errorf("%s is %q", name, values)
		}
	}
}
