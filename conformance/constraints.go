package conformance

import (
	"encoding/json"
	"fmt"
)

// What the service's model says of members beside their bounds: a pattern or a
// list of values, that they are required, that they may be empty. The IDs of
// the claims count the rows: a new one goes to the end.

// patterns are values that the pattern, or the list of values, of a member does
// not allow.
var patterns = []struct{ operation, member, value string }{
	{"CreateChatToken", "capabilities", `["VIEW"]`},
	{"CreateChatToken", "capabilities", `["send_message"]`},
	{"CreateChatToken", "roomIdentifier", `"abcdefghijkl"`},
	{"CreateLoggingConfiguration", bucketName, `"Upper"`},
	{"CreateLoggingConfiguration", deliveryStreamName, `"a stream"`},
	{"CreateLoggingConfiguration", logGroupName, `"a:b"`},
	{"CreateLoggingConfiguration", "name", `"no.dots"`},
	{"CreateRoom", "loggingConfigurationIdentifiers", `["abcdefghijkl"]`},
	{"CreateRoom", "messageReviewHandler.fallbackResult", `"MAYBE"`},
	{"CreateRoom", "messageReviewHandler.uri", `"https://example.com"`},
	{"CreateRoom", "messageReviewHandler.uri", `"arn:aws:lambda:us-east-1:1:function:x"`},
	{"CreateRoom", "name", `"no blanks"`},
	{"CreateRoom", "name", `"ü"`},
	{"DeleteLoggingConfiguration", "identifier", `"arn:aws:ivschat:us-east-1:123456789012:room/abcdefghijkl"`},
	{"DeleteMessage", "id", `"abc-efghijkl"`},
	{"DeleteRoom", "identifier", `"arn:aws:ivschat:us-east-1:123456789012:logging-configuration/abcdefghijkl"`},
	{"GetRoom", "identifier", `"arn:aws:ivs:us-east-1:123456789012:room/abcdefghijkl"`},
	{"ListRooms", "name", `"no blanks"`},
	{"UpdateRoom", "name", `"no blanks"`},
	{"CreateLoggingConfiguration", bucketName, `"under_score"`},
	{"CreateLoggingConfiguration", "tags", `{"k":7}`},
	{"DeleteMessage", "roomIdentifier", `"abcdefghijkl"`},
	{"DisconnectUser", "roomIdentifier", `"abcdefghijkl"`},
	{"GetLoggingConfiguration", "identifier", `"arn:aws:ivschat:us-east-1:123456789012:room/abcdefghijkl"`},
	{"ListRooms", "loggingConfigurationIdentifier", `"abcdefghijkl"`},
	{"ListRooms", "messageReviewHandlerUri", `"https://example.com"`},
	{"SendEvent", "roomIdentifier", `"abcdefghijkl"`},
	{"UpdateLoggingConfiguration", bucketName, `"Upper"`},
	{"UpdateLoggingConfiguration", deliveryStreamName, `"a stream"`},
	{"UpdateLoggingConfiguration", "identifier", `"abcdefghijkl"`},
	{"UpdateLoggingConfiguration", logGroupName, `"a:b"`},
	{"UpdateLoggingConfiguration", "name", `"no.dots"`},
	{"UpdateRoom", "identifier", `"abcdefghijkl"`},
	{"UpdateRoom", "loggingConfigurationIdentifiers", `["abcdefghijkl"]`},
	{"UpdateRoom", "messageReviewHandler.fallbackResult", `"MAYBE"`},
	{"UpdateRoom", "messageReviewHandler.uri", `"https://example.com"`},
}

// needed are members that a request must have, but for those of which another
// claim says so.
var needed = []struct{ operation, member string }{
	{"DeleteLoggingConfiguration", "identifier"},
	{"DeleteMessage", "roomIdentifier"},
	{"DeleteRoom", "identifier"},
	{"DisconnectUser", "roomIdentifier"},
	{"GetLoggingConfiguration", "identifier"},
	{"GetRoom", "identifier"},
	{"SendEvent", "roomIdentifier"},
	{"UpdateLoggingConfiguration", "identifier"},
	{"UpdateRoom", "identifier"},
}

// empty are members that may have nothing in them.
var empty = []struct {
	operation, member, value string
	needs                    Need
}{
	{"CreateChatToken", "attributes", `{}`, 0},
	{"CreateChatToken", "capabilities", `[]`, 0},
	{"CreateLoggingConfiguration", "name", `""`, MadeUp},
	{"CreateLoggingConfiguration", "tags", `{}`, MadeUp},
	{"CreateRoom", "loggingConfigurationIdentifiers", `[]`, 0},
	{"CreateRoom", "messageReviewHandler.uri", `""`, 0},
	{"CreateRoom", "name", `""`, 0},
	{"CreateRoom", "tags", `{}`, 0},
	{"ListRooms", "messageReviewHandlerUri", `""`, 0},
	{"ListRooms", "name", `""`, 0},
	{"SendEvent", "attributes", `{}`, 0},
	{"TagResource", "tags", `{}`, 0},
	{"UpdateLoggingConfiguration", "name", `""`, MadeUp},
}

// constraintClaims makes a claim of each row.
func constraintClaims() (claims []Claim) {
	add := func(id int, sentence string, needs Need, check func(*probe)) {
		claims = append(claims, Claim{ID: fmt.Sprint("C", id), Sentence: sentence, Source: model, Needs: needs, check: check})
	}
	for i, row := range patterns {
		add(901+i, fmt.Sprintf("%s's %s may not be %s.", row.operation, row.member, row.value), 0, func(p *probe) {
			p.with(row.operation, row.member, json.RawMessage(row.value)).refusesMember(p, row.member)
		})
	}
	for i, row := range needed {
		add(951+i, fmt.Sprintf("%s needs %s.", row.operation, row.member), 0, func(p *probe) {
			p.with(row.operation, row.member, nil).refusesMember(p, row.member)
		})
	}
	for i, row := range empty {
		add(971+i, fmt.Sprintf("%s's %s may be %s.", row.operation, row.member, row.value), row.needs, func(p *probe) {
			p.with(row.operation, row.member, json.RawMessage(row.value)).passes(p)
		})
	}
	return claims
}
