package claims

import (
	"encoding/json"
	"fmt"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// This file has the constraints of the service's model other than bounds: patterns and lists of
// values, required members, and members that may be empty. The IDs of the claims number the rows
// of each table: add a new row at the end.

// The IDs of the first claims of the tables.
const (
	firstInvalidValue   = 901
	firstRequiredMember = 951
	firstEmptyValue     = 971
)

// invalidValues has values that the pattern or the list of values of a member does not allow.
var invalidValues = []struct{ operation, member, value string }{
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

// requiredMembers has required members, except those that another claim is about.
var requiredMembers = []struct{ operation, member string }{
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

// emptyValues has members that may be empty.
var emptyValues = []struct {
	operation, member, value string
	needs                    conformance.Need
}{
	{"CreateChatToken", "attributes", `{}`, 0},
	{"CreateChatToken", "capabilities", `[]`, 0},
	{"CreateLoggingConfiguration", "name", `""`, conformance.MadeUp},
	{"CreateLoggingConfiguration", "tags", `{}`, conformance.MadeUp},
	{"CreateRoom", "loggingConfigurationIdentifiers", `[]`, 0},
	{"CreateRoom", "messageReviewHandler.uri", `""`, 0},
	{"CreateRoom", "name", `""`, 0},
	{"CreateRoom", "tags", `{}`, 0},
	{"ListRooms", "messageReviewHandlerUri", `""`, 0},
	{"ListRooms", "name", `""`, 0},
	{"SendEvent", "attributes", `{}`, 0},
	{"TagResource", "tags", `{}`, 0},
	{"UpdateLoggingConfiguration", "name", `""`, conformance.MadeUp},
}

// constraintClaims returns a claim for each row.
func constraintClaims() (claims []conformance.Claim) {
	add := func(id int, sentence string, needs conformance.Need, check func(*conformance.Probe)) {
		claims = append(claims, conformance.Claim{
			ID:       fmt.Sprint("C", id),
			Sentence: sentence,
			Source:   serviceModel,
			Needs:    needs,
			Check:    check,
		})
	}
	for i, row := range invalidValues {
		sentence := fmt.Sprintf("The %s of %s must not be %s.", row.member, row.operation, row.value)
		add(firstInvalidValue+i, sentence, 0, func(p *conformance.Probe) {
			reply := sendWith(p, row.operation, row.member, json.RawMessage(row.value))
			requireInvalid(p, reply, row.member)
		})
	}
	for i, row := range requiredMembers {
		sentence := fmt.Sprintf("%s requires %s.", row.operation, row.member)
		add(firstRequiredMember+i, sentence, 0, func(p *conformance.Probe) {
			request := validRequest(p, row.operation, row.member) // without the member
			requireInvalid(p, send(p, row.operation, request), row.member)
		})
	}
	for i, row := range emptyValues {
		sentence := fmt.Sprintf("The %s of %s may be %s.", row.member, row.operation, row.value)
		add(firstEmptyValue+i, sentence, row.needs, func(p *conformance.Probe) {
			requireValid(p, sendWith(p, row.operation, row.member, json.RawMessage(row.value)))
		})
	}
	return claims
}
