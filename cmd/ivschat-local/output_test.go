package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// A reply is what the emulator answered to post.
type reply struct {
	status    int
	requestID string
	body      map[string]any
}

func post(t *testing.T, url, body string) reply {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	r := reply{status: response.StatusCode, requestID: response.Header.Get("X-Amzn-Requestid")}
	if err := json.NewDecoder(response.Body).Decode(&r.body); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r reply) text(member string) string {
	text, _ := r.body[member].(string)
	return text
}

func (r reply) time(t *testing.T, member string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, r.text(member))
	if err != nil {
		t.Errorf("%s: %v", member, err)
	}
	return at
}

func TestAllThatStandardOutputGetsIsTheAnnouncement(t *testing.T) {
	dir, url := t.TempDir(), ""
	got := runWhile(t, self(t, nil, "--listen", "127.0.0.1:0", "--data", dir, "--region", "eu-west-1", "--random-seed", "7"), func(at string) {
		url = at
		post(t, url+"/CreateRoom", "{}")
	})
	want := fmt.Sprintf(`ivschat-local %s
  Endpoint: %s
  Data:     %s
  Random:   --random-seed 7
  Try:      AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws --endpoint-url %[2]s --region eu-west-1 ivschat create-room --name hello
Ready.
`, emulator.Version, url, dir)
	if got.code != 0 || got.stdout != want {
		t.Errorf("exit code %d and\n%s\nwant\n%s", got.code, got.stdout, want)
	}
}

// objects reads JSON objects, one a line.
func objects(t *testing.T, text string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(text) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Errorf("%q is no JSON object: %v", line, err)
		}
		all = append(all, object)
	}
	return all
}

func TestInJSONStandardOutputGetsOneObject(t *testing.T) {
	url := ""
	got := runWhile(t, self(t, nil, "--listen", "127.0.0.1:0", "--data", ":memory:", "--log-format", "json", "--random-seed", "7"), func(at string) {
		url = at
		post(t, url+"/CreateRoom", "{}")
	})
	announced := objects(t, got.stdout)
	if got.code != 0 || len(announced) != 1 {
		t.Fatalf("exit code %d and %v", got.code, announced)
	}
	delete(announced[0], "time")
	want := map[string]any{"level": "INFO", "msg": "Ready.", "endpoint": url, "address": strings.TrimPrefix(url, "http://"), "admin": url, "data": ":memory:", "random_seed": 7.0, "version": emulator.Version}
	if !maps.Equal(announced[0], want) {
		t.Errorf("it announced %v, want %v", announced[0], want)
	}
}

func TestInJSONEachRequestIsOneLineOfTheLog(t *testing.T) {
	want := map[string]map[string]any{} // by request id
	got := runWhile(t, self(t, nil, "--listen", "127.0.0.1:0", "--data", ":memory:", "--log-format", "json", "--log-level", "debug"), func(url string) {
		for _, operation := range []string{"CreateRoom", "GetRoom", "CreateRoom", "DeleteRoom", "ListRooms"} {
			r := post(t, url+"/"+operation, "{}")
			want[r.requestID] = map[string]any{"operation": operation, "status": float64(r.status), "account": "000000000000"}
		}
		r := post(t, url+"/Nothing", "{}")
		want[r.requestID] = map[string]any{"operation": "unknown", "status": float64(r.status), "account": "000000000000"}
	})
	logged := objects(t, got.stderr)
	if len(want) != 6 || len(logged) != 6 {
		t.Errorf("%d request ids, %d lines:\n%s", len(want), len(logged), got.stderr)
	}
	for _, line := range logged {
		id, _ := line["request_id"].(string)
		for key, value := range want[id] {
			if line[key] != value {
				t.Errorf("%v has %s %v, want %v", line, key, line[key], value)
			}
		}
		if duration, ok := line["duration"].(float64); want[id] == nil || !ok || duration < 0 {
			t.Errorf("%v is the line of no request, or has no duration", line)
		}
	}
}

func TestTheEnvironmentSetsEverything(t *testing.T) {
	seed := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(seed, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	environment := []string{
		"IVSCHAT_LISTEN=127.0.0.1:0", "IVSCHAT_DATA=:memory:", "IVSCHAT_ACCOUNT=111111111111", "IVSCHAT_REGION=eu-west-1",
		"IVSCHAT_TOKEN_TTL=2m", "IVSCHAT_SESSION_DURATION=90m", "IVSCHAT_ROOM_QUOTA=1", "IVSCHAT_LOGGING_CONFIGURATION_QUOTA=1",
		"IVSCHAT_SEND_MESSAGE_RATE=1", "IVSCHAT_DELETE_MESSAGE_RATE=1", "IVSCHAT_DISCONNECT_USER_RATE=1", "IVSCHAT_SEND_EVENT_RATE=1",
		"IVSCHAT_SEED=" + seed, "IVSCHAT_RANDOM_SEED=7", "IVSCHAT_INSPECT_LISTEN=off", "IVSCHAT_ON_SHUTDOWN=close", "IVSCHAT_LOG_FORMAT=json", "IVSCHAT_LOG_LEVEL=error",
	}
	if len(environment) != len(flags(t)) {
		t.Errorf("there are %d settings", len(flags(t)))
	}
	got := runWhile(t, self(t, environment), func(url string) {
		room := post(t, url+"/CreateRoom", "{}")
		if !strings.HasPrefix(room.text("arn"), "arn:aws:ivschat:eu-west-1:111111111111:room/") {
			t.Errorf("the room is %v", room)
		}
		token := post(t, url+"/CreateChatToken", `{"userId":"u","roomIdentifier":"`+room.text("arn")+`"}`)
		if between := token.time(t, "sessionExpirationTime").Sub(token.time(t, "tokenExpirationTime")); between != 88*time.Minute {
			t.Errorf("the session of 90m ends %s after the token of 2m", between)
		}
		const configuration = `{"destinationConfiguration":{"s3":{"bucketName":"bucket"}}}`
		statuses := []int{
			post(t, url+"/CreateRoom", "{}").status,
			post(t, url+"/CreateLoggingConfiguration", configuration).status,
			post(t, url+"/CreateLoggingConfiguration", configuration).status,
		}
		if want := []int{402, 200, 402}; !slices.Equal(statuses, want) {
			t.Errorf("another room, a logging configuration and another have %v, want %v", statuses, want)
		}
		for _, call := range []string{`DeleteMessage {"id":"abcdefghijkl"`, `DisconnectUser {"userId":"u"`, `SendEvent {"eventName":"e"`} {
			operation, body, _ := strings.Cut(call, " ")
			var statuses []int
			for len(statuses) < 5 && !slices.Contains(statuses, 429) { // two of them within a second, even if the machine is busy
				statuses = append(statuses, post(t, url+"/"+operation, body+`,"roomIdentifier":"`+room.text("arn")+`"}`).status)
			}
			if statuses[0] != 200 || !slices.Contains(statuses, 429) {
				t.Errorf("%s one after another has %v", operation, statuses)
			}
		}
	})
	if got.code != 0 || got.stderr != "" || len(objects(t, got.stdout)) != 1 {
		t.Errorf("errors are all that is logged, and there was none: %+v", got)
	}
}

func TestInMemoryNoFileIsMade(t *testing.T) {
	command := self(t, nil, "--listen", "127.0.0.1:0", "--data", ":memory:") // where it is, its home and its temporary directory are the same
	names := func() (names []string) {
		entries, err := os.ReadDir(command.Dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		return names
	}
	var during []string
	runWhile(t, command, func(url string) {
		post(t, url+"/CreateRoom", "{}")
		during = names()
	})
	if all := slices.Concat(during, names()); len(all) != 0 {
		t.Errorf("it made %v", all)
	}
}
