package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// change changes the members of an operation's reply of success.
func change(operation string, do func(members map[string]any)) mutant {
	return mutant{reply: func(op string, a *answer) {
		if op == operation && a.status < 300 && a.members != nil {
			do(a.members)
		}
	}}
}

// ask changes the members of an operation's request.
func ask(operation string, do func(members map[string]any)) mutant {
	return mutant{request: func(op string, members map[string]any) {
		if op == operation {
			do(members)
		}
	}}
}

// answers changes every answer.
func answers(do func(a *answer)) mutant {
	return mutant{reply: func(_ string, a *answer) { do(a) }}
}

// failures changes the answers that are exceptions of the name.
func failures(name string, do func(a *answer)) mutant {
	return answers(func(a *answer) {
		if a.header.Get("x-amzn-ErrorType") == name {
			do(a)
		}
	})
}

// edit changes every frame of the type that a client gets.
func edit(kind string, do func(frame string) string) mutant {
	return mutant{down: func(_ *line, frame string) []string {
		if isType(frame, kind) {
			frame = do(frame)
		}
		return []string{frame}
	}}
}

// swap replaces a text in every frame of the type.
func swap(kind, pattern, text string) mutant {
	return edit(kind, func(frame string) string { return regexp.MustCompile(pattern).ReplaceAllString(frame, text) })
}

// drop keeps frames of the type from clients of which that is true.
func drop(kind string, from func(c *line) bool) mutant {
	return mutant{down: func(c *line, frame string) []string {
		if isType(frame, kind) && from(c) {
			return nil
		}
		return []string{frame}
	}}
}

func everyone(*line) bool { return true }

// tooOften lets a client have so many frames of the type, and then ERRORs 429.
func tooOften(kind string, most int) mutant {
	return mutant{down: func(c *line, frame string) []string {
		if isType(frame, kind) {
			if c.kept += "."; len(c.kept) > most {
				frame = `{"Type":"ERROR","ErrorCode":429}`
			}
		}
		return []string{frame}
	}}
}

// letIn lets a client in that was refused; what it says is lost.
func letIn(f *front, w http.ResponseWriter, r *http.Request, _ *answer) bool {
	if conn := f.upgrade(w, r); conn != nil {
		f.mu.Lock()
		f.lines = append(f.lines, &line{front: f, outer: conn, inner: conn})
		f.mu.Unlock()
	}
	return true
}

// reformat writes times of a reply in another form.
func reformat(form string, members ...string) func(map[string]any) {
	return func(reply map[string]any) {
		for _, member := range members {
			if at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(reply[member])); err == nil {
				reply[member] = at.Format(form)
			}
		}
	}
}

func remove(member string) func(map[string]any) {
	return func(members map[string]any) { delete(members, member) }
}

func set(member string, value any) func(map[string]any) {
	return func(members map[string]any) { members[member] = value }
}

// mutations are misbehaviours, each with the claim that catches it.
var mutations = []struct {
	name, caughtBy string
	mutant         mutant
}{
	// The control plane.
	{"CreateRoom is 201", "C201", mutant{reply: func(op string, a *answer) {
		if op == "CreateRoom" && a.status == 200 {
			a.status = 201
		}
	}}},
	{"DeleteRoom is 200", "C234", mutant{reply: func(op string, a *answer) {
		if op == "DeleteRoom" && a.status == 204 {
			a.status = 200
		}
	}}},
	{"DeleteRoom is idempotent", "C236", mutant{reply: func(op string, a *answer) {
		if op == "DeleteRoom" {
			*a = answer{status: 204, header: http.Header{}}
		}
	}}},
	{"replies have no request id", "C101", answers(func(a *answer) { a.header.Del("x-amzn-RequestId") })},
	{"all replies have one request id", "C103", answers(func(a *answer) { a.header.Set("x-amzn-RequestId", "11111111-1111-1111-1111-111111111111") })},
	{"replies are text", "C104", answers(func(a *answer) { a.header.Set("Content-Type", "text/plain") })},
	{"exceptions are not named in the header", "C105", answers(func(a *answer) { a.header.Del("x-amzn-ErrorType") })},
	{"exceptions have exceptionMessage, as those of a sister service", "C105", failures("ResourceNotFoundException", func(a *answer) {
		a.members["exceptionMessage"] = a.members["message"]
		delete(a.members, "message")
	})},
	{"what is absent is 400", "C107", failures("ResourceNotFoundException", func(a *answer) { a.status = 400 })},
	{"what is absent has another name", "C107", failures("ResourceNotFoundException", func(a *answer) { a.header.Set("x-amzn-ErrorType", "NotFoundException") })},
	{"resourceId is an ARN", "C108", failures("ResourceNotFoundException", func(a *answer) { a.members["resourceId"] = "arn:aws:ivschat:us-east-1:1:room/x" })},
	{"resourceType is that of the resource", "C532", failures("ResourceNotFoundException", func(a *answer) { a.members["resourceType"] = "LOGGING_CONFIGURATION" })},
	{"resourceType is missing", "C108", failures("ResourceNotFoundException", func(a *answer) { delete(a.members, "resourceType") })},
	{"a violation has no reason", "C109", failures("ValidationException", func(a *answer) { delete(a.members, "reason") })},
	{"a violation names no field", "C109", failures("ValidationException", func(a *answer) { delete(a.members, "fieldList") })},
	{"a violation's message says only that", "C111", failures("ValidationException", func(a *answer) { a.members["message"] = "invalid" })},
	{"a conflict is 400", "C519", failures("ConflictException", func(a *answer) { a.status = 400 })},
	{"a full quota is 400", "C524", failures("ServiceQuotaExceededException", func(a *answer) { a.status = 400 })},
	{"a full quota does not tell the limit", "C524", failures("ServiceQuotaExceededException", func(a *answer) { delete(a.members, "limit") })},
	{"an exception cannot be read from another origin", "C126", answers(func(a *answer) { a.header.Del("Access-Control-Allow-Origin") })},
	{"an encoded ARN is not understood", "C121", mutant{reply: func(op string, a *answer) {
		if op == "GET tags" {
			a.exception(404, "UnknownOperationException")
		}
	}}},
	{"a page may not read the request id", "C138", answers(func(a *answer) { a.header.Del("Access-Control-Expose-Headers") })},
	{"what is made is 201", "C135", mutant{reply: func(op string, a *answer) {
		if op == "CreateChatToken" && a.status == 200 {
			a.status = 201
		}
	}}},
	{"what is too long passes", claim("DeleteMessage's roomIdentifier (characters) may be 128, but not 129."), failures("ValidationException", func(a *answer) { *a = answer{status: 200, header: http.Header{}} })},
	{"the longest is too long", claim("UntagResource's tagKeys (keys) may be 50, but not 51."), mutant{reply: func(op string, a *answer) {
		if op == "DELETE tags" && a.status == 200 {
			a.exception(400, "ValidationException")
		}
	}}},
	{"a violation is blamed on another member", claim("ListTagsForResource's resourceArn (characters) may be 128, but not 129."), failures("ValidationException", func(a *answer) {
		text, _ := json.Marshal(a.members)
		a.members = object(strings.ReplaceAll(string(text), "resourceArn", "identifier"))
	})},
	{"what is wanting is absent", claim("UpdateRoom needs identifier."), failures("ValidationException", func(a *answer) { a.exception(404, "ResourceNotFoundException") })},
	{"an empty name is none", claim(`CreateRoom's name may be "".`), ask("CreateRoom", func(m map[string]any) {
		if m["name"] == "" {
			m["name"] = "no blanks"
		}
	})},
	{"times are numbers", "C123", change("CreateRoom", set("createTime", 1700000000.5))},
	{"times have no milliseconds", "C123", change("CreateRoom", reformat(time.RFC3339, "createTime", "updateTime"))},
	{"times of tokens have milliseconds", "C125", change("CreateChatToken", reformat("2006-01-02T15:04:05.000Z", "tokenExpirationTime"))},
	{"times are local", "C124", change("CreateLoggingConfiguration", func(m map[string]any) {
		m["createTime"] = strings.Replace(fmt.Sprint(m["createTime"]), "Z", "+00:00", 1)
	})},
	{"a room's id is a UUID", "C202", change("CreateRoom", set("id", "11111111-1111-1111-1111-111111111111"))},
	{"an ARN has another resource", "C203", change("CreateRoom", func(m map[string]any) { m["arn"] = strings.Replace(fmt.Sprint(m["arn"]), ":room/", ":chatroom/", 1) })},
	{"the account is always the same", "C204", change("CreateRoom", func(m map[string]any) {
		m["arn"] = regexp.MustCompile(`:\d{12}:`).ReplaceAllString(fmt.Sprint(m["arn"]), ":000000000000:")
	})},
	{"messages are of 280 characters when nothing is said", "C205", change("CreateRoom", set("maximumMessageLength", 280))},
	{"a hundred messages a second when nothing is said", "C206", change("CreateRoom", set("maximumMessageRatePerSecond", 100))},
	{"no tags are none", "C207", change("CreateRoom", remove("tags"))},
	{"no handler is {}", "C208", change("CreateRoom", set("messageReviewHandler", map[string]any{}))},
	{"no logging is []", "C209", change("CreateRoom", set("loggingConfigurationIdentifiers", []any{}))},
	{"a room is updated when it is created", "C210", change("CreateRoom", set("updateTime", "2999-01-01T00:00:00.000Z"))},
	{"an update resets what it does not name", "C218", ask("UpdateRoom", func(m map[string]any) {
		if _, named := m["maximumMessageRatePerSecond"]; !named {
			m["maximumMessageRatePerSecond"] = 10
		}
	})},
	{"an update does nothing", "C217", ask("UpdateRoom", func(m map[string]any) { delete(m, "name"); delete(m, "maximumMessageLength") })},
	{"an empty list detaches nothing", "C230", ask("UpdateRoom", func(m map[string]any) {
		if list, ok := m["loggingConfigurationIdentifiers"].([]any); ok && len(list) == 0 {
			delete(m, "loggingConfigurationIdentifiers")
		}
	})},
	{"a detached handler is gone", "C224", change("GetRoom", func(m map[string]any) {
		if handler, ok := m["messageReviewHandler"].(map[string]any); ok && handler["uri"] == "" {
			delete(m, "messageReviewHandler")
		}
	})},
	{"fallbackResult is DENY when nothing is said", "C222", change("GetRoom", func(m map[string]any) {
		if handler, ok := m["messageReviewHandler"].(map[string]any); ok {
			handler["fallbackResult"] = "DENY"
		}
	})},
	{"an update replies with the room as it was", "C239", change("UpdateRoom", set("name", "before"))},
	{"the oldest room comes first", "C301", change("ListRooms", func(m map[string]any) { slices.Reverse(m["rooms"].([]any)) })},
	{"a summary is the whole room", "C303", change("ListRooms", func(m map[string]any) {
		for _, room := range m["rooms"].([]any) {
			room.(map[string]any)["maximumMessageLength"] = 500
		}
	})},
	{"maxResults is not obeyed", "C305", ask("ListRooms", remove("maxResults"))},
	{"nextToken is not obeyed", "C305", ask("ListRooms", remove("nextToken"))},
	{"the last page has a token", "C306", change("ListRooms", set("nextToken", "more"))},
	{"an empty list is null", "C322", change("ListRooms", func(m map[string]any) {
		if len(m["rooms"].([]any)) == 0 {
			m["rooms"] = nil
		}
	})},
	{"the filter name is not obeyed", "C315", ask("ListRooms", remove("name"))},
	{"the filter for a handler is not obeyed", "C317", ask("ListRooms", remove("messageReviewHandlerUri"))},
	{"an empty nextToken is refused", "C309", mutant{request: func(op string, m map[string]any) {
		if m["nextToken"] == "" {
			m["nextToken"] = "none"
		}
	}}},
	{"a token lasts a minute", "C405", change("CreateChatToken", func(m map[string]any) {
		at, _ := time.Parse(time.RFC3339, fmt.Sprint(m["sessionExpirationTime"]))
		m["tokenExpirationTime"] = at.Add(-59 * time.Minute).Format(time.RFC3339)
	})},
	{"a token and its session are half an hour short", "C405", change("CreateChatToken", func(m map[string]any) {
		for _, member := range []string{"tokenExpirationTime", "sessionExpirationTime"} {
			at, _ := time.Parse(time.RFC3339, fmt.Sprint(m[member]))
			m[member] = at.Add(-30 * time.Minute).Format(time.RFC3339)
		}
	})},
	{"a token lasts as long as its session", "C406", change("CreateChatToken", func(m map[string]any) { m["tokenExpirationTime"] = m["sessionExpirationTime"] })},
	{"a token is a JWT", "C401", change("CreateChatToken", set("token", "eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9IV7pAx_Zmeo"))},
	{"a token has characters that a subprotocol has not", "C402", change("CreateChatToken", set("token", "AQICAH/+=="))},
	{"CreateChatToken tells its state", "C403", change("CreateChatToken", set("state", "ACTIVE"))},
	{"a userId is counted in bytes", claim("CreateChatToken's userId (characters) may be 128, but not 129."), ask("CreateChatToken", func(m map[string]any) {
		if user, ok := m["userId"].(string); ok && len(user) > 128 {
			m["userId"] = strings.Repeat("u", 129)
		}
	})},
	{"an event may have 1 KB", "C710", ask("SendEvent", func(m map[string]any) {
		if text, _ := json.Marshal(m["attributes"]); len(text) > 1100 {
			m["attributes"] = 7
		}
	})},
	{"a new logging configuration is CREATING", "C509", change("CreateLoggingConfiguration", set("state", "CREATING"))},
	{"an empty nextToken is refused for logging configurations", "C526", ask("ListLoggingConfigurations", func(m map[string]any) {
		if m["nextToken"] == "" {
			m["nextToken"] = "none"
		}
	})},
	{"a logging configuration's tags are seen once", "C527", change("GetLoggingConfiguration", remove("tags"))},
	{"an updated logging configuration is UPDATING", "C528", change("UpdateLoggingConfiguration", set("state", "UPDATING"))},
	{"a deleted logging configuration is still there", "C529", failures("ResourceNotFoundException", func(a *answer) { *a = answer{status: 200, header: http.Header{}, body: "{}"} })},
	{"a summary does not tell the destination", "C530", change("ListLoggingConfigurations", func(m map[string]any) {
		for _, one := range m["loggingConfigurations"].([]any) {
			delete(one.(map[string]any), "destinationConfiguration")
		}
	})},
	{"no tags of a resource are none", "C608", change("GET tags", remove("tags"))},
	{"tagging is 204", "C617", mutant{reply: func(op string, a *answer) {
		if op == "POST tags" && a.status == 200 {
			a.status, a.members = 204, nil
		}
	}}},
	{"SendEvent replies with nothing", "C701", change("SendEvent", remove("id"))},
	{"DeleteMessage replies with the message's id", "C702", change("DeleteMessage", set("id", "abcdefghijkl"))},
	{"a message must exist to be deleted", "C703", mutant{reply: func(op string, a *answer) {
		if op == "DeleteMessage" {
			a.exception(404, "ResourceNotFoundException")
		}
	}}},
	{"a user must be there to be disconnected", "C705", mutant{reply: func(op string, a *answer) {
		if op == "DisconnectUser" {
			a.exception(404, "ResourceNotFoundException")
		}
	}}},

	// The handshake.
	{"the subprotocol is not confirmed", "M102", mutant{options: func(u *websocket.Upgrader) { u.Subprotocols = nil }}},
	{"another subprotocol is confirmed", "M102", mutant{handshake: func(f *front, w http.ResponseWriter, r *http.Request) bool {
		upgrader := websocket.Upgrader{}
		if conn, err := upgrader.Upgrade(w, r, http.Header{"Sec-Websocket-Protocol": {"chat"}}); err == nil {
			defer conn.Close()
			_, _, _ = conn.ReadMessage()
		}
		return true
	}}},
	{"there is one path only", "M104", mutant{handshake: func(_ *front, w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/" {
			return false
		}
		http.NotFound(w, r)
		return true
	}}},
	{"the origin is checked", "M105", mutant{handshake: func(_ *front, w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Origin") == "" {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	}}},
	{"whoever connects is greeted", "M106", mutant{opened: func(c *line) { c.tell(`{"Type":"EVENT","EventName":"hello"}`) }}},
	{"a used token is let in", "M107", mutant{refusal: letIn}},
	{"a used token is let in after its connection", "M108", mutant{refusal: letIn}},
	{"a forged token is let in", "M112", mutant{refusal: letIn}},
	{"a stale token is let in", "M119", mutant{refusal: letIn}},
	{"whoever has no token is 403", "M110", mutant{refusal: func(_ *front, w http.ResponseWriter, _ *http.Request, refused *answer) bool {
		refused.status = 403
		return false
	}}},
	{"a refusal is a close frame", "M115", mutant{refusal: func(f *front, w http.ResponseWriter, r *http.Request, _ *answer) bool {
		if conn := f.upgrade(w, r); conn != nil {
			(&line{outer: conn}).end(4401)
		}
		return true
	}}},
	{"a refusal is empty", "M116", mutant{refusal: func(_ *front, _ http.ResponseWriter, _ *http.Request, refused *answer) bool {
		refused.body = "{}"
		return false
	}}},
	{"a user has one connection", "M117", mutant{handshake: func(f *front, _ http.ResponseWriter, _ *http.Request) bool {
		f.hangUp()
		return false
	}}},

	// Actions.
	{"member names are matched as they are written", "M202", mutant{up: func(_ *line, frame string) string { return strings.Replace(frame, `"action"`, `"unknown"`, 1) }}},
	{"everyone may do everything", "M211", ask("CreateChatToken", set("capabilities", []any{"SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"}))},
	{"whoever may nothing is let say it", "M215", ask("CreateChatToken", set("capabilities", []any{"SEND_MESSAGE"}))},
	{"want of a capability is 401", "M212", swap("ERROR", `"ErrorCode":403`, `"ErrorCode":401`)},
	{"an ERROR ends the connection", "M218", mutant{down: func(c *line, frame string) []string {
		if isType(frame, "ERROR") {
			c.tell(frame)
			c.end(1003)
			return nil
		}
		return []string{frame}
	}}},
	{"what is no JSON is not answered", "M218", drop("ERROR", everyone)},
	{"an ERROR is for everyone", "M231", mutant{down: func(c *line, frame string) []string {
		if isType(frame, "ERROR") {
			c.front.tellAll(frame)
			return nil
		}
		return []string{frame}
	}}},
	{"an ERROR does not say what it answers", "M230", swap("ERROR", `"RequestId":"[^"]*"`, `"RequestId":""`)},
	{"lengths are counted in bytes", "M234", mutant{up: func(_ *line, frame string) string { return strings.Replace(frame, "🙂🙂🙂", "abcdefghijkl", 1) }}},
	{"the longest message is one too long", "M235", mutant{up: func(_ *line, frame string) string {
		return strings.Replace(frame, strings.Repeat("a", 500), strings.Repeat("a", 501), 1)
	}}},
	{"too long is 413", "M236", swap("ERROR", `"ErrorCode":400`, `"ErrorCode":413`)},
	{"too long is said otherwise", "M237", swap("ERROR", `Message exceeds maximum length`, `Message too long`)},
	{"a room stays as it was created", "M238", ask("UpdateRoom", remove("maximumMessageLength"))},
	{"a binary frame is refused and delivered", "M222", mutant{down: func(_ *line, frame string) []string {
		if isType(frame, "ERROR") {
			return []string{frame, `{"Type":"MESSAGE","Content":"binary"}`}
		}
		return []string{frame}
	}}},
	{"a deleted room is 403", "M233", swap("ERROR", `"ErrorCode":404`, `"ErrorCode":403`)},

	// Frames.
	{"members come in another order", "M301", edit("MESSAGE", func(frame string) string {
		text, _ := json.Marshal(object(frame))
		return string(text)
	})},
	{"no Attributes are {}", "M312", swap("MESSAGE", `"Attributes":null`, `"Attributes":{}`)},
	{"no Attributes of a sender are null", "M316", swap("MESSAGE", `"Attributes":\{\}\}`, `"Attributes":null}`)},
	{"no RequestId is none", "M309", swap("MESSAGE", `"RequestId":"",`, ``)},
	{"no RequestId is null", "M310", swap("EVENT", `"RequestId":""`, `"RequestId":null`)},
	{"no RequestId of the control plane is null", "M335", swap("aws:DISCONNECT_USER", `"RequestId":""`, `"RequestId":null`)},
	{"a moderator's RequestId is lost", "M311", swap("EVENT", `"RequestId":"[^"]*"`, `"RequestId":""`)},
	{"a message is named MessageId only", "M321", swap("EVENT", `"MessageID":"[^"]*",?`, ``)},
	{"a message is named MessageID only", "M322", swap("EVENT", `"MessageId":"[^"]*",?`, ``)},
	{"a Reason is lost", "M323", swap("EVENT", `,"Reason":"[^"]*"`, ``)},
	{"SendTime has milliseconds", "M319", swap("MESSAGE", `(T\d\d:\d\d:\d\d\.\d{3})\d*Z`, `${1}Z`)},
	{"SendTime has trailing zeros", "M318", swap("MESSAGE", `(T\d\d:\d\d:\d\d\.\d{3})\d*Z`, `${1}000000Z`)},
	{"SendTime is a number", "M318", swap("MESSAGE", `"SendTime":"[^"]*"`, `"SendTime":1700000000`)},
	{"SendTime is an hour old", "M320", edit("MESSAGE", func(frame string) string {
		at, _ := time.Parse(time.RFC3339Nano, fmt.Sprint(object(frame)["SendTime"]))
		return strings.Replace(frame, at.Format(time.RFC3339Nano), at.Add(-time.Hour).Format(time.RFC3339Nano), 1)
	})},
	{"ErrorCode is a text", "M332", swap("ERROR", `"ErrorCode":(\d+)`, `"ErrorCode":"$1"`)},
	{"ErrorCode is one that no client knows", "M333", swap("ERROR", `"ErrorCode":\d+`, `"ErrorCode":422`)},
	{"an ERROR has no Id", "M304", swap("ERROR", `"Id":"[^"]*",`, ``)},
	{"Ids come again", "M307", swap("MESSAGE", `"Id":"[^"]*"`, `"Id":"abcdefghijkl"`)},
	{"HTML is escaped", "M334", swap("MESSAGE", `<`, `\u003c`)},
	{"the attributes of a token are lost", "M317", ask("CreateChatToken", remove("attributes"))},
	{"an event has another Id than SendEvent said", "M328", change("SendEvent", set("id", "abcdefghijkl"))},
	{"an event has no attributes", "M327", ask("SendEvent", remove("attributes"))},

	// Who hears what.
	{"a message is not for its sender", "M402", drop("MESSAGE", func(c *line) bool { return c.said.Load() > 0 })},
	{"a message is for its sender only", "M401", drop("MESSAGE", func(c *line) bool { return c.said.Load() == 0 })},
	{"a message is for every room", "M404", mutant{down: func(c *line, frame string) []string {
		if isType(frame, "MESSAGE") {
			c.front.tellAll(frame)
			return nil
		}
		return []string{frame}
	}}},
	{"a message comes twice", "M405", mutant{down: func(_ *line, frame string) []string { return []string{frame, frame} }}},
	{"messages change places", "M406", mutant{down: func(c *line, frame string) []string {
		if c.kept == "" {
			c.kept = frame
			return nil
		}
		kept := c.kept
		c.kept = ""
		return []string{frame, kept}
	}}},
	{"a deletion is for others", "M408", drop("aws:DELETE_MESSAGE", func(c *line) bool { return c.said.Load() > 0 })},
	{"a disconnection is not told", "M409", drop("aws:DISCONNECT_USER", everyone)},
	{"a disconnection is closed with 1008", "M410", mutant{ended: func(*line, int) int { return 1008 }}},
	{"a disconnection drops the connection", "M410", mutant{ended: func(*line, int) int { return 0 }}},
	{"one connection of a user is disconnected", "M411", mutant{
		ended: func(c *line, code int) int {
			c.front.mu.Lock()
			defer c.front.mu.Unlock()
			if c.front.lines[0] == c {
				return code
			}
			return 1001
		},
	}},
	{"events do not reach viewers", "M416", drop("EVENT", everyone)},
	{"arrivals are told", "M417", mutant{handshake: func(f *front, _ http.ResponseWriter, _ *http.Request) bool {
		f.tellAll(`{"Type":"EVENT","EventName":"joined"}`)
		return false
	}}},
	{"departures are told", "M417", mutant{opened: func(c *line) {
		answer := c.outer.CloseHandler()
		c.outer.SetCloseHandler(func(code int, text string) error {
			c.front.tellAllBut(c, `{"Type":"EVENT","EventName":"left"}`)
			return answer(code, text)
		})
	}}},
	{"a deleted room ends its connections", "M418", mutant{down: func(c *line, frame string) []string {
		if isType(frame, "ERROR") {
			c.end(1000)
			return nil
		}
		return []string{frame}
	}}},
	{"pings are not answered", "M419", mutant{opened: func(c *line) { c.outer.SetPingHandler(func(string) error { return nil }) }}},

	// Limits.
	{"five a second are too often", "M501", tooOften("MESSAGE", 5)},
	{"deletions count as messages", "M511", tooOften("aws:DELETE_MESSAGE", 1)},
	{"too often is 400", "M502", swap("ERROR", `"ErrorCode":429`, `"ErrorCode":400`)},
	{"too often is said otherwise", "M504", swap("ERROR", `rate limit exceeded`, `Rate exceeded`)},
	{"too often ends the connection", "M505", mutant{down: func(c *line, frame string) []string {
		if strings.Contains(frame, `"ErrorCode":429`) {
			c.end(1008)
		}
		return []string{frame}
	}}},
	{"what was too often is delivered", "M506", mutant{up: func(c *line, frame string) string {
		if c.said.Load() > 10 {
			c.front.tellAllBut(c, `{"Type":"MESSAGE","Content":"hi"}`)
		}
		return frame
	}}},
	{"a room's rate is five when nothing is said", "M509", ask("CreateRoom", func(m map[string]any) {
		if m["maximumMessageRatePerSecond"] == nil {
			m["maximumMessageRatePerSecond"] = 5
		}
	})},
	{"a room's rate is not that which was asked for", "M508", ask("CreateRoom", remove("maximumMessageRatePerSecond"))},
	{"what was refused counts, too", "M514", mutant{down: func(c *line, frame string) []string {
		// A mutant has no clock: it takes the refusals for the limit of a while.
		if strings.Contains(frame, `"ErrorCode":429`) {
			c.kept = frame
		} else if c.kept != "" {
			frame = c.kept
		}
		return []string{frame}
	}}},
	{"whoever was too often stays so", "M513", mutant{down: func(c *line, frame string) []string {
		if strings.Contains(frame, `"ErrorCode":429`) {
			c.kept = frame
		} else if c.kept != "" {
			frame = c.kept
		}
		return []string{frame}
	}}},
	{"a room's rate is a hundred when nothing is said", "M509", ask("CreateRoom", func(m map[string]any) {
		if m["maximumMessageRatePerSecond"] == nil {
			m["maximumMessageRatePerSecond"] = 100
		}
	})},
	{"a room's rate stays as it was created", "M510", ask("UpdateRoom", remove("maximumMessageRatePerSecond"))},

	// Sessions.
	{"a session ends with a clean close", "M604", mutant{ended: func(*line, int) int { return 1000 }}},
	{"the end of a session is not told", "M603", drop("ERROR", everyone)},
	{"a session lasts a minute at most", "M601", ask("CreateChatToken", set("sessionDurationInMinutes", 1))},
	{"a session has no end", "M602", mutant{ended: func(*line, int) int { return never }}},
}

// claim gives the ID of the claim with that sentence.
func claim(sentence string) string {
	for _, claim := range conformance.Claims() {
		if claim.Sentence == sentence {
			return claim.ID
		}
	}
	panic("no claim says " + sentence)
}

func TestEveryMisbehaviourIsCaught(t *testing.T) {
	claims := map[string]conformance.Claim{}
	for _, claim := range conformance.Claims() {
		claims[claim.ID] = claim
	}
	if len(mutations) < 40 {
		t.Errorf("there are %d misbehaviours", len(mutations))
	}
	for _, mutation := range mutations {
		t.Run(mutation.name, func(t *testing.T) {
			t.Parallel()
			claim, exists := claims[mutation.caughtBy]
			if !exists {
				t.Fatalf("%s is no claim", mutation.caughtBy)
			}
			if behaved := conformance.Check(t.Context(), mutate(t, mutant{}), claim); behaved.Outcome != conformance.Held && behaved.Outcome != conformance.AsDecided {
				t.Errorf("without it %s is %s: %s", claim.ID, behaved.Outcome, behaved.Detail)
			}
			target := mutate(t, mutation.mutant)
			target.Patience = time.Second // what does not come is what is looked for
			result := conformance.Check(t.Context(), target, claim)
			if result.Outcome != conformance.Failed {
				t.Errorf("%s is %s", claim.ID, result.Outcome)
			}
			if strings.Contains(result.Detail, "could not go on") {
				t.Errorf("%s: %s", claim.ID, result.Detail)
			}
		})
	}
}
