package main

import (
	"strings"
	"testing"
)

func TestAnInvalidCommandLineOfAVerbIsRefused(t *testing.T) {
	for _, c := range []struct{ args, text string }{
		{"room show", "room show needs ROOM"},
		{"room show lobby --json stage", "unexpected argument stage"},
		{"room show a!b", `ROOM must be a name, an ID or an ARN of a room, but is "a!b"`},
		{"room list --account 1 --region Mars", "--account must be 12 digits, but is \"1\"; --region must be a name"},
		{"room list --endpoint localhost:4700", "--endpoint must be the URL of an IVS Chat such as http://127.0.0.1:4700"},
		{"room create --tag key", `--tag must be KEY=VALUE, but is "key"`},
		{"room create --fallback maybe", `--fallback must be ALLOW or DENY, but is "maybe"`},
		{"room create --fallback allow", "--fallback has no effect without --review-handler"},
		{"clock advance", "clock advance needs DURATION"},
		{"clock advance soon", `DURATION must be such as 90s, 61m or 1h30m, and not negative, but is "soon"`},
		{"clock advance-to soon", "WHEN must be a time such as 2026-01-31T12:00:00Z, or one of next, next-"},
		{"clock scale fast", `FACTOR must be a number that is 0 or more, but is "fast"`},
		{"clock due --count 0 --kind all", "--kind must be tokenExpiration, sessionExpiration, chatLogDelivery or"},
		{"fault add", "fault add needs --operation, such as --operation CreateRoom, or --file"},
		{"fault add --file - --times 1", "fault add takes a file, or flags that describe a fault, but not both"},
		{"fault add --operation MESSAGE --frame eat --probability often",
			"--frame must be drop, duplicate, reorder or corrupt"},
		{"fault add --operation MESSAGE --probability often --seed -1", "--probability must be a number such as 0.1"},
		{"fault remove first", `ID must be a number, but is "first"`},
		{"reset --to now", `--to must be seed, but is "now"`},
		{"completion tcsh", `SHELL must be bash, zsh or fish, but is "tcsh"`},
		{"trust jva", `CLIENT "jva" is not known: did you mean java?`},
		{"trust exprot", `CLIENT "exprot" is not known: did you mean export?`},
		{"trust netscape", `CLIENT must be one of node, python, go, java, `},
		{"trust java now", "unexpected argument now"},
		{"trust --data= --region Mars", "--data must not be empty; --region must be a name such as us-east-1"},
		{"doctor --endpoint localhost:4700 --origin app.example.com",
			"--endpoint must be the URL of an emulator such as http://127.0.0.1:4700, but is \"localhost:4700\""},
		{"doctor --origin https://app.example.com/chat", "--origin must be the origin of a web page"},
		{"env --tls on", "--tls must be auto, off, or the names"},
		{"chat", "chat needs ROOM"},
		{"chat lobby", "missing flags: --as=USER"},
		{"tail --kind talk",
			`--kind must be of call, frame, handshake, connect, disconnect, fault, review, delivery, but is "talk"`},
		{"tail --since yesterday", `--since must be all or now, but is "yesterday"`},
		{"token lobby", "missing flags: --as=USER"},
		{"token lobby --as anna --can shout",
			`--can must be send, delete, disconnect or view, separated by commas, but is "shout"`},
		{"token lobby --as anna --session-duration 90s",
			"--session-duration must be whole minutes, from 1m to 3h0m0s, but is 1m30s"},
		{"policy", "policy needs a command: explain or suggest"},
		{"policy explain", "missing flags: --action=ACTION, --credentials=FILE, --resource=ARN"},
		{"policy explain --credentials c.yaml --action ivschat:getrooms --resource room/*",
			`--action must be an action of Amazon IVS Chat, such as ivschat:CreateRoom, but is "ivschat:getrooms": did you`},
		{"policy explain --credentials c.yaml --action ivschat:GetRoom --resource room/*",
			"--resource must be an ARN, such as arn:aws:ivschat:us-east-1:123456789012:room/*, but is \"room/*\""},
		{"policy explain --credentials c.yaml --action ivschat:listrooms --resource arn:aws:ivschat:us-east-1:123456789012:room/a",
			"--resource must end with room/* for ivschat:ListRooms, which is about no single resource, but is \"arn:aws:"},
		{"policy explain --credentials c.yaml --action ivschat:GetRoom --resource arn:x --account 1 --context aws:SourceIp",
			`--context must be KEY=VALUE, but is "aws:SourceIp"; --account must be 12 digits`},
		{"policy explain --credentials c.yaml --action ivschat:GetRoom --resource arn:x --context aws:SourceIP2=x",
			`--context "aws:SourceIP2" is not a condition key: did you mean aws:SourceIp?`},
		{"policy suggest --journal j.json --account 1", "--account must be 12 digits"},
		{"policy suggest --endpoint nowhere", "--endpoint must be the URL of an IVS Chat"},
		{"exec --keep-journal --journal= -- true", "--keep-journal needs a file: give its name with --journal"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			checkUsageError(t, runSelf(t, nil, strings.Fields(c.args)...), c.text)
		})
	}
}
