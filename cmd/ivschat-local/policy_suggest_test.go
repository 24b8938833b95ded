package main

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// suggested returns the statements of the policy that is suggested for the entries of a journal, each in one line and
// without what all ARNs have, and what the program says on standard error.
func suggested(t *testing.T, flags string, entries ...journal.Entry) (statements, messages string) {
	t.Helper()
	file, err := json.Marshal(map[string]any{"document": journalDocument, "items": entries})
	if err != nil {
		t.Fatal(err)
	}
	command := self(t, nil, append([]string{"policy", "suggest", "--journal", "-"}, strings.Fields(flags)...)...)
	var stdout, stderr strings.Builder
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(file), &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", stderr.String()
	}
	var document policyDocument
	if err := json.Unmarshal([]byte(stdout.String()), &document); err != nil || document.Version != "2012-10-17" {
		t.Fatalf("%v: %s", err, &stdout)
	}
	var lines []string
	for _, s := range document.Statement {
		lines = append(lines, s.Sid+" "+s.Effect+": "+strings.Join(s.Action, " ")+" on "+strings.Join(s.Resource, " "))
	}
	return strings.NewReplacer(beginOfARN, "", "ivschat:", "").Replace(strings.Join(lines, "\n")), stderr.String()
}

const beginOfARN = "arn:aws:ivschat:eu-west-1:111122223333:"

// made returns a call that succeeded. In the request and in the response, @ stands for the beginning of an ARN.
func made(operation, request, response string) journal.Entry {
	e := journal.Entry{
		ID: 1, Kind: journal.Call, Account: "111122223333", Region: "eu-west-1", Operation: operation, Status: 200,
	}
	arns := strings.NewReplacer("@", beginOfARN)
	return e.WithRequest([]byte(arns.Replace(request))).WithResponse([]byte(arns.Replace(response)))
}

// failed returns a call that failed with the exception.
func failed(operation, request, exception string) journal.Entry {
	e := made(operation, request, "{}")
	e.Status, e.Exception = 400, exception
	return e
}

func TestTheSuggestedPolicyHasWhatTheCallsNeeded(t *testing.T) {
	for name, c := range map[string]struct {
		flags string
		calls []journal.Entry
		want  string
	}{
		"a list": {calls: []journal.Entry{made("ListRooms", "{}", "{}")}, want: "Rooms Allow: ListRooms on room/*"},
		"a room that exists": {
			calls: []journal.Entry{made("GetRoom", `{"identifier":"@room/a"}`, "{}")},
			want:  "Rooms Allow: GetRoom on room/a",
		},
		"a room of the run": {
			calls: []journal.Entry{
				made("CreateRoom", "{}", `{"arn":"@room/a"}`), made("GetRoom", `{"identifier":"@room/a"}`, "{}"),
			},
			want: "Rooms Allow: CreateRoom GetRoom on room/*",
		},
		"a room that exists, and one of the run": {
			calls: []journal.Entry{
				made("GetRoom", `{"identifier":"@room/b"}`, "{}"), made("CreateRoom", "{}", `{"arn":"@room/a"}`),
				made("GetRoom", `{"identifier":"@room/a"}`, "{}"), made("SendEvent", `{"roomIdentifier":"@room/b"}`, "{}"),
			},
			want: "Rooms Allow: CreateRoom GetRoom on room/*\nRooms2 Allow: SendEvent on room/b",
		},
		"tags": {
			calls: []journal.Entry{
				made("CreateLoggingConfiguration", `{"tags":{"a":"b"}}`, `{"arn":"@logging-configuration/a"}`),
				made("UntagResource", `{"resourceArn":"@room/a","tagKeys":["a"]}`, "{}"),
			},
			want: "Rooms Allow: UntagResource on room/a\n" +
				"LoggingConfigurations Allow: CreateLoggingConfiguration TagResource on logging-configuration/*",
		},
		"several rooms with the same actions": {
			calls: []journal.Entry{
				made("GetRoom", `{"identifier":"@room/b"}`, "{}"), made("GetRoom", `{"identifier":"@room/a"}`, "{}"),
				made("GetRoom", `{"identifier":"@room/c"}`, "{}"), made("DeleteRoom", `{"identifier":"@room/c"}`, "{}"),
			},
			want: "Rooms Allow: GetRoom on room/a room/b\nRooms2 Allow: DeleteRoom GetRoom on room/c",
		},
		"any room": {
			flags: "--any-room",
			calls: []journal.Entry{
				made("GetRoom", `{"identifier":"@room/b"}`, "{}"),
				made("GetLoggingConfiguration", `{"identifier":"@logging-configuration/c"}`, "{}"),
			},
			want: "Rooms Allow: GetRoom on room/*\n" +
				"LoggingConfigurations Allow: GetLoggingConfiguration on logging-configuration/*",
		},
		"calls that failed": {
			calls: []journal.Entry{
				failed("GetRoom", `{"identifier":"@room/b"}`, "ResourceNotFoundException"),
				failed("CreateRoom", "{}", "ServiceQuotaExceededException"),
				failed("CreateLoggingConfiguration", "{}", "ConflictException"),
				failed("ListRooms", "{}", "AccessDeniedException"), failed("ListRooms", "{}", "ThrottlingException"),
				failed("unknown", "{}", "UnknownOperationException"), failed("DeleteRoom", "{}", "ValidationException"),
			},
			want: "Rooms Allow: CreateRoom on room/*\nRooms2 Allow: GetRoom on room/b\n" +
				"LoggingConfigurations Allow: CreateLoggingConfiguration on logging-configuration/*",
		},
		"what was denied": {
			flags: "--denied",
			calls: []journal.Entry{
				failed("ListRooms", "{}", "AccessDeniedException"), failed("CreateRoom", "{}", "ThrottlingException"),
			},
			want: "Rooms Allow: ListRooms on room/*",
		},
		"a long journal": {
			calls: []journal.Entry{
				made("ListRooms", "{}", "{}"), {Kind: journal.Frame, Operation: "CreateRoom", Text: strings.Repeat("x", 2<<20)},
			},
			want: "Rooms Allow: ListRooms on room/*",
		},
		"another account": {
			flags: "--account 444455556666", calls: []journal.Entry{made("ListRooms", "{}", "{}")}, want: "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i := range c.calls {
				c.calls[i].ID = uint64(i) + 1
			}
			got, messages := suggested(t, c.flags, c.calls...)
			if got != c.want || (messages != "") != (c.want == "") {
				t.Errorf("got\n%s\nwant\n%s\nand %q", got, c.want, messages)
			}
		})
	}
}

func TestASuggestionThatMayBeIncompleteOrTooLongComesWithAWarning(t *testing.T) {
	const listOnly = "Rooms Allow: ListRooms on room/*"
	list, tags := made("ListRooms", "{}", "{}"), `{"resourceArn":"@room/a","tags":{"a":"`+strings.Repeat("x", 17<<10)+`"}}`
	long := made("TagResource", tags, "{}")
	long.ID = 2
	if got, messages := suggested(t, "", list, long); got != listOnly ||
		!strings.Contains(messages, "the requests of 1 calls were too long for the journal") {
		t.Errorf("with a long request: %s %q", got, messages)
	}
	list.ID = 8
	if got, messages := suggested(t, "", list); got != listOnly ||
		!strings.Contains(messages, "at most 7 of its entries are missing") {
		t.Errorf("with a journal that was full: %s %q", got, messages)
	}
	var calls []journal.Entry
	for i := range 120 {
		call := made("GetRoom", `{"identifier":"@room/RoomNumber`+strconv.Itoa(100+i)+`"}`, "{}")
		call.ID = uint64(i) + 1
		calls = append(calls, call)
	}
	const tooLong = "a managed policy of IAM at most 6144: use --any-room"
	if _, messages := suggested(t, "", calls...); !strings.Contains(messages, tooLong) {
		t.Errorf("with 120 rooms: %q", messages)
	}
	if got, messages := suggested(t, "--any-room", calls...); got != "Rooms Allow: GetRoom on room/*" || messages != "" {
		t.Errorf("with any room: %s %q", got, messages)
	}
}

func TestWhatOnlyAForgedJournalHasIsNotSuggested(t *testing.T) {
	elsewhere := func(account, region string) journal.Entry {
		e := made("ListRooms", `{}`, `{"rooms": []}`)
		e.Account, e.Region = account, region
		return e
	}
	forged := []journal.Entry{
		made("*", `{}`, `{}`), made("Get*", `{"identifier": "@room/a"}`, `{}`), made("unknown", `{}`, `{}`),
		made("GetRoom", `{"identifier": "*"}`, `{}`), made("GetRoom", `{"identifier": "@room/*"}`, `{}`),
		made("GetRoom", `{"identifier": "arn:aws:ivschat:*:*:room/a"}`, `{}`),
		made("GetRoom", `{"identifier": ["@room/a"]}`, `{}`), made("ListTagsForResource", `{"resourceArn": "@*"}`, `{}`),
		made("GetRoom", `{}`, `{}`), made("GetRoom", `null`, `{}`),
		elsewhere("*", "eu-west-1"), elsewhere("111122223333", "*"), elsewhere("111122223333", "\x1b[2J"),
	}
	for _, call := range forged {
		if got, messages := suggested(t, "", call); got != "" || !strings.Contains(messages, "the journal has no such call") {
			t.Errorf("%+v: %s %s", call, got, messages)
		}
	}
	genuine := made("GetRoom", `{"identifier": "@room/a"}`, `{}`)
	if got, _ := suggested(t, "", append(forged, genuine)...); got != "Rooms Allow: GetRoom on room/a" {
		t.Error(got)
	}
}
