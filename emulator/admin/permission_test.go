package admin_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func TestTheJournalSaysWhoCalledAndWhatDecided(t *testing.T) {
	router, err := gorillamux.NewRouter(loadDocument(t))
	if err != nil {
		t.Fatal(err)
	}
	e := emulatortest.Start(t, emulator.Config{Auth: emulator.AuthIAM, Credentials: `
- accessKeyId: anna
  secretAccessKey: hush
  account: "123456789012"
  policies:
    - Version: 2012-10-17
      Statement:
        - {Sid: Create, Effect: Allow, Action: "ivschat:CreateRoom", Resource: "*"}
        - {Effect: Deny, Action: "ivschat:ListRooms", Resource: "*"}
`})
	client := ivschat.NewFromConfig(e.Config(), func(o *ivschat.Options) { o.Retryer = aws.NopRetryer{} })
	_, _ = client.CreateRoom(t.Context(), &ivschat.CreateRoomInput{Tags: map[string]string{"a": "b"}}) // the journal has the answers
	_, _ = client.ListRooms(t.Context(), &ivschat.ListRoomsInput{})
	request(t, e, "POST", "/ListRooms", "{}")
	var answer struct{ Items []journal.Entry }
	if err := json.Unmarshal([]byte(checkAnswer(t, router, e, "GET", "journal", "", 200)), &answer); err != nil {
		t.Fatal(err)
	}
	const rooms = "arn:aws:ivschat:us-east-1:123456789012:room/*"
	want := [][]journal.PermissionEntry{
		{
			{Action: "ivschat:CreateRoom", Resource: rooms, Effect: "allowed", Policy: "inline policy 1", Statement: 1, Sid: "Create", Line: 8},
			{Action: "ivschat:TagResource", Resource: rooms, Effect: "implicitDeny"},
		},
		{{Action: "ivschat:ListRooms", Resource: rooms, Effect: "explicitDeny", Policy: "inline policy 1", Statement: 2, Line: 9}},
	}
	if len(answer.Items) != 3 || answer.Items[2].Caller != nil {
		t.Fatalf("the journal has %+v", answer.Items)
	}
	for i, want := range want {
		if c := answer.Items[i].Caller; c == nil || c.AccessKeyID != "anna" ||
			c.PrincipalARN != "arn:aws:iam::123456789012:user/anna" || !slices.Equal(c.Permissions, want) {
			t.Errorf("entry %d has %+v", i, c)
		}
	}
}
