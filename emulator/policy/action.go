package policy

import (
	"slices"
	"strings"
)

// service is the prefix of the actions of Amazon IVS Chat.
const service = "ivschat"

// actions are those of the service (Service Authorization Reference: Amazon Interactive Video Service Chat).
var actions = []string{
	"CreateChatToken", "CreateLoggingConfiguration", "CreateRoom", "DeleteLoggingConfiguration", "DeleteMessage",
	"DeleteRoom", "DisconnectUser", "GetLoggingConfiguration", "GetRoom", "ListLoggingConfigurations", "ListRooms",
	"ListTagsForResource", "SendEvent", "TagResource", "UntagResource", "UpdateLoggingConfiguration", "UpdateRoom",
}

// Actions returns the actions of the service, such as ivschat:CreateRoom.
func Actions() []string {
	all := make([]string, len(actions))
	for i, name := range actions {
		all[i] = service + ":" + name
	}
	return all
}

// isAction reports whether the service has an action. Letter case does not matter.
func isAction(name string) bool {
	return slices.ContainsFunc(actions, func(action string) bool { return strings.EqualFold(action, name) })
}

// concernsService reports whether a statement with these patterns can match an action of the service.
func (p patterns) concernsService() bool {
	return slices.ContainsFunc(Actions(), func(action string) bool { return p.matchAction(strings.ToLower(action)) })
}

// matchAction reports whether the patterns match an action in lower case.
func (p patterns) matchAction(action string) bool {
	matches := slices.ContainsFunc(p.list, func(t template) bool { return match(t.fixed, action) })
	return matches != p.not
}
