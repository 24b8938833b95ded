package conformance_test

import "strings"

// permissionMutations misbehave when they check permissions.
var permissionMutations = []mutation{
	{"nothing is denied", "C660", accept("AccessDeniedException")},
	{"one operation needs no permission", "C660", acceptDenied("ListRooms")},
	{"a denied operation does not exist", "C660", rename("AccessDeniedException", "ResourceNotFoundException")},
	{"a denied request has another status", "C660", changeExceptions("AccessDeniedException", func(r *mutableReply) {
		r.status = 401
	})},
	{"reading tags needs no permission", "C661", acceptDenied("GET tags")},
	{"adding tags needs no permission", "C661", acceptDenied("POST tags")},
	{"removing tags needs no permission", "C661", acceptDenied("DELETE tags")},
	{"the message does not have the caller", "C662", denyWith("User: ", "")},
	{"the message has another resource", "C662", denyWith("room/", "rooms/")},
	{"the message does not say why", "C662", denyWith(" because", ". Because")},
	{"an Allow wins", "C663", acceptDenied("SendEvent")},
	{"an explicit deny looks like any other", "C663", denyWith("with an explicit deny in an", "because no")},
	{"every resource is allowed", "C664", acceptDenied("UpdateLoggingConfiguration")},
	{"tags of the resource are not compared", "C665", acceptDenied("GetRoom")},
	{"resources have no tags", "C665", failOperation("GetRoom", 403, "AccessDeniedException")},
	{"configurations have no tags", "C665", failOperation("GetLoggingConfiguration", 403, "AccessDeniedException")},
	{"tags of the request are not compared", "C666", acceptDenied("POST tags")},
	{"keys to remove are not compared", "C666", acceptDenied("DELETE tags")},
	{"requests have no tags", "C666", failOperation("POST tags", 403, "AccessDeniedException")},
	{"a room with tags needs no TagResource", "C667", denyWith("ivschat:TagResource", "ivschat:CreateRoom")},
	{"a logging configuration with tags needs no TagResource", "C667", acceptDenied("CreateLoggingConfiguration")},
	{"nothing may have tags", "C667", failOperation("CreateLoggingConfiguration", 403, "AccessDeniedException")},
	{"a new resource is named *", "C668", denyWith("room/*", "*")},
	{"lists are about single resources", "C668", denyWith("logging-configuration/*", "logging-configuration/x")},
	{"permissions are checked before members", "C669", rename("ValidationException", "AccessDeniedException")},
	{"existence is checked before permissions", "C669", rename("AccessDeniedException", "ResourceNotFoundException")},
}

// acceptDenied replaces AccessDeniedException of an operation by a success.
func acceptDenied(operation string) mutant {
	allowed := accept("AccessDeniedException")
	return mutant{reply: func(op string, r *mutableReply) {
		if op == operation {
			allowed.reply(op, r)
		}
	}}
}

// denyWith replaces a part of the messages of AccessDeniedException.
func denyWith(part, other string) mutant {
	return changeExceptions("AccessDeniedException", func(r *mutableReply) {
		message, _ := r.members["message"].(string)
		r.members["message"] = strings.ReplaceAll(message, part, other)
	})
}
