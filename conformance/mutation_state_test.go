package conformance_test

import "sync/atomic"

// stateMutations are mutants of the states of logging configurations, each with the claim that catches it.
var stateMutations = []mutation{
	{"a creation that failed looks ACTIVE", "C780", changeStates("CREATE_FAILED", "ACTIVE")},
	{
		"ListLoggingConfigurations shows a creation that failed as ACTIVE", "C780",
		changeReply("ListLoggingConfigurations", func(m object) { setStates(m, "CREATE_FAILED", "ACTIVE") }),
	},
	{
		"CreateLoggingConfiguration replies with the state CREATE_FAILED", "C781",
		changeReply("CreateLoggingConfiguration", set("state", "CREATE_FAILED")),
	},
	{"CREATE_FAILED cannot be deleted", "C782", failOperation("DeleteLoggingConfiguration", 409, "ConflictException")},
	{"a deletion of CREATE_FAILED has no effect", "C782", reviveAfterDeletion()},
	{"an update of CREATE_FAILED is ignored", "C783", ignoreConflicts()},
	{
		"an update of CREATE_FAILED is ValidationException", "C783",
		changeExceptions("ConflictException", func(r *mutableReply) { r.setException(400, "ValidationException") }),
	},
	{"a room cannot refer to CREATE_FAILED", "C784", failOperation("CreateRoom", 409, "ConflictException")},
	{"a room loses what is CREATE_FAILED", "C784", changeReply("GetRoom", remove("loggingConfigurationIdentifiers"))},
	{
		"CREATE_FAILED does not count for the quota", "C785",
		changeExceptions("ServiceQuotaExceededException", func(r *mutableReply) {
			r.setException(409, "ConflictException")
		}),
	},
	{"an update that failed looks ACTIVE", "C786", changeStates("UPDATE_FAILED", "ACTIVE")},
	{
		"UpdateLoggingConfiguration replies with the state UPDATE_FAILED", "C787",
		changeReply("UpdateLoggingConfiguration", set("state", "UPDATE_FAILED")),
	},
	{"an update that failed changes the name", "C788", changeReply("GetLoggingConfiguration", set("name", "after"))},
	{
		"an update that failed changes the destination", "C788",
		changeReply("GetLoggingConfiguration",
			set("destinationConfiguration", object{"s3": object{"bucketName": "other-logs"}})),
	},
	{"UPDATE_FAILED stays", "C789", changeStates("ACTIVE", "UPDATE_FAILED")},
	{"an update of UPDATE_FAILED changes no name", "C789",
		changeReply("GetLoggingConfiguration", set("name", "before"))},
	{"a deletion that failed looks ACTIVE", "C790", changeStates("DELETE_FAILED", "ACTIVE")},
	{
		"a deletion that failed deletes", "C790",
		failOperation("GetLoggingConfiguration", 404, "ResourceNotFoundException"),
	},
	{"DELETE_FAILED cannot be deleted", "C791", failSecondDeletion()},
	{"a deletion of DELETE_FAILED has no effect", "C791", reviveAfterDeletion()},
	{"an update of DELETE_FAILED is ignored", "C792", ignoreConflicts()},
}

// changeStates replaces a state of logging configurations wherever it can be seen.
func changeStates(from, to string) mutant {
	return mutant{reply: func(operation string, r *mutableReply) {
		if operation == "GetLoggingConfiguration" && r.members["state"] == from {
			r.members["state"] = to
		}
		if operation == "ListLoggingConfigurations" {
			setStates(r.members, from, to)
		}
	}}
}

// setStates replaces a state of those that are listed.
func setStates(m object, from, to string) {
	list, _ := m["loggingConfigurations"].([]any)
	for _, item := range list {
		if c := item.(object); c["state"] == from {
			c["state"] = to
		}
	}
}

// reviveAfterDeletion answers for a logging configuration that does not exist with the last one that did.
func reviveAfterDeletion() mutant {
	var last atomic.Pointer[object]
	return mutant{reply: func(operation string, r *mutableReply) {
		switch operation {
		case "CreateLoggingConfiguration":
			last.Store(&r.members)
		case "GetLoggingConfiguration":
			if r.status == 404 {
				r.header.Del("x-amzn-ErrorType")
				r.status, r.members = 200, *last.Load()
			}
		}
	}}
}

// ignoreConflicts answers an update that is refused as if it was carried out.
func ignoreConflicts() mutant {
	return changeReplies(func(r *mutableReply) {
		if r.header.Get("x-amzn-ErrorType") == "ConflictException" {
			r.header.Del("x-amzn-ErrorType")
			r.status, r.members = 200, object{}
		}
	})
}

// failSecondDeletion refuses the second deletion after a logging configuration was created.
func failSecondDeletion() mutant {
	var count atomic.Int32
	return mutant{reply: func(operation string, r *mutableReply) {
		switch operation {
		case "CreateLoggingConfiguration":
			count.Store(0) // a mutant is made once, also if its test runs several times
		case "DeleteLoggingConfiguration":
			if count.Add(1) == 2 {
				r.setException(409, "ConflictException")
			}
		}
	}}
}
