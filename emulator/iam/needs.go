package iam

import (
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A Need is a permission that a request needs: an action on a resource.
type Need struct {
	Action   string // such as ivschat:CreateRoom
	Resource string // an ARN, or one that ends with * for resources that have no ARN yet (decision D81)
}

// account returns the account of the resource.
func (n Need) account() string {
	account := n.Resource
	for range 4 { // arn:aws:ivschat:<region>:
		_, account, _ = strings.Cut(account, ":")
	}
	account, _, _ = strings.Cut(account, ":")
	return account
}

// resources says what each operation is about: the member with the ARN of the resource, or the type of the resources
// that it creates or lists (Service Authorization Reference: Actions defined by Amazon Interactive Video Service Chat).
var resources = map[string]struct {
	member       string
	resourceType ivschat.ResourceType
}{
	"CreateChatToken":            {member: "roomIdentifier"},
	"CreateLoggingConfiguration": {resourceType: ivschat.LoggingConfigurationResource},
	"CreateRoom":                 {resourceType: ivschat.RoomResource},
	"DeleteLoggingConfiguration": {member: "identifier"},
	"DeleteMessage":              {member: "roomIdentifier"},
	"DeleteRoom":                 {member: "identifier"},
	"DisconnectUser":             {member: "roomIdentifier"},
	"GetLoggingConfiguration":    {member: "identifier"},
	"GetRoom":                    {member: "identifier"},
	"ListLoggingConfigurations":  {resourceType: ivschat.LoggingConfigurationResource},
	"ListRooms":                  {resourceType: ivschat.RoomResource},
	"ListTagsForResource":        {member: "resourceArn"},
	"SendEvent":                  {member: "roomIdentifier"},
	"TagResource":                {member: "resourceArn"},
	"UntagResource":              {member: "resourceArn"},
	"UpdateLoggingConfiguration": {member: "identifier"},
	"UpdateRoom":                 {member: "identifier"},
}

// Needs returns the permissions that a request with valid members needs. The owner is the account of the caller and the
// region of the request. A caller who creates a resource with tags must also be allowed to tag it (Service
// Authorization Reference).
func Needs(operation string, owner ivschat.Owner, members map[string]any) []Need {
	about := resources[operation]
	if about.member != "" {
		arn, _ := members[about.member].(string) // valid
		return []Need{{"ivschat:" + operation, arn}}
	}
	all := ivschat.ARN{Owner: owner, ResourceType: about.resourceType, ID: "*"}.String()
	needs := []Need{{"ivschat:" + operation, all}}
	if tags, _ := members["tags"].(map[string]any); len(tags) > 0 && strings.HasPrefix(operation, "Create") {
		needs = append(needs, Need{"ivschat:TagResource", all})
	}
	return needs
}
