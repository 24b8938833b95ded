package ivschat

import (
	"fmt"
	"strings"
)

// An Owner is the account and region in which a resource lives. Resources of
// one owner do not exist for another.
type Owner struct {
	AccountID string // twelve digits
	Region    string // for instance us-east-1
}

// String gives "<account>/<region>".
func (o Owner) String() string { return o.AccountID + "/" + o.Region }

// IsAccountID reports whether the text has the form of an account.
func IsAccountID(text string) bool { return len(text) == 12 && made(text, digits) }

// IsRegion reports whether the text has the form of a region, whether or not
// AWS has one of that name.
func IsRegion(text string) bool { return len(text) <= 32 && made(text, lower+digits+"-") }

// A ResourceType is the part of an ARN that says what it names.
type ResourceType string

// The resource types of the service (model: RoomArn, LoggingConfigurationArn).
const (
	RoomResource                 ResourceType = "room"
	LoggingConfigurationResource ResourceType = "logging-configuration"
)

// An ARN names one resource, in the form
// arn:aws:ivschat:<region>:<account>:<resource type>/<id>.
type ARN struct {
	Owner        Owner
	ResourceType ResourceType
	ID           string
}

// String gives the ARN as AWS writes it.
func (a ARN) String() string {
	return "arn:aws:ivschat:" + a.Owner.Region + ":" + a.Owner.AccountID + ":" + string(a.ResourceType) + "/" + a.ID
}

// ParseARN reads what String prints. The resource type is not checked against
// the known ones: nothing is found under an unknown one.
func ParseARN(s string) (ARN, error) {
	rest, ok := strings.CutPrefix(s, "arn:aws:ivschat:")
	region, rest, hasRegion := strings.Cut(rest, ":")
	account, rest, hasAccount := strings.Cut(rest, ":")
	resource, id, hasID := strings.Cut(rest, "/")
	if !ok || !hasRegion || !hasAccount || !hasID ||
		!made(region, lower+digits+"-") || !made(account, digits) || !made(resource, lower+"-") || !made(id, IDAlphabet+"-") {
		return ARN{}, fmt.Errorf("%q is not an ARN of the form arn:aws:ivschat:<region>:<account>:<resource type>/<id>", s)
	}
	return ARN{Owner: Owner{AccountID: account, Region: region}, ResourceType: ResourceType(resource), ID: id}, nil
}

const lower, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"

// made reports whether a text is made of the letters, and there is any.
func made(text, letters string) bool {
	for _, letter := range text {
		if !strings.ContainsRune(letters, letter) {
			return false
		}
	}
	return text != ""
}
