package conformance_test

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// reviewMutations are mutants of the reviews of messages, each with the claim that catches it.
var reviewMutations = []mutation{
	// What is reviewed.
	{
		"messages are not reviewed", "M701",
		changeRequest("CreateRoom", remove("messageReviewHandler")),
	},
	{"only one message is reviewed", "M701", changeReviews(func(r object) { r["items"] = r["items"].([]any)[:1] })},
	{"an event is denied", "M702", dropFrames("EVENT", everyClient)},
	{"a deletion is reviewed", "M702", oneMoreReview},
	{
		"an empty uri does not remove the handler", "M703",
		changeRequest("UpdateRoom", remove("messageReviewHandler")),
	},
	{"a message that is too long is reviewed", "M704", oneMoreReview},
	{"a message over the rate is reviewed", "M705", oneMoreReview},
	{
		"a function with an alias is not invoked", "M706",
		changeRequest("CreateRoom", func(m object) {
			if strings.HasSuffix(fmt.Sprint(m["messageReviewHandler"]), ":live]") {
				delete(m, "messageReviewHandler")
			}
		}),
	},
	{
		"a function that fails is invoked again", "M707",
		mutant{reply: func(operation string, r *mutableReply) {
			if operation == setReviews+"/answers" {
				answer := r.members["items"].([]any)[0].(object)
				answer["used"] = answer["used"].(float64) + 1
			}
		}},
	},

	// The event.
	{"the event has no MessageId", "M710", changeEvents(remove("MessageId"))},
	{"the event has no Ip", "M710", changeSenders(remove("Ip"))},
	{"the event has another member", "M710", changeEvents(set("SendTime", "now"))},
	{"the members of the event are in another order", "M711", changeEvents(func(object) {})},
	{"a message is delivered with another Id", "M712", changeEvents(set("MessageId", "abcdefghijkl"))},
	{"the event has the ID of the room", "M713", changeEvents(set("RoomArn", "abcdefghijkl"))},
	{"the event has no Content", "M713", changeEvents(set("Content", ""))},
	{"the event has no Attributes", "M713", changeEvents(set("Attributes", nil))},
	{"missing Attributes of an event are {}", "M714", changeEvents(set("Attributes", object{}))},
	{"missing Attributes of an event are absent", "M714", changeEvents(remove("Attributes"))},
	{"the Sender of an event has no Attributes", "M715", changeSenders(set("Attributes", object{}))},
	{"the Sender of an event has another UserId", "M715", changeSenders(set("UserId", "anna"))},
	{"missing Attributes of the Sender of an event are null", "M716", changeSenders(set("Attributes", nil))},
	{"Ip has a port", "M717", changeSenders(set("Ip", "127.0.0.1:4700"))},
	{"X-Forwarded-For is ignored", "M718", changeSenders(set("Ip", "127.0.0.1"))},
	{
		"Ip is the last address of X-Forwarded-For", "M718",
		changeSenders(func(m object) {
			if m["Ip"] == "203.0.113.7" {
				m["Ip"] = "198.51.100.9"
			}
		}),
	},

	// The answer.
	{"ALLOW does not change the Content", "M720", replaceInFrames("MESSAGE", `changed`, `hello`)},
	{"the longest Content of an answer is not valid", "M721", changeAnswers(`🙂"`, `🙂🙂"`)},
	{"Attributes that are null remove those of the message", "M722", changeAnswers(`"Attributes":null`, `"Attributes":{}`)},
	{"missing Attributes remove those of the message", "M722", changeAnswers(`"changed"}`, `"changed","Attributes":{}}`)},
	{"Attributes of an answer are added", "M723", changeAnswers(`{"a":"b"}`, `{"a":"b","k":"v"}`)},
	{"empty Attributes change nothing", "M723", changeAnswers(`"Attributes":{}`, `"Attributes":null`)},
	{"a review loses the RequestId", "M724", replaceInFrames("MESSAGE", `"RequestId":"r"`, `"RequestId":""`)},
	{"an answer with another member is not valid", "M725", changeAnswers(`"changed","Score"`, `7,"Score"`)},
	{
		"a denied message is delivered", "M730",
		mutant{toClient: func(c *proxyConn, frame string) []string {
			if isType(frame, "ERROR") {
				c.proxy.sendAllExcept(c, `{"Type":"MESSAGE","Content":"hello"}`)
			}
			return []string{frame}
		}},
	},
	{"DENY is answered with 403", "M731", replaceInFrames("ERROR", `"ErrorCode":406`, `"ErrorCode":403`)},
	{"DENY is answered without the RequestId", "M731", replaceInFrames("ERROR", `"RequestId":"r"`, `"RequestId":""`)},
	{"the Reason of a DENY is lost", "M732", replaceInFrames("ERROR", `no thanks`, ``)},
	{"the ErrorMessage is the Reason", "M733", replaceInFrames("ERROR", `"ErrorMessage":"[^"]*: `, `"ErrorMessage":"`)},
	{"DENY without Content is not valid", "M734", changeAnswers(`"DENY"`, `""`)},
	{"DENY with empty Content is not valid", "M735", changeAnswers(`"DENY"`, `""`)},
	{"the Content of a DENY has to be a string", "M736", changeAnswers(`"DENY","Content":7`, `""`)},
	{"1,025 bytes of Attributes are valid", "M737", changeAnswers(strings.Repeat("v", 1024), "v")},
	{"1,024 bytes of Attributes are not valid", "M737", changeAnswers(`:"`+strings.Repeat("v", 1023)+`"`, `:1`)},
	{"a denied message does not count", "M738", replaceInFrames("ERROR", `"ErrorCode":429`, `"ErrorCode":406`)},

	// Answers that are not valid.
	{"null is ALLOW", "M740", changeAnswers(`"answer":null`, `"answer":{"ReviewResult":"ALLOW","Content":"x"}`)},
	{"ALLOW is the default", "M741", changeAnswers(`{"Content"`, `{"ReviewResult":"ALLOW","Content"`)},
	{"an unknown ReviewResult is ALLOW", "M742", changeAnswers(`"MAYBE"`, `"ALLOW"`)},
	{"an unknown ReviewResult is DENY", "M742", changeAnswers(`"MAYBE"`, `"DENY"`)},
	{"ReviewResult may be in lower case", "M743", changeAnswers(`"deny"`, `"DENY"`)},
	{"ReviewResult may be written reviewresult", "M744", changeAnswers(`"reviewresult"`, `"ReviewResult"`)},
	{"Content may be written content", "M744", changeAnswers(`"content":"changed"`, `"Content":"changed"`)},
	{"ALLOW without Content is valid", "M745", changeAnswers(`"ALLOW"}`, `"ALLOW","Content":"hello"}`)},
	{"ALLOW with empty Content is valid", "M746", changeAnswers(`"Content":""`, `"Content":"hello"`)},
	{"long Content is cut", "M747", changeAnswers(strings.Repeat("a", 501), strings.Repeat("a", 500))},
	{"Content may be a number", "M748", changeAnswers(`"Content":7`, `"Content":"7"`)},
	{"a value of Attributes may be a number", "M749", changeAnswers(`{"k":1}`, `{"k":"1"}`)},
	{"a value of Attributes may be null", "M749", changeAnswers(`{"Reason":null}`, `{}`)},
	{"long Attributes are cut", "M750", changeAnswers(strings.Repeat("v", 2000), "v")},
	{"a long Reason is cut", "M750", changeAnswers(strings.Repeat("a", 2000), "a")},

	// The fallbackResult.
	{"a function that fails always denies", "M760", changeRequest("CreateRoom", setFallback("DENY"))},
	{"a function that fails always allows", "M760", changeRequest("CreateRoom", setFallback("ALLOW"))},
	{"an answer after the timeout counts", "M761", changeAnswers(`"delay":"5s"`, `"delay":"5ms"`)},
	{"a function that cannot be invoked always allows", "M762", changeRequest("CreateRoom", setFallback("ALLOW"))},
	{"DENY is the default fallbackResult", "M763", changeRequest("CreateRoom", setFallback("DENY"))},
	{"the fallbackResult removes the Content", "M764", replaceInFrames("MESSAGE", `"hello"`, `""`)},
	{"the fallbackResult removes the Attributes", "M764", replaceInFrames("MESSAGE", `{"k":"v"}`, `null`)},
	{"the fallbackResult looks like a DENY", "M765", replaceInFrames("ERROR", `its review failed`, `it is bad`)},

	{"InvocationErrors has no Uri", "M766", changeMetric("ivschat_invocation_errors_total", `uri="[^"]*"`, `uri=""`)},
	{"InvocationErrors does not count", "M766", changeMetric("ivschat_invocation_errors_total", `[1-9]$`, `0`)},
	{"a late answer does not count as InvocationErrors", "M769", changeAnswers(`"delay":"5s"`, `"delay":"5ms"`)},
	{
		"ResponseValidationErrors does not count", "M767",
		changeMetric("ivschat_response_validation_errors_total", `[1-9]$`, `0`),
	},
	{
		"a function that fails cannot be invoked", "M768",
		mutant{answers: func(string) string { return "[]" }},
	},

	// During the review.
	{"a message overtakes an earlier one of its client", "M770", swapFrames},
	{"a review delays the messages of others", "M771", swapFrames},
	{
		"SendTime is when the review ended", "M772",
		changeFrames("MESSAGE", func(frame string) string {
			if !strings.Contains(frame, "changed") {
				return frame
			}
			later := time.Now().UTC().Format(time.RFC3339Nano)
			return regexp.MustCompile(`"SendTime":"[^"]*"`).ReplaceAllString(frame, `"SendTime":"`+later+`"`)
		}),
	},
	{
		"the last message of a disconnected user is delivered", "M773",
		mutant{toClient: func(_ *proxyConn, frame string) []string {
			if isType(frame, "aws:DISCONNECT_USER") {
				return []string{frame, `{"Type":"MESSAGE","Sender":{"UserId":"anna"}}`}
			}
			return []string{frame}
		}},
	},
	{"the last message of a client is lost", "M774", dropFrames("MESSAGE", everyClient)},
	{"a message in a room that was deleted is rejected", "M775", replaceInFrames("ERROR", `404`, `406`)},
	{
		"the handler of the end of the review decides", "M776",
		changeFrames("ERROR", func(string) string { return `{"Type":"MESSAGE","Content":"hello"}` }),
	},
}

// changeAnswers replaces a text in the answers of functions.
func changeAnswers(old, replacement string) mutant {
	return mutant{answers: func(answers string) string { return strings.ReplaceAll(answers, old, replacement) }}
}

// changeReviews changes lists of the reviews of a room.
func changeReviews(change func(list object)) mutant {
	return mutant{reply: func(operation string, r *mutableReply) {
		if strings.HasPrefix(operation, "_ivschat/v1/rooms/") && strings.HasSuffix(operation, "/reviews") {
			change(r.members)
		}
	}}
}

// oneMoreReview adds a review to every list.
var oneMoreReview = changeReviews(func(list object) {
	list["items"] = append(list["items"].([]any), object{"request": object{}})
})

// changeEvents changes the events of reviews.
func changeEvents(change func(event object)) mutant {
	return changeReviews(func(list object) {
		for _, item := range list["items"].([]any) {
			change(item.(object)["request"].(object))
		}
	})
}

// changeSenders changes the Senders in the events of reviews.
func changeSenders(change func(sender object)) mutant {
	return changeEvents(func(event object) { change(event["Sender"].(object)) })
}

// changeMetric replaces a pattern in the lines of a metric.
func changeMetric(metric, pattern, text string) mutant {
	return mutant{reply: func(operation string, r *mutableReply) {
		if operation != "_ivschat/v1/metrics" {
			return
		}
		lines := strings.Split(r.body, "\n")
		for i, line := range lines {
			if strings.HasPrefix(line, metric+"{") {
				lines[i] = regexp.MustCompile(pattern).ReplaceAllString(line, text)
			}
		}
		r.body = strings.Join(lines, "\n")
	}}
}

// setFallback returns a change that sets the fallbackResult of a room.
func setFallback(result string) func(object) {
	return func(m object) { m["messageReviewHandler"].(object)["fallbackResult"] = result }
}
