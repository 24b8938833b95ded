package clients_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// An entry is an entry of the emulator's journal.
type entry map[string]any

// is reports whether two entries have the same members of these names.
func (e entry) is(other entry, names ...string) bool {
	for _, name := range names {
		if !reflect.DeepEqual(e[name], other[name]) {
			return false
		}
	}
	return true
}

// A copied text is what the console copies for an entry, or to take the first steps.
type copiedText struct{ Name, Text string }

// copies are what the console copies from an emulator, in which each kind of frame and call has happened.
type copies struct {
	t           *testing.T
	url         string
	control     string         // URL for calls that need not be signed
	access      map[string]any // to AWS's API, as the page knows it
	room        string         // ARN
	entries     []entry
	texts       map[float64]map[string]string // by the ID of the entry and the name
	firstSteps  map[string]string
	bin         string // directory of programs for Node.js
	environment []string
}

// TestWhatTheConsoleCopies runs the lines that the console gives to copy, with the programs that they are for.
func TestWhatTheConsoleCopies(t *testing.T) {
	t.Parallel()
	needNode(t)
	url := program.Start(t)
	c := &copies{t: t, url: url, control: url}
	c.prepare()
	t.Run("Terminal", func(t *testing.T) { c.with(t).runTerminal() })
	t.Run("curl", func(t *testing.T) { c.with(t).repeatCalls("curl", c.calls()) })
	t.Run("AWS CLI", func(t *testing.T) {
		needAWSCLI(t)
		c := c.with(t)
		c.takesFirstStep("", "bash", "-c", c.firstSteps["AWS CLI"])
		c.repeatCalls("AWS CLI", c.callsOf("CreateRoom", "GetRoom", "UntagResource", "TagResource"))
		c.repeatFrames("AWS CLI", c.selected(`"Id":"Deleted00000"`, `"EventName":"aws:DISCONNECT_USER"`, `"poll"`,
			`"Action":"SEND_MESSAGE","Attributes"`)...)
	})
	t.Run("wscat", func(t *testing.T) {
		needAWSCLI(t)
		needWscat(t)
		c := c.with(t)
		c.repeatFrames("wscat", c.selected(`$HOME`)...)
	})
	t.Run("JavaScript", func(t *testing.T) { c.with(t).runJavaScript() })
	t.Run("Go", func(t *testing.T) { c.with(t).runGo() })
	t.Run("Python", func(t *testing.T) {
		python := pythonWith(t, "boto3")
		c := c.with(t)
		c.takesFirstStep(c.firstSteps["Python"], python, "-")
	})
}

func (c copies) with(t *testing.T) *copies {
	c.t = t
	return &c
}

func needAWSCLI(t *testing.T) {
	t.Helper()
	need.Client(t, succeeds("aws", "--version"), "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
}

func needWscat(t *testing.T) {
	t.Helper()
	_, err := os.Stat(filepath.Join("js", "node_modules", "wscat"))
	need.Client(t, err == nil, "wscat", "npm ci --prefix conformance/clients/js")
}

// prepare makes each kind of frame and call happen, and asks the console what it copies for them.
func (c *copies) prepare() {
	c.t.Helper()
	bin, err := filepath.Abs("js/node_modules/.bin")
	if err != nil {
		c.t.Fatal(err)
	}
	c.bin, c.texts, c.firstSteps = bin, map[float64]map[string]string{}, map[string]string{}
	c.makeCalls()
	c.makeFrames()
	c.entries = c.journal("?count=1000")
	type exchange struct {
		Entry entry `json:"entry"`
		Pair  entry `json:"pair,omitempty"`
	}
	var exchanges []exchange
	for i, e := range c.entries {
		one := exchange{Entry: e}
		if e["direction"] == "in" {
			one.Pair = c.entries[i+1]
		} else if i > 0 && c.entries[i-1]["direction"] == "in" {
			one.Pair = c.entries[i-1]
		}
		exchanges = append(exchanges, one)
	}
	input, err := json.Marshal(map[string]any{
		"url": c.url, "info": map[string]string{"account": "000000000000", "region": "us-east-1"}, "entries": exchanges,
		"access": c.access,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	var output struct {
		FirstSteps []copiedText
		Entries    [][]copiedText
	}
	if err := json.Unmarshal([]byte(c.command(string(input), "node", "console/snippets.mjs")), &output); err != nil {
		c.t.Fatal(err)
	}
	for i, texts := range output.Entries {
		byName := map[string]string{}
		for _, one := range texts {
			byName[one.Name] = one.Text
		}
		c.texts[c.entries[i]["id"].(float64)] = byName
	}
	for _, one := range output.FirstSteps {
		c.firstSteps[one.Name] = one.Text
	}
}

// makeCalls calls operations of each kind, with and without success.
func (c *copies) makeCalls() {
	var created struct{ ARN string }
	post(c.t, c.control+"/CreateRoom", `{"name":"lobby","tags":{"a b":"ä +=@","c":"d"}}`, &created)
	c.room = created.ARN
	for _, call := range []struct{ method, path, body string }{
		{"POST", "/GetRoom", fmt.Sprintf(`{"identifier":%q}`, c.room)},
		{"POST", "/GetRoom", `{"identifier":"arn:aws:ivschat:us-east-1:000000000000:room/nonexistent1"}`},
		{"POST", "/CreateRoom", `{"name":"!?"}`},
		{"POST", "/CreateRoom", `{"name": it's no JSON`},
		{"POST", "/UpdateRoom", fmt.Sprintf(`{"identifier":%q,"name":"stage"}`, c.room)},
		{"POST", "/ListRooms", `{"maxResults":1}`},
		{"GET", "/tags/" + c.room, ""},
		{"POST", "/tags/" + c.room, `{"tags":{"e=f":"g h"}}`},
		{"DELETE", "/tags/" + c.room + "?tagKeys=e%3Df&tagKeys=a+b", ""},
		{"DELETE", "/tags/" + c.room + "?tagKeys=c", ""},
		{"POST", "/Nope", `{}`},
	} {
		request, err := http.NewRequestWithContext(c.t.Context(), call.method, c.control+call.path, strings.NewReader(call.body))
		if err != nil {
			c.t.Fatal(err)
		}
		// Another account and region than those of unsigned requests.
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 "+
			"Credential=000000000000/20260101/us-east-1/ivschat/aws4_request, SignedHeaders=host, Signature=00")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			c.t.Fatal(err)
		}
		response.Body.Close()
	}
}

// makeFrames exchanges frames of each kind. Each answer is written to the journal before the next request.
func (c *copies) makeFrames() {
	anna := c.connect("anna", `"SEND_MESSAGE","DELETE_MESSAGE","DISCONNECT_USER"`)
	ben := c.connect("ben", "")
	receive := func(client *chatclient.Client, kind string) {
		c.t.Helper()
		for received := ""; received != kind; {
			frame, err := client.Receive(c.t.Context())
			if err != nil {
				c.t.Fatal(err)
			}
			received = frame.Type + frame.EventName
		}
	}
	send := func(client *chatclient.Client, frame, answer string) {
		c.t.Helper()
		if err := client.Send(frame); err != nil {
			c.t.Fatal(err)
		}
		receive(client, answer)
	}
	send(anna, `{"Action":"SEND_MESSAGE","RequestId":"1","Content":"it's \"x\" $HOME`+
		" `id` %s \\\\ \u202e🙂 \\n \\u0007"+`","Attributes":{"a b":"c'd"}}`, "MESSAGE")
	send(anna, `{"Action":"DELETE_MESSAGE","RequestId":"2","Id":"Deleted00000","Reason":"it's off"}`,
		"EVENTaws:DELETE_MESSAGE")
	send(anna, `{"Action":"SEND_MESSAGE","RequestId":"3","Content":""}`, "ERROR")
	send(anna, "-- no JSON: it's \"x\" \\ `id` $HOME\u202e\t\x1b", "ERROR")
	send(ben, `{"Action":"SEND_MESSAGE","Content":"I may not"}`, "ERROR") // 403
	var sent struct{}
	post(c.t, c.control+"/SendEvent",
		fmt.Sprintf(`{"roomIdentifier":%q,"eventName":"poll","attributes":{"q\"":"\\%%s"}}`, c.room), &sent)
	receive(anna, "EVENTpoll")
	send(anna, `{"Action":"DISCONNECT_USER","RequestId":"5","UserId":"ben","Reason":"bye"}`,
		"EVENTaws:DISCONNECT_USER")
}

// connect connects a user until the end of the test.
func (c *copies) connect(userID, capabilities string) *chatclient.Client {
	c.t.Helper()
	var token struct{ Token string }
	post(c.t, c.control+"/CreateChatToken",
		fmt.Sprintf(`{"roomIdentifier":%q,"userId":%q,"capabilities":[%s],"attributes":{"n":"N"}}`,
			c.room, userID, capabilities), &token)
	client, err := chatclient.Dial(c.t.Context(), c.url, token.Token, chatclient.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { client.Close() })
	return client
}

// journal returns entries of the journal.
func (c *copies) journal(query string) []entry {
	c.t.Helper()
	response, err := http.Get(c.url + "/_ivschat/v1/journal" + query)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Items []entry }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		c.t.Fatal(err)
	}
	return answer.Items
}

// last returns the ID of the latest entry.
func (c *copies) last() float64 { return c.journal("?count=1")[0]["id"].(float64) }

// command runs a program, which must succeed, with a text as its input, and returns its output. If there is no text,
// its input stays open, as in a terminal, because wscat ends with it.
func (c *copies) command(input, name string, args ...string) string {
	c.t.Helper()
	var output, log bytes.Buffer
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, name, args...)
	command.Dir, command.Stdout, command.Stderr = "js", &output, &log
	if command.Stdin = strings.NewReader(input); input == "" {
		command.Stdin = nil
		if _, err := command.StdinPipe(); err != nil {
			c.t.Fatal(err)
		}
	}
	command.Env = append(os.Environ(), "PATH="+c.bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"AWS_PAGER=", "AWS_DEFAULT_OUTPUT=json", "AWS_EC2_METADATA_DISABLED=true")
	command.Env = append(command.Env, c.environment...)
	if err := command.Run(); err != nil {
		c.t.Errorf("%s: %v\n%s%s\ninput: %s", name, err, &output, &log, input)
	}
	return output.String()
}

// takesFirstStep runs a program that creates the room hello, and checks that it does.
func (c *copies) takesFirstStep(text, name string, args ...string) {
	c.t.Helper()
	last := c.last()
	c.command(text, name, args...)
	for _, e := range c.journal(fmt.Sprintf("?kind=call&after=%.0f", last)) {
		if e.is(entry{"operation": "CreateRoom", "request": map[string]any{"name": "hello"}, "status": 200.0,
			"account": "000000000000", "region": "us-east-1"}, "operation", "request", "status", "account", "region") {
			return
		}
	}
	c.t.Errorf("no room was created by: %s", text)
}
