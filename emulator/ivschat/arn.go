package ivschat

import (
	"fmt"
	"regexp"
)

// An Owner is the account and region in which a resource lives. Resources of
// one owner do not exist for another.
type Owner struct {
	AccountID string // twelve digits
	Region    string // for instance us-east-1
}

// String gives "<account>/<region>".
func (o Owner) String() string { return o.AccountID + "/" + o.Region }

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

var arnForm = regexp.MustCompile(`^arn:aws:ivschat:([a-z0-9-]+):([0-9]+):([a-z-]+)/([a-zA-Z0-9-]+)$`)

// ParseARN reads what String prints. The resource type is not checked against
// the known ones: nothing is found under an unknown one.
func ParseARN(s string) (ARN, error) {
	m := arnForm.FindStringSubmatch(s)
	if m == nil {
		return ARN{}, fmt.Errorf("%q is not an ARN of the form arn:aws:ivschat:<region>:<account>:<resource type>/<id>", s)
	}
	return ARN{Owner: Owner{AccountID: m[2], Region: m[1]}, ResourceType: ResourceType(m[3]), ID: m[4]}, nil
}
