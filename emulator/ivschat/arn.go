package ivschat

import (
	"fmt"
	"log/slog"
	"strings"
)

// An Owner is the account and region of a resource. The resources of one owner do not exist for
// another.
type Owner struct {
	AccountID string // 12 digits
	Region    string // for instance us-east-1
}

// String returns "<account>/<region>".
func (o Owner) String() string { return o.AccountID + "/" + o.Region }

// IsAccountID reports whether the text has the form of an account ID, which is 12 digits.
func IsAccountID(text string) bool { return len(text) == 12 && isMadeOf(text, &digits) }

// IsRegion reports whether the text has the form of a region. AWS need not have a region of that
// name.
func IsRegion(text string) bool { return len(text) <= 32 && isMadeOf(text, &regionCharacters) }

// A ResourceType is the part of an ARN that names the kind of the resource.
type ResourceType string

// The resource types of the service (model: RoomArn, LoggingConfigurationArn).
const (
	RoomResource                 ResourceType = "room"
	LoggingConfigurationResource ResourceType = "logging-configuration"
)

// An ARN names one resource (model: RoomArn, LoggingConfigurationArn). Its form is
// arn:aws:ivschat:<region>:<account>:<resource type>/<ID>.
type ARN struct {
	Owner        Owner
	ResourceType ResourceType
	ID           string
}

// String returns the ARN as AWS writes it.
func (a ARN) String() string {
	return "arn:aws:ivschat:" + a.Owner.Region + ":" + a.Owner.AccountID + ":" +
		string(a.ResourceType) + "/" + a.ID
}

// ParseARN parses what String returns, and refuses every other text. It accepts unknown resource
// types: no resource has such an ARN.
func ParseARN(s string) (ARN, error) {
	rest, hasPrefix := strings.CutPrefix(s, "arn:aws:ivschat:")
	region, rest, hasRegion := strings.Cut(rest, ":")
	account, rest, hasAccount := strings.Cut(rest, ":")
	resource, id, hasID := strings.Cut(rest, "/")
	if !hasPrefix || !hasRegion || !hasAccount || !hasID ||
		!isMadeOf(region, &regionCharacters) || !isMadeOf(account, &digits) ||
		!isMadeOf(resource, &typeCharacters) || !isMadeOf(id, &idCharacters) {
		return ARN{}, fmt.Errorf(
			"%q is not an ARN of the form arn:aws:ivschat:<region>:<account>:<resource type>/<ID>", s)
	}
	return ARN{
		Owner:        Owner{AccountID: account, Region: region},
		ResourceType: ResourceType(resource),
		ID:           id,
	}, nil
}

// LogValue implements slog.LogValuer. The text is made only for lines that are logged.
func (a ARN) LogValue() slog.Value { return slog.StringValue(a.String()) }
