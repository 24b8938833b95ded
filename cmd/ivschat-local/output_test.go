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

// A reply is the emulator's answer to post.
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

func TestStandardOutputHasTheBannerOnly(t *testing.T) {
	dir, url := t.TempDir(), ""
	program := self(t, nil,
		"--listen", "127.0.0.1:0", "--data", dir, "--region", "eu-west-1", "--random-seed", "7")
	got := runWhile(t, program, func(endpoint string) {
		url = endpoint
		post(t, url+"/CreateRoom", "{}")
	})
	want := fmt.Sprintf(`ivschat-local %s
  Endpoint: %s
  Console:  %[2]s/_ivschat/console/
  Data:     %[3]s
  Random:   --random-seed 7
  Try:      AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws --endpoint-url %[2]s --region eu-west-1 ivschat create-room --name hello
Ready.
`, emulator.Version, url, dir)
	if got.code != 0 || got.stdout != want {
		t.Errorf("exit code %d and\n%s\nwant\n%s", got.code, got.stdout, want)
	}
}

// objects decodes JSON objects, one per line.
func objects(t *testing.T, text string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(text) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Errorf("%q is not a JSON object: %v", line, err)
		}
		all = append(all, object)
	}
	return all
}

func TestInJSONFormatStandardOutputHasOneObject(t *testing.T) {
	url := ""
	program := self(t, nil,
		"--listen", "127.0.0.1:0", "--data", ":memory:", "--log-format", "json", "--random-seed", "7")
	got := runWhile(t, program, func(endpoint string) {
		url = endpoint
		post(t, url+"/CreateRoom", "{}")
	})
	announced := objects(t, got.stdout)
	if got.code != 0 || len(announced) != 1 {
		t.Fatalf("exit code %d and %v", got.code, announced)
	}
	delete(announced[0], "time")
	want := map[string]any{
		"level": "INFO", "msg": "Ready.", "endpoint": url, "address": strings.TrimPrefix(url, "http://"),
		"admin": url, "console": url + "/_ivschat/console/", "data": ":memory:",
		"random_seed": 7.0, "version": emulator.Version,
	}
	if !maps.Equal(announced[0], want) {
		t.Errorf("got %v, want %v", announced[0], want)
	}
}

// requestLine returns some members of the log line for a request.
func requestLine(operation string, status int) map[string]any {
	return map[string]any{"operation": operation, "status": float64(status), "account": "000000000000"}
}

func TestInJSONFormatEachRequestIsOneLineOfTheLog(t *testing.T) {
	want := map[string]map[string]any{} // by request ID
	program := self(t, nil,
		"--listen", "127.0.0.1:0", "--data", ":memory:", "--log-format", "json", "--log-level", "debug")
	got := runWhile(t, program, func(url string) {
		for _, operation := range []string{"CreateRoom", "GetRoom", "CreateRoom", "DeleteRoom", "ListRooms"} {
			r := post(t, url+"/"+operation, "{}")
			want[r.requestID] = requestLine(operation, r.status)
		}
		r := post(t, url+"/Nothing", "{}")
		want[r.requestID] = requestLine("unknown", r.status)
	})
	logged := objects(t, got.stderr)
	if len(want) != 6 || len(logged) != 6 {
		t.Errorf("%d request IDs, %d lines:\n%s", len(want), len(logged), got.stderr)
	}
	for _, line := range logged {
		id, _ := line["request_id"].(string)
		for key, value := range want[id] {
			if line[key] != value {
				t.Errorf("%v has %s %v, want %v", line, key, line[key], value)
			}
		}
		if duration, ok := line["duration"].(float64); want[id] == nil || !ok || duration < 0 {
			t.Errorf("%v belongs to no request, or has no duration", line)
		}
	}
}

func TestEachLineThatIsNotEmptyIsAReviewHandler(t *testing.T) {
	for value, want := range map[string][]string{
		"": nil, "\n \n": nil, "*=allow": {"*=allow"}, " *=a \r\n\n\t*=deny:x,y\n": {"*=a", "*=deny:x,y"},
	} {
		if got := (Settings{ReviewHandler: []string{value}}).config(nil).ReviewHandler; !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}

func TestEverySettingCanBeAVariable(t *testing.T) {
	seed := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(seed, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	environment := []string{
		"IVSCHAT_LISTEN=127.0.0.1:0", "IVSCHAT_DATA=:memory:", "IVSCHAT_ACCOUNT=111111111111",
		"IVSCHAT_REGION=eu-west-1", "IVSCHAT_TOKEN_TTL=2m", "IVSCHAT_SESSION_DURATION=90m",
		"IVSCHAT_ROOM_QUOTA=1", "IVSCHAT_LOGGING_CONFIGURATION_QUOTA=1",
		"IVSCHAT_LOGGING_CONFIGURATION_DELAY=1h", "IVSCHAT_MESSAGE_ATTRIBUTE_BYTES=2048",
		"IVSCHAT_JOURNAL_BYTES=1048576",
		"IVSCHAT_SEND_MESSAGE_RATE=1", "IVSCHAT_DELETE_MESSAGE_RATE=1",
		"IVSCHAT_DISCONNECT_USER_RATE=1", "IVSCHAT_SEND_EVENT_RATE=1",
		"IVSCHAT_SEED=" + seed, "IVSCHAT_RANDOM_SEED=7", "IVSCHAT_ADMIN_LISTEN=off",
		"IVSCHAT_ALLOW_HOST=*.svc.cluster.local,chat.example",
		"IVSCHAT_CORS_ORIGIN=null,https://app.example.com", "IVSCHAT_PING_INTERVAL=30s", "IVSCHAT_REVIEW_TIMEOUT=1s",
		"IVSCHAT_REVIEW_HANDLER=arn:aws:lambda:eu-*=http://127.0.0.1:1\n \n*=https://127.0.0.1:1\n",
		"IVSCHAT_LAMBDA_ENDPOINT=http://127.0.0.1:1", "IVSCHAT_LAMBDA_PERMISSION=ignore",
		"IVSCHAT_CHAT_LOGS=" + t.TempDir(), "IVSCHAT_CHAT_LOG_WINDOW=1m", "IVSCHAT_CHAT_LOG_SPOOL=1048576",
		"IVSCHAT_S3_ENDPOINT=http://127.0.0.1:1", "IVSCHAT_CLOUDWATCH_LOGS_ENDPOINT=http://127.0.0.1:1",
		"IVSCHAT_FIREHOSE_ENDPOINT=http://127.0.0.1:1", "IVSCHAT_AWS_ENDPOINT=http://127.0.0.1:1",
		"IVSCHAT_TLS=off", "IVSCHAT_TLS_NAME=chat.test", "IVSCHAT_AUTH=off", "IVSCHAT_CREDENTIALS=",
		"IVSCHAT_API_RATES=off", "IVSCHAT_NATS=", "IVSCHAT_NATS_PREFIX=chat", "IVSCHAT_NATS_CREDENTIALS=",
		"IVSCHAT_NATS_TLS=", "IVSCHAT_CLUSTER_SECRET=", "IVSCHAT_NODE=",
		"IVSCHAT_ON_SHUTDOWN=close", "IVSCHAT_LOG_FORMAT=json", "IVSCHAT_LOG_LEVEL=error",
	}
	if len(environment) != len(flags(t)) {
		t.Errorf("%d variables for %d settings", len(environment), len(flags(t)))
	}
	for _, flag := range flags(t) {
		isForFlag := func(v string) bool { return strings.HasPrefix(v, flag.Envs[0]+"=") }
		if !slices.ContainsFunc(environment, isForFlag) {
			t.Errorf("%s is not set", flag.Envs[0])
		}
	}
	got := runWhile(t, self(t, environment), func(url string) {
		room := post(t, url+"/CreateRoom", "{}")
		if !strings.HasPrefix(room.text("arn"), "arn:aws:ivschat:eu-west-1:111111111111:room/") {
			t.Errorf("the room is %v", room)
		}
		token := post(t, url+"/CreateChatToken", `{"userId":"u","roomIdentifier":"`+room.text("arn")+`"}`)
		between := token.time(t, "sessionExpirationTime").Sub(token.time(t, "tokenExpirationTime"))
		if between != 88*time.Minute {
			t.Errorf("the session of 90m ends %s after the token of 2m", between)
		}
		const configuration = `{"destinationConfiguration":{"s3":{"bucketName":"bucket"}}}`
		created := post(t, url+"/CreateLoggingConfiguration", configuration)
		statuses := []int{
			post(t, url+"/CreateRoom", "{}").status, created.status,
			post(t, url+"/CreateLoggingConfiguration", configuration).status,
		}
		if want := []int{402, 200, 402}; !slices.Equal(statuses, want) {
			t.Errorf("a second room and two logging configurations: got %v, want %v", statuses, want)
		}
		got := post(t, url+"/GetLoggingConfiguration", `{"identifier":"`+created.text("arn")+`"}`)
		if got.text("state") != "CREATING" {
			t.Errorf("the logging configuration is %v", got.body)
		}
		for operation, member := range map[string]string{
			"DeleteMessage":  `"id":"abcdefghijkl"`,
			"DisconnectUser": `"userId":"u"`,
			"SendEvent":      `"eventName":"e"`,
		} {
			body := `{` + member + `,"roomIdentifier":"` + room.text("arn") + `"}`
			var statuses []int
			// On a busy machine two calls can be more than a second apart.
			for len(statuses) < 5 && !slices.Contains(statuses, 429) {
				statuses = append(statuses, post(t, url+"/"+operation, body).status)
			}
			if statuses[0] != 200 || !slices.Contains(statuses, 429) {
				t.Errorf("repeated %s was answered with %v, want 200 and then 429", operation, statuses)
			}
		}
	})
	announced := objects(t, got.stdout)
	if got.code != 0 || len(announced) != 1 ||
		announced[0]["admin"] != "" || announced[0]["random_seed"] != 7.0 {
		t.Errorf("exit code %d and %v", got.code, announced)
	}
	if got.stderr != "" {
		t.Errorf("at level error it logged %s", got.stderr)
	}
}

func TestInMemoryNoFileIsCreated(t *testing.T) {
	// The working directory is also the program's home and temporary directory.
	command := self(t, nil, "--listen", "127.0.0.1:0", "--data", ":memory:")
	files := func() (names []string) {
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
		during = files()
	})
	if all := slices.Concat(during, files()); len(all) != 0 {
		t.Errorf("it created %v", all)
	}
}
