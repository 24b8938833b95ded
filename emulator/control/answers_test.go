package control_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// A conversation has the calls of one test to an emulator.
type conversation struct {
	t     *testing.T
	e     *emulator.Emulator
	names *strings.Replacer // from placeholders to the ARNs and IDs of resources
	pairs []string
}

// converse runs a test with an emulator. The clock of the test stands still while the test runs, and begins
// at 2000-01-01T00:00:00Z.
func converse(t *testing.T, config emulator.Config, test func(c *conversation)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e, err := emulator.New(config)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		test(&conversation{t: t, e: e, names: strings.NewReplacer()})
	})
}

// call sends a request and returns the status and the body of its answer.
func (c *conversation) call(method, path, body string) string {
	recorder := httptest.NewRecorder()
	r := httptest.NewRequest(method, c.names.Replace(path), strings.NewReader(c.names.Replace(body)))
	c.e.ServeHTTP(recorder, r)
	return fmt.Sprintf("%d %s", recorder.Code, strings.TrimSpace(recorder.Body.String()))
}

// create creates a resource. Its ARN can then be written as <name>, and its ID as <name.id>.
func (c *conversation) create(name, operation, body, want string) {
	c.t.Helper()
	answer := c.call("POST", "/"+operation, body)
	var created struct{ ARN, ID string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(answer, "200 ")), &created); err != nil {
		c.t.Fatalf("%s: %s", operation, answer)
	}
	c.pairs = append(c.pairs, "<"+name+">", created.ARN, "<"+name+".id>", created.ID)
	c.names = strings.NewReplacer(c.pairs...)
	c.compare(operation+" "+body, answer, "200 "+want)
}

// expect sends a request and compares the answer.
func (c *conversation) expect(operation, body, want string) {
	c.t.Helper()
	c.compare(operation+" "+body, c.call("POST", "/"+operation, body), want)
}

func (c *conversation) compare(request, got, want string) {
	c.t.Helper()
	if want := c.names.Replace(want); got != want {
		c.t.Errorf("%s\ngot  %s\nwant %s", request, got, want)
	}
}

const (
	function      = "arn:aws:lambda:us-east-1:000000000000:function:f"
	otherFunction = "arn:aws:lambda:us-east-1:000000000000:function:g"
	bucket        = `"destinationConfiguration":{"s3":{"bucketName":"abc"}}`
)

// times returns the members of an answer for the times of creation and update, in a minute of the test's clock.
func times(created, updated string) string {
	const minute = "2000-01-01T00:00:"
	return `"createTime":"` + minute + created + `Z","updateTime":"` + minute + updated + `Z"`
}

// missing is the answer to a request about a resource that does not exist.
func missing(name string) string {
	return `404 {"message":"Resource <` + name + `> does not exist","resourceId":"<` + name + `.id>","resourceType":"ROOM"}`
}

// invalid is the answer to a request with one member that is wrong.
func invalid(member, path, why string) string {
	return `400 {"fieldList":[{"name":"` + path + `","message":"` + why + `"}],"message":"Request member: ` + member +
		` failed to satisfy the constraints: ` + why + `","reason":"FIELD_VALIDATION_FAILED"}`
}

func TestEveryAnswerAboutARoomHasAllItsMembers(t *testing.T) {
	converse(t, emulator.Config{}, func(c *conversation) {
		c.create("log", "CreateLoggingConfiguration", `{`+bucket+`}`,
			`{"arn":"<log>","id":"<log.id>","name":"",`+times("00.000", "00.000")+`,`+bucket+`,"state":"ACTIVE","tags":{}}`)
		c.create("plain", "CreateRoom", ``, `{"arn":"<plain>","id":"<plain.id>","name":"",`+times("00.000", "00.000")+
			`,"tags":{},"maximumMessageLength":500,"maximumMessageRatePerSecond":10}`)
		time.Sleep(1500 * time.Millisecond)
		settings := `"maximumMessageLength":1,"maximumMessageRatePerSecond":2`
		handler := `"messageReviewHandler":{"uri":"` + function + `","fallbackResult":"DENY"}`
		logs := `"loggingConfigurationIdentifiers":["<log>"]`
		c.create("full", "CreateRoom",
			`{"name":"n","tags":{"k":"v"},`+settings+`,`+handler+`,"loggingConfigurationIdentifiers":["<log>","<log>"]}`,
			`{"arn":"<full>","id":"<full.id>","name":"n",`+times("01.500", "01.500")+`,`+handler+`,"tags":{"k":"v"},`+
				logs+`,`+settings+`}`)

		begin := `200 {"arn":"<plain>","id":"<plain.id>",`
		time.Sleep(time.Second)
		c.expect("UpdateRoom",
			`{"identifier":"<plain>","name":"p",`+settings+`,`+handler+`,"loggingConfigurationIdentifiers":["<log>","<log>"]}`,
			begin+`"name":"p",`+times("00.000", "02.500")+`,`+handler+`,"tags":{},`+logs+`,`+settings+`}`)
		time.Sleep(time.Second)
		c.expect("UpdateRoom", `{"identifier":"<plain>"}`,
			begin+`"name":"p",`+times("00.000", "03.500")+`,`+handler+`,"tags":{},`+logs+`,`+settings+`}`)
		time.Sleep(time.Second)
		c.expect("GetRoom", `{"identifier":"<plain>"}`,
			begin+`"name":"p",`+times("00.000", "03.500")+`,`+handler+`,"tags":{},`+logs+`,`+settings+`}`)
		c.expect("UpdateRoom", `{"identifier":"<plain>","name":"","messageReviewHandler":{"uri":"`+otherFunction+`"},
			"loggingConfigurationIdentifiers":[]}`,
			begin+`"name":"",`+times("00.000", "04.500")+`,"messageReviewHandler":{"uri":"`+otherFunction+
				`","fallbackResult":"DENY"},"tags":{},`+settings+`}`)
		c.expect("UpdateRoom", `{"identifier":"<plain>","messageReviewHandler":{"uri":"","fallbackResult":"ALLOW"}}`,
			begin+`"name":"",`+times("00.000", "04.500")+
				`,"messageReviewHandler":{"uri":"","fallbackResult":"ALLOW"},"tags":{},`+settings+`}`)
		c.create("handler", "CreateRoom", `{"messageReviewHandler":{"uri":"`+function+`"}}`,
			`{"arn":"<handler>","id":"<handler.id>","name":"",`+times("04.500", "04.500")+`,"messageReviewHandler":{"uri":"`+
				function+`","fallbackResult":"ALLOW"},"tags":{},"maximumMessageLength":500,"maximumMessageRatePerSecond":10}`)

		c.create("escaped", "CreateRoom", `{"name":"\u0061","maximumMessageLength":7,"tags":null}`,
			`{"arn":"<escaped>","id":"<escaped.id>","name":"a",`+times("04.500", "04.500")+
				`,"tags":{},"maximumMessageLength":7,"maximumMessageRatePerSecond":10}`)

		c.expect("DeleteRoom", `{"identifier":"<plain>"}`, "204 ")
		gone := missing("plain")
		c.expect("GetRoom", `{"identifier":"<plain>"}`, gone)
		c.expect("DeleteRoom", `{"identifier":"<plain>"}`, gone)
		c.expect("UpdateRoom", `{"identifier":"<plain>"}`, gone)
		c.expect("DeleteLoggingConfiguration", `{"identifier":"<log>"}`, `409 {"message":"Resource <log> is in use by room `+
			`<full.id> and cannot be deleted before it is detached","resourceId":"<log.id>","resourceType":"ROOM"}`)
	})
}

func TestEveryAnswerAboutALoggingConfigurationHasAllItsMembers(t *testing.T) {
	converse(t, emulator.Config{}, func(c *conversation) {
		const (
			logGroup = `"destinationConfiguration":{"cloudWatchLogs":{"logGroupName":"g"}}`
			stream   = `"destinationConfiguration":{"firehose":{"deliveryStreamName":"s"}}`
			begin    = `{"arn":"<log>","id":"<log.id>",`
		)
		c.create("log", "CreateLoggingConfiguration", `{"name":"l","tags":{"k":"v"},`+logGroup+`}`,
			begin+`"name":"l",`+times("00.000", "00.000")+`,`+logGroup+`,"state":"ACTIVE","tags":{"k":"v"}}`)
		time.Sleep(time.Second)
		c.expect("GetLoggingConfiguration", `{"identifier":"<log>"}`,
			`200 `+begin+`"name":"l",`+times("00.000", "00.000")+`,`+logGroup+`,"state":"ACTIVE","tags":{"k":"v"}}`)
		c.expect("UpdateLoggingConfiguration", `{"identifier":"<log>"}`,
			`200 `+begin+`"name":"l",`+times("00.000", "01.000")+`,`+logGroup+`,"state":"ACTIVE","tags":{"k":"v"}}`)
		time.Sleep(time.Second)
		changed := begin + `"name":"",` + times("00.000", "02.000") + `,` + stream + `,"state":"ACTIVE","tags":{"k":"v"}}`
		c.expect("UpdateLoggingConfiguration", `{"identifier":"<log>","name":"",`+stream+`}`, `200 `+changed)
		c.create("last", "CreateLoggingConfiguration", `{`+bucket+`}`,
			`{"arn":"<last>","id":"<last.id>","name":"",`+times("02.000", "02.000")+`,`+bucket+`,"state":"ACTIVE","tags":{}}`)
		c.expect("DeleteLoggingConfiguration", `{"identifier":"<last>"}`, "204 ")
		c.expect("ListLoggingConfigurations", ``, `200 {"loggingConfigurations":[`+changed+`]}`)
		c.expect("DeleteLoggingConfiguration", `{"identifier":"<log>"}`, "204 ")
		c.expect("ListLoggingConfigurations", ``, `200 {"loggingConfigurations":[]}`)
		gone := missing("log")
		c.expect("GetLoggingConfiguration", `{"identifier":"<log>"}`, gone)
		c.expect("DeleteLoggingConfiguration", `{"identifier":"<log>"}`, gone)
		c.expect("UpdateLoggingConfiguration", `{"identifier":"<log>"}`, gone)
		c.expect("CreateRoom", `{"loggingConfigurationIdentifiers":["<log>"]}`, gone)
		c.expect("ListRooms", `{"loggingConfigurationIdentifier":"<log>"}`, gone)
	})
}

func TestAListHasTheRoomsThatItsFiltersSelectInPages(t *testing.T) {
	converse(t, emulator.Config{}, func(c *conversation) {
		c.create("log", "CreateLoggingConfiguration", `{`+bucket+`}`,
			`{"arn":"<log>","id":"<log.id>","name":"",`+times("00.000", "00.000")+`,`+bucket+`,"state":"ACTIVE","tags":{}}`)
		c.expect("ListRooms", ``, `200 {"rooms":[]}`)
		summaries := map[string]string{}
		for i, members := range []string{
			`"name":"a",%s,"tags":{"k":"v"}`,
			`"name":"",%s,"messageReviewHandler":{"uri":"` + function + `","fallbackResult":"DENY"},"tags":{}`,
			`"name":"",%s,"tags":{},"loggingConfigurationIdentifiers":["<log>"]`,
		} {
			name := string(rune('a' + i))
			at := fmt.Sprintf("%02d.000", i)
			summaries[name] = `{"arn":"<` + name + `>","id":"<` + name + `.id>",` + fmt.Sprintf(members, times(at, at))
			c.create(name, "CreateRoom", `{`+strings.Replace(members, "%s,", "", 1)+`}`,
				summaries[name]+`,"maximumMessageLength":500,"maximumMessageRatePerSecond":10}`)
			summaries[name] += `}`
			time.Sleep(time.Second)
		}
		for filter, want := range map[string]string{
			`{}`:               summaries["c"] + `,` + summaries["b"] + `,` + summaries["a"],
			`{"nextToken":""}`: summaries["c"] + `,` + summaries["b"] + `,` + summaries["a"],
			`{"name":"a"}`:     summaries["a"],
			`{"name":"b"}`:     ``,
			`{"messageReviewHandlerUri":"` + function + `"}`:      summaries["b"],
			`{"messageReviewHandlerUri":"` + otherFunction + `"}`: ``,
			`{"loggingConfigurationIdentifier":"<log>"}`:          summaries["c"],
		} {
			c.expect("ListRooms", filter, `200 {"rooms":[`+want+`]}`)
		}
		c.expect("DeleteRoom", `{"identifier":"<c>"}`, "204 ")
		first := c.call("POST", "/ListRooms", `{"maxResults":1}`)
		_, token, _ := strings.Cut(strings.TrimSuffix(first, `"}`), `"nextToken":"`)
		c.compare("the first page", first, `200 {"rooms":[`+summaries["b"]+`],"nextToken":"`+token+`"}`)
		c.expect("ListRooms", `{"maxResults":1,"nextToken":"`+token+`"}`, `200 {"rooms":[`+summaries["a"]+`]}`)
		refused := invalid("nextToken", "nextToken",
			"must be a token that this operation returned to this account, in this region and for these filters")
		c.expect("ListRooms", `{"name":"a","nextToken":"`+token+`"}`, refused)
		c.expect("ListLoggingConfigurations", `{"nextToken":"`+token+`"}`, refused)
		c.expect("ListRooms", `{"nextToken":"x"}`, refused)
	})
}

func TestAPageHasFiftyResourcesUnlessTheRequestSaysLess(t *testing.T) {
	converse(t, emulator.Config{LoggingConfigurationQuota: 51}, func(c *conversation) {
		for range 51 {
			c.call("POST", "/CreateRoom", ``)
			c.call("POST", "/CreateLoggingConfiguration", `{`+bucket+`}`)
		}
		for _, operation := range []string{"ListRooms", "ListLoggingConfigurations"} {
			for body, want := range map[string]int{
				``: 50, `{"maxResults":50}`: 50, `{"maxResults":1}`: 1, `{"maxResults":2}`: 2,
			} {
				page := c.call("POST", "/"+operation, body)
				_, token, _ := strings.Cut(strings.TrimSuffix(page, `"}`), `"nextToken":"`)
				rest := c.call("POST", "/"+operation, `{"nextToken":"`+token+`"}`)
				first, second := strings.Count(page, `"arn":`), strings.Count(rest, `"arn":`)
				if token == "" || first != want || second != 51-want || strings.Contains(rest, "nextToken") {
					t.Errorf("%s %s: pages of %d and %d resources:\n%.200s\n%.200s",
						operation, body, first, second, page, rest)
				}
			}
		}
	})
}

func TestAQuotaLimitsTheResourcesOfAnAccount(t *testing.T) {
	converse(t, emulator.Config{RoomQuota: 2, LoggingConfigurationQuota: 1}, func(c *conversation) {
		c.call("POST", "/CreateRoom", ``)
		c.call("POST", "/CreateRoom", ``)
		c.expect("CreateRoom", ``, `402 {"limit":2,"message":"Account 000000000000 already has 2 rooms in us-east-1, `+
			`which is the quota","resourceId":"000000000000","resourceType":"ROOM"}`)
		c.call("POST", "/CreateLoggingConfiguration", `{`+bucket+`}`)
		c.expect("CreateLoggingConfiguration", `{`+bucket+`}`, `402 {"limit":1,"message":"Account 000000000000 already `+
			`has 1 logging configurations in us-east-1, which is the quota","resourceId":"000000000000","resourceType":"ROOM"}`)
	})
}

func TestAMessageReviewHandlerThatARoomCannotUseIsRefused(t *testing.T) {
	converse(t, emulator.Config{Account: "123456789012"}, func(c *conversation) {
		refused := invalid("uri", "messageReviewHandler.uri",
			"must be a function in the account of the room, 123456789012, but is in 000000000000")
		c.expect("CreateRoom", `{"messageReviewHandler":{"uri":"`+function+`"}}`, refused)
		c.expect("UpdateRoom", `{"identifier":"arn:aws:ivschat:us-east-1:123456789012:room/a",`+
			`"messageReviewHandler":{"uri":"`+function+`"}}`, refused)
	})
}

func TestAResourceOfAnotherAccountOrRegionDoesNotExist(t *testing.T) {
	converse(t, emulator.Config{}, func(c *conversation) {
		for _, owner := range []string{"us-east-1:123456789012", "eu-west-1:000000000000"} {
			c.pairs = append(c.pairs[:0], "<room>", "arn:aws:ivschat:"+owner+":room/abcdefghijkl", "<room.id>", "abcdefghijkl",
				"<log>", "arn:aws:ivschat:"+owner+":logging-configuration/abcdefghijkl", "<log.id>", "abcdefghijkl")
			c.names = strings.NewReplacer(c.pairs...)
			for _, verb := range []string{"Get", "Delete", "Update"} {
				c.expect(verb+"Room", `{"identifier":"<room>"}`, missing("room"))
			}
			for _, verb := range []string{"Get", "Delete", "Update"} {
				c.expect(verb+"LoggingConfiguration", `{"identifier":"<log>"}`, missing("log"))
			}
			c.expect("CreateChatToken", `{"roomIdentifier":"<room>","userId":"u"}`, missing("room"))
			c.expect("SendEvent", `{"roomIdentifier":"<room>","eventName":"e"}`, missing("room"))
			c.expect("DeleteMessage", `{"roomIdentifier":"<room>","id":"abcdefghijkl"}`, missing("room"))
			c.expect("DisconnectUser", `{"roomIdentifier":"<room>","userId":"u"}`, missing("room"))
			c.expect("CreateRoom", `{"loggingConfigurationIdentifiers":["<log>"]}`, missing("log"))
			c.expect("UpdateRoom", `{"identifier":"`+room("a")+`","loggingConfigurationIdentifiers":["<log>"]}`, missing("log"))
			c.expect("ListRooms", `{"loggingConfigurationIdentifier":"<log>"}`, missing("log"))
			c.compare("ListTagsForResource", c.call("GET", "/tags/<room>", ``), missing("room"))
			c.compare("TagResource", c.call("POST", "/tags/<room>", `{"tags":{"a":""}}`), missing("room"))
			c.compare("UntagResource", c.call("DELETE", "/tags/<room>?tagKeys=a", ``), missing("room"))
		}
	})
}

func TestTagsAreChangedAndListed(t *testing.T) {
	converse(t, emulator.Config{}, func(c *conversation) {
		tag := func(body, want string) {
			t.Helper()
			c.compare("TagResource "+body, c.call("POST", "/tags/<room>", `{"tags":`+body+`}`), want)
		}
		list := func(want string) {
			t.Helper()
			c.compare("ListTagsForResource", c.call("GET", "/tags/<room>", ``), want)
		}
		c.create("room", "CreateRoom", ``, `{"arn":"<room>","id":"<room.id>","name":"",`+times("00.000", "00.000")+
			`,"tags":{},"maximumMessageLength":500,"maximumMessageRatePerSecond":10}`)
		list(`200 {"tags":{}}`)
		tag(`{"a":"1","b":"2"}`, `200 {}`)
		tag(`{"b":"3","c":""}`, `200 {}`)
		list(`200 {"tags":{"a":"1","b":"3","c":""}}`)
		c.compare("UntagResource", c.call("DELETE", "/tags/<room>?tagKeys=a&tagKeys=c&tagKeys=none", ``), `200 {}`)
		list(`200 {"tags":{"b":"3"}}`)
		c.compare("UntagResource without keys", c.call("DELETE", "/tags/<room>", ``), invalid("tagKeys", "tagKeys", "is required"))
		tag(object(50), invalid("tags", "tags", "must leave the resource with at most 50 tags, but would leave it with 51"))
		list(`200 {"tags":{"b":"3"}}`)
		tag(strings.Replace(object(50), "k49", "b", 1), `200 {}`)
		c.expect("DeleteRoom", `{"identifier":"<room>"}`, "204 ")
		gone := missing("room")
		list(gone)
		tag(`{"a":"1"}`, gone)
		c.compare("UntagResource", c.call("DELETE", "/tags/<room>?tagKeys=a", ``), gone)
	})
}
