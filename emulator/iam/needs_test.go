package iam

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

// What each operation needs, of the Service Authorization Reference.
func TestWhatEachOperationNeeds(t *testing.T) {
	const (
		anything = "arn:aws:ivschat:eu-west-1:111122223333:"
		room     = anything + "room/RoomNumber01"
		logging  = anything + "logging-configuration/LoggingConf1"
	)
	needs := map[string]struct{ member, resource string }{
		"CreateChatToken":            {"roomIdentifier", room},
		"CreateLoggingConfiguration": {"", anything + "logging-configuration/*"},
		"CreateRoom":                 {"", anything + "room/*"},
		"DeleteLoggingConfiguration": {"identifier", logging},
		"DeleteMessage":              {"roomIdentifier", room},
		"DeleteRoom":                 {"identifier", room},
		"DisconnectUser":             {"roomIdentifier", room},
		"GetLoggingConfiguration":    {"identifier", logging},
		"GetRoom":                    {"identifier", room},
		"ListLoggingConfigurations":  {"", anything + "logging-configuration/*"},
		"ListRooms":                  {"", anything + "room/*"},
		"ListTagsForResource":        {"resourceArn", logging},
		"SendEvent":                  {"roomIdentifier", room},
		"TagResource":                {"resourceArn", room},
		"UntagResource":              {"resourceArn", logging},
		"UpdateLoggingConfiguration": {"identifier", logging},
		"UpdateRoom":                 {"identifier", room},
	}
	owner := ivschat.Owner{AccountID: "111122223333", Region: "eu-west-1"}
	for _, operation := range model.Names() {
		need, known := needs[operation]
		if !known {
			t.Errorf("it is not known what %s needs", operation)
		}
		// The other members must not matter, whatever they are.
		members := map[string]any{
			"name": "x", "tags": map[string]any{}, "loggingConfigurationIdentifier": logging,
			"loggingConfigurationIdentifiers": []any{logging},
		}
		for _, member := range []string{"roomIdentifier", "identifier", "resourceArn"} {
			members[member] = "arn:aws:ivschat:us-east-1:999999999999:room/AnotherRoom1"
		}
		members[need.member] = need.resource
		want := []Need{{"ivschat:" + operation, need.resource}}
		if got := Needs(operation, owner, members); !slices.Equal(got, want) {
			t.Errorf("%s needs %v, want %v", operation, got, want)
		}
		members["tags"] = map[string]any{"team": "a"}
		if operation == "CreateRoom" || operation == "CreateLoggingConfiguration" {
			want = append(want, Need{"ivschat:TagResource", need.resource})
		}
		if got := Needs(operation, owner, members); !slices.Equal(got, want) {
			t.Errorf("with tags, %s needs %v, want %v", operation, got, want)
		}
		for _, need := range want {
			if got := need.account(); got != "111122223333" {
				t.Errorf("the account of %s is %s", need.Resource, got)
			}
		}
	}
}

func TestThePrincipalIsReadFromItsARN(t *testing.T) {
	const account = "111122223333"
	for arn, want := range map[string]string{
		"arn:aws:iam::111122223333:user/anna":                    "User anna arn:aws:iam::111122223333:user/anna AIDA",
		"arn:aws:iam::111122223333:user/team/blue/anna":          "User anna arn:aws:iam::111122223333:user/team/blue/anna AIDA",
		"arn:aws:iam::111122223333:root":                         "Account  arn:aws:iam::111122223333:root 111122223333",
		"arn:aws:sts::111122223333:assumed-role/app/i-1":         "AssumedRole  arn:aws:iam::111122223333:role/app AROA:i-1",
		"arn:aws:sts::111122223333:federated-user/anna@mail.com": "FederatedUser  arn:aws:sts::111122223333:federated-user/anna@mail.com 111122223333:anna@mail.com",
	} {
		caller := &Caller{Account: account, PrincipalARN: arn}
		r := request{caller: caller}
		id := r.text("aws:userid")
		if len(id) >= 21 && (id[:4] == "AIDA" || id[:4] == "AROA") {
			id = id[:4] + id[21:]
		}
		got := fmt.Sprintf("%s %s %s %s", r.text("aws:PrincipalType"), r.text("aws:username"), r.text("aws:PrincipalArn"), id)
		if got != want {
			t.Errorf("%s is %q, want %q", arn, got, want)
		}
	}
}
