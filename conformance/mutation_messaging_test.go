package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// messagingMutations are mutants of the messaging endpoint, each with the claim that catches it.
var messagingMutations = []mutation{
	// The handshake.
	{
		"the subprotocol is not confirmed", "M102",
		mutant{options: func(u *websocket.Upgrader) { u.Subprotocols = nil }},
	},
	{
		"another subprotocol is confirmed", "M102",
		mutant{handshake: func(x *proxy, w http.ResponseWriter, r *http.Request) bool {
			upgrader := websocket.Upgrader{}
			header := http.Header{"Sec-Websocket-Protocol": {"chat"}}
			if conn, err := upgrader.Upgrade(w, r, header); err == nil {
				defer conn.Close()
				_, _, _ = conn.ReadMessage()
			}
			return true
		}},
	},
	{
		"only one path accepts connections", "M104",
		mutant{handshake: func(_ *proxy, w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/" {
				return false
			}
			http.NotFound(w, r)
			return true
		}},
	},
	{
		"the Origin is checked", "M105",
		mutant{handshake: func(_ *proxy, w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Origin") == "" {
				return false
			}
			w.WriteHeader(http.StatusForbidden)
			return true
		}},
	},
	{
		"a new client receives a greeting", "M106",
		mutant{opened: func(c *proxyConn) { c.send(`{"Type":"EVENT","EventName":"hello"}`) }},
	},
	{
		"a used token is accepted", "M107",
		mutant{refusal: acceptRefused},
	},
	{
		"a used token is accepted after its connection is closed", "M108",
		mutant{refusal: acceptRefused},
	},
	{
		"a forged token is accepted", "M112",
		mutant{refusal: acceptRefused},
	},
	{
		"an expired token is accepted", "M119",
		mutant{refusal: acceptRefused},
	},
	{
		"a missing token is refused with 403", "M110",
		changeRefusals(func(refused *mutableReply) { refused.status = 403 }),
	},
	{
		"a refusal is a close frame", "M115",
		mutant{refusal: closeRefused},
	},
	{
		"a refusal has no message", "M116",
		changeRefusals(func(refused *mutableReply) { refused.body = "{}" }),
	},
	{
		"a malformed handshake uses up its token", "M123",
		mutant{refusal: func(x *proxy, _ http.ResponseWriter, r *http.Request, _ *mutableReply) bool {
			dialer := websocket.Dialer{Subprotocols: websocket.Subprotocols(r)}
			if conn, _, err := dialer.Dial(strings.Replace(x.emulator.URL(), "http", "ws", 1), nil); err == nil {
				_ = conn.Close()
			}
			return false
		}},
	},
	{"the messaging endpoint answers requests to the control plane", "C670", accept("MalformedHttpRequestException")},
	{"a region accepts the chat tokens of another one", "M126", mutant{refusal: acceptRefused}},
	{
		"a chat token is used up where it is refused", "M126",
		mutant{handshake: func(x *proxy, w http.ResponseWriter, r *http.Request) bool {
			if r.Host != "edge.ivschat.us-east-1.amazonaws.com" {
				x.refuse(w, r, &mutableReply{401, http.Header{}, "", nil})
				return true
			}
			return false
		}},
	},
	{"chat clients can connect to the control plane", "M127", mutant{refusal: acceptRefused}},
	{
		"the supported version is not told", "M124",
		changeRefusals(func(refused *mutableReply) { refused.header.Del("Sec-Websocket-Version") }),
	},
	{
		"a handshake that lost its Upgrade header is an unknown operation", "M125",
		changeRefusals(func(refused *mutableReply) { refused.setException(404, "UnknownOperationException") }),
	},
	{
		"a user can have only one connection", "M117",
		mutant{handshake: func(x *proxy, _ http.ResponseWriter, _ *http.Request) bool {
			x.dropAll()
			return false
		}},
	},

	// Actions.
	{
		"the letter case of member names matters", "M202",
		mutant{fromClient: func(_ *proxyConn, frame string) string {
			return strings.Replace(frame, `"action"`, `"unknown"`, 1)
		}},
	},
	{
		"member names must begin in one of two ways", "M240",
		mutant{fromClient: func(_ *proxyConn, frame string) string {
			return strings.Replace(frame, `"aCTION"`, `"unknown"`, 1)
		}},
	},
	{
		"no user has a capability", "M213",
		changeRequest("CreateChatToken", set("capabilities", []any{})),
	},
	{
		"a deeply nested frame is accepted", "M220",
		mutant{fromClient: func(_ *proxyConn, frame string) string {
			return regexp.MustCompile(`,"deep":.*`).ReplaceAllString(frame, "}")
		}},
	},
	{
		"attributes with a null value are accepted", "M239",
		mutant{fromClient: func(_ *proxyConn, frame string) string {
			return strings.Replace(frame, `{"k":null}`, `{}`, 1)
		}},
	},
	{
		"every user has all capabilities", "M211",
		changeRequest("CreateChatToken",
			set("capabilities", []any{"SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"})),
	},
	{
		"a user without capabilities can send messages", "M215",
		changeRequest("CreateChatToken", set("capabilities", []any{"SEND_MESSAGE"})),
	},
	{
		"a user without capabilities can delete messages", "M215",
		changeRequest("CreateChatToken", set("capabilities", []any{"DELETE_MESSAGE"})),
	},
	{
		"a missing capability is answered with 401", "M212",
		replaceInFrames("ERROR", `"ErrorCode":403`, `"ErrorCode":401`),
	},
	{
		"an ERROR closes the connection", "M218",
		mutant{toClient: func(c *proxyConn, frame string) []string {
			if isType(frame, "ERROR") {
				c.send(frame)
				c.close(1003)
				return nil
			}
			return []string{frame}
		}},
	},
	{
		"a frame that is not JSON has no answer", "M218",
		dropFrames("ERROR", everyClient),
	},
	{
		"an ERROR reaches everyone", "M231",
		mutant{toClient: func(c *proxyConn, frame string) []string {
			if isType(frame, "ERROR") {
				c.proxy.sendAll(frame)
				return nil
			}
			return []string{frame}
		}},
	},
	{
		"an ERROR has no RequestId", "M230",
		replaceInFrames("ERROR", `"RequestId":"[^"]*"`, `"RequestId":""`),
	},
	{
		"a RequestId that is too long is accepted", "M250",
		mutant{fromClient: func(_ *proxyConn, frame string) string {
			return strings.Replace(frame, strings.Repeat("🙂", 129), strings.Repeat("🙂", 128), 1)
		}},
	},
	{
		"the length of Content is counted in bytes", "M234",
		mutant{fromClient: func(_ *proxyConn, frame string) string {
			return strings.Replace(frame, "🙂🙂🙂", "abcdefghijkl", 1)
		}},
	},
	{
		"the longest Content is refused", "M235",
		mutant{fromClient: func(_ *proxyConn, frame string) string {
			return strings.Replace(frame, strings.Repeat("a", 500), strings.Repeat("a", 501), 1)
		}},
	},
	{
		"Content that is too long is answered with 413", "M236",
		replaceInFrames("ERROR", `"ErrorCode":400`, `"ErrorCode":413`),
	},
	{
		"the ErrorMessage for long Content is another one", "M237",
		replaceInFrames("ERROR", `Message exceeds maximum length`, `Message too long`),
	},
	{
		"an update of maximumMessageLength is ignored", "M238",
		changeRequest("UpdateRoom", remove("maximumMessageLength")),
	},
	{
		"a binary frame is refused and delivered", "M222",
		mutant{toClient: func(_ *proxyConn, frame string) []string {
			if isType(frame, "ERROR") {
				return []string{frame, `{"Type":"MESSAGE","Content":"binary"}`}
			}
			return []string{frame}
		}},
	},
	{
		"a request in a deleted room is answered with 403", "M233",
		replaceInFrames("ERROR", `"ErrorCode":404`, `"ErrorCode":403`),
	},

	// Frames.
	{
		"the members of a MESSAGE are in another order", "M301",
		changeFrames("MESSAGE", func(frame string) string {
			text, _ := json.Marshal(parseObject(frame))
			return string(text)
		}),
	},
	{
		"missing Attributes of a MESSAGE are {}", "M312",
		replaceInFrames("MESSAGE", `"Attributes":null`, `"Attributes":{}`),
	},
	{
		"missing Attributes of a Sender are null", "M316",
		replaceInFrames("MESSAGE", `"Attributes":\{\}\}`, `"Attributes":null}`),
	},
	{
		"a MESSAGE without RequestId does not have the member", "M309",
		replaceInFrames("MESSAGE", `"RequestId":"",`, ``),
	},
	{
		"an ERROR without RequestId does not have the member", "M336",
		replaceInFrames("ERROR", `"RequestId":"",`, ``),
	},
	{
		"DeleteMessage loses the Reason", "M337",
		changeRequest("DeleteMessage", remove("reason")),
	},
	{
		"DeleteMessage replies with another ID than that of its EVENT", "M330",
		changeReply("DeleteMessage", set("id", "ABCDEFGHIJKL")),
	},
	{
		"the RequestId of an EVENT without one is null", "M310",
		replaceInFrames("EVENT", `"RequestId":""`, `"RequestId":null`),
	},
	{
		"the RequestId of a DisconnectUser EVENT is null", "M335",
		replaceInFrames("aws:DISCONNECT_USER", `"RequestId":""`, `"RequestId":null`),
	},
	{
		"the RequestId of a moderator is lost", "M311",
		replaceInFrames("EVENT", `"RequestId":"[^"]*"`, `"RequestId":""`),
	},
	{
		"the ID of a deleted message is MessageId only", "M321",
		replaceInFrames("EVENT", `"MessageID":"[^"]*",?`, ``),
	},
	{
		"the ID of a deleted message is MessageID only", "M322",
		replaceInFrames("EVENT", `"MessageId":"[^"]*",?`, ``),
	},
	{
		"a Reason is lost", "M323",
		replaceInFrames("EVENT", `,"Reason":"[^"]*"`, ``),
	},
	{
		"SendTime has milliseconds only", "M319",
		replaceInFrames("MESSAGE", `(T\d\d:\d\d:\d\d\.\d{3})\d*Z`, `${1}Z`),
	},
	{
		"SendTime has trailing zeros", "M318",
		replaceInFrames("MESSAGE", `(T\d\d:\d\d:\d\d\.\d{3})\d*Z`, `${1}000000Z`),
	},
	{
		"SendTime is a number", "M318",
		replaceInFrames("MESSAGE", `"SendTime":"[^"]*"`, `"SendTime":1700000000`),
	},
	{
		"SendTime is an hour too early", "M320",
		changeFrames("MESSAGE", func(frame string) string {
			at, _ := time.Parse(time.RFC3339Nano, fmt.Sprint(parseObject(frame)["SendTime"]))
			earlier := at.Add(-time.Hour).Format(time.RFC3339Nano)
			return strings.Replace(frame, at.Format(time.RFC3339Nano), earlier, 1)
		}),
	},
	{
		"ErrorCode is a string", "M332",
		replaceInFrames("ERROR", `"ErrorCode":(\d+)`, `"ErrorCode":"$1"`),
	},
	{
		"ErrorCode is unknown to clients", "M333",
		replaceInFrames("ERROR", `"ErrorCode":\d+`, `"ErrorCode":422`),
	},
	{
		"an ERROR has no Id", "M304",
		replaceInFrames("ERROR", `"Id":"[^"]*",`, ``),
	},
	{
		"all MESSAGEs have the same Id", "M307",
		replaceInFrames("MESSAGE", `"Id":"[^"]*"`, `"Id":"abcdefghijkl"`),
	},
	{
		"HTML is escaped", "M334",
		replaceInFrames("MESSAGE", `<`, `\u003c`),
	},
	{
		"the attributes of a token are lost", "M317",
		changeRequest("CreateChatToken", remove("attributes")),
	},
	{
		"an EVENT has another Id than SendEvent returned", "M328",
		changeReply("SendEvent", set("id", "abcdefghijkl")),
	},
	{
		"the EVENT of SendEvent has no Attributes", "M327",
		changeRequest("SendEvent", remove("attributes")),
	},

	// Delivery.
	{
		"a message does not reach its sender", "M402",
		dropFrames("MESSAGE", func(c *proxyConn) bool { return c.received.Load() > 0 }),
	},
	{
		"a message reaches only its sender", "M401",
		dropFrames("MESSAGE", func(c *proxyConn) bool { return c.received.Load() == 0 }),
	},
	{
		"a message reaches every room", "M404",
		mutant{toClient: func(c *proxyConn, frame string) []string {
			if isType(frame, "MESSAGE") {
				c.proxy.sendAll(frame)
				return nil
			}
			return []string{frame}
		}},
	},
	{
		"a message arrives twice", "M405",
		mutant{toClient: func(_ *proxyConn, frame string) []string {
			return []string{frame, frame}
		}},
	},
	{
		"messages arrive in another order", "M406", swapFrames,
	},
	{
		"a deletion does not reach the moderator", "M408",
		dropFrames("aws:DELETE_MESSAGE", func(c *proxyConn) bool { return c.received.Load() > 0 }),
	},
	{
		"a disconnection is not announced", "M409",
		dropFrames("aws:DISCONNECT_USER", everyClient),
	},
	{
		"a disconnected user is closed with 1008", "M410",
		mutant{closed: func(*proxyConn, int) int { return 1008 }},
	},
	{
		"a disconnected user is dropped without a close frame", "M410",
		mutant{closed: func(*proxyConn, int) int { return 0 }},
	},
	{
		"only one connection of a user is disconnected", "M411",
		mutant{closed: func(c *proxyConn, code int) int {
			c.proxy.mu.Lock()
			defer c.proxy.mu.Unlock()
			if c.proxy.conns[0] == c {
				return code
			}
			return 1001
		}},
	},
	{
		"EVENTs do not reach viewers", "M416",
		dropFrames("EVENT", everyClient),
	},
	{
		"an arrival is announced", "M417",
		mutant{handshake: func(x *proxy, _ http.ResponseWriter, _ *http.Request) bool {
			x.sendAll(`{"Type":"EVENT","EventName":"joined"}`)
			return false
		}},
	},
	{
		"a departure is announced", "M417",
		mutant{opened: func(c *proxyConn) {
			answer := c.client.CloseHandler()
			c.client.SetCloseHandler(func(code int, text string) error {
				c.proxy.sendAllExcept(c, `{"Type":"EVENT","EventName":"left"}`)
				return answer(code, text)
			})
		}},
	},
	{
		"a deleted room closes its connections", "M418",
		mutant{toClient: func(c *proxyConn, frame string) []string {
			if isType(frame, "ERROR") {
				c.close(1000)
				return nil
			}
			return []string{frame}
		}},
	},
	{
		"pings are not answered", "M419",
		mutant{opened: func(c *proxyConn) {
			c.client.SetPingHandler(func(string) error { return nil })
		}},
	},

	// Limits.
	{
		"the limit of a connection is five", "M501",
		limitFrames("MESSAGE", 5),
	},
	{
		"deletions count towards the message rate", "M511",
		limitFrames("aws:DELETE_MESSAGE", 1),
	},
	{
		"the limit is answered with 400", "M502",
		replaceInFrames("ERROR", `"ErrorCode":429`, `"ErrorCode":400`),
	},
	{
		"the ErrorMessage of the limit is another one", "M504",
		replaceInFrames("ERROR", `rate limit exceeded`, `Rate exceeded`),
	},
	{
		"the RequestId of a long frame over the limit is repeated", "M251",
		replaceInFrames("ERROR", `"RequestId":"","ErrorCode":429`, `"RequestId":"r","ErrorCode":429`),
	},
	{
		"exceeding the limit closes the connection", "M505",
		mutant{toClient: func(c *proxyConn, frame string) []string {
			if strings.Contains(frame, `"ErrorCode":429`) {
				c.close(1008)
			}
			return []string{frame}
		}},
	},
	{
		"a request that exceeds the limit is delivered", "M506",
		mutant{fromClient: func(c *proxyConn, frame string) string {
			if c.received.Load() > 10 {
				c.proxy.sendAllExcept(c, `{"Type":"MESSAGE","Content":"hi"}`)
			}
			return frame
		}},
	},
	{
		"the default message rate of a room is five", "M509",
		changeRequest("CreateRoom", func(m object) {
			if m["maximumMessageRatePerSecond"] == nil {
				m["maximumMessageRatePerSecond"] = 5
			}
		}),
	},
	{
		"the message rate of CreateRoom is ignored", "M508",
		changeRequest("CreateRoom", remove("maximumMessageRatePerSecond")),
	},
	{
		"refused requests count towards the limit", "M514",
		mutant{toClient: stayLimited},
	},
	{
		"a connection that exceeded the limit stays limited", "M513",
		mutant{toClient: stayLimited},
	},
	{
		"the limit of a connection never recovers", "M517",
		limitFrames("MESSAGE", 10),
	},
	{
		"the message rate of a room never recovers", "M518",
		limitFrames("MESSAGE", 4),
	},
	{
		"the default message rate of a room is a hundred", "M509",
		changeRequest("CreateRoom", func(m object) {
			if m["maximumMessageRatePerSecond"] == nil {
				m["maximumMessageRatePerSecond"] = 100
			}
		}),
	},
	{
		"an update of the message rate is ignored", "M510",
		changeRequest("UpdateRoom", remove("maximumMessageRatePerSecond")),
	},

	// Sessions.
	{
		"a session ends with a clean close", "M604",
		mutant{closed: func(*proxyConn, int) int { return 1000 }},
	},
	{
		"the end of a session is not announced", "M603",
		dropFrames("ERROR", everyClient),
	},
	{
		"a session lasts one minute at most", "M601",
		changeRequest("CreateChatToken", set("sessionDurationInMinutes", 1)),
	},
	{
		"a session begins when its connection is opened", "M341",
		mutant{closed: func(*proxyConn, int) int { return stayOpen }},
	},
	{
		"a session does not end", "M602",
		mutant{closed: func(*proxyConn, int) int { return stayOpen }},
	},
}
