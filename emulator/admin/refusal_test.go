package admin_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestARefusalBecauseOfAHeaderSaysWhatToDo(t *testing.T) {
	e := emulatortest.Start(t)
	const pages = "web pages from "
	for _, test := range []struct {
		status        int
		path          string
		header, value string
		want          string
	}{
		{403, "rooms", "Origin", "https://shop.example",
			pages + `the origin "https://shop.example" cannot use the admin API, only those from "localhost" can. ` +
				"If a proxy sets another host, start the emulator with --allow-host shop.example"},
		{403, "rooms", "Origin", "null",
			pages + `the origin "null" cannot use the admin API, only those from "localhost" can`},
		{403, "rooms", "Sec-Fetch-Site", "cross-site",
			pages + `another origin cannot use the admin API, only those from "localhost" can`},
		{400, "events", "Last-Event-ID", "x", `Last-Event-ID must be the ID of an event, but is "x"`},
		{400, "events", "Last-Event-ID", "1a-x", `Last-Event-ID must be the ID of an event, but is "1a-x"`},
	} {
		checkRefusal(t, request(t, e, "GET", admin.Prefix+test.path, "", test.header, test.value), test.status, test.want)
	}
	checkRefusal(t, request(t, e, "POST", admin.Prefix+"clock", `{"advance":"1s"}`, "Content-Encoding", "gzip"), 415,
		`the body must be sent without compression, but Content-Encoding is "gzip"`)
	checkRefusal(t, request(t, e, "POST", admin.Prefix+"clock", `{"advance":"1s","scale":1}`), 400,
		"the body must have exactly one of advance, to, freeze and scale, but has 2")
	checkRefusal(t, request(t, e, "GET", admin.Prefix+"calls?operation=CreateRoom&with=anna", ""), 400,
		`with must be a JSON object, for instance {"userId":"anna"}, but is "anna": `+
			"curl needs -G and --data-urlencode to send one")
	checkRefusal(t, request(t, e, "GET", admin.Prefix+"calls?with="+strings.Repeat("[", 1000), ""), 400,
		"with must be nested at most 100 levels deep")
}

// checkRefusal fails the test unless a response has this status and message.
func checkRefusal(t *testing.T, r response, status int, want string) {
	t.Helper()
	var answer struct{ Message string }
	if err := json.Unmarshal([]byte(r.body), &answer); err != nil || r.status != status || answer.Message != want {
		t.Errorf("got  %d %s\nwant %d %s", r.status, answer.Message, status, want)
	}
}
