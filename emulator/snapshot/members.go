package snapshot

import (
	"slices"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// rootMembers are the members of a document.
var rootMembers = []string{"$schema", "version", "time", loggingConfigurationsList, roomsList}

// identifiersMember is the member of a room that refers to logging configurations.
const identifiersMember = "loggingConfigurationIdentifiers"

// A kind describes one kind of resource.
type kind struct {
	noun         string // for messages
	list         string // the member of a document that has them
	resourceType ivschat.ResourceType
	input        shape.Structure // the members of the request that creates one
	stored       shape.Structure // input, as it is in a snapshot
	added        []addedMember
	members      shape.Structure // added, and those of input
}

var (
	roomKind = newKind("a room", roomsList, ivschat.RoomResource, model.Input("CreateRoom"))

	loggingConfigurationKind = newKind("a logging configuration", loggingConfigurationsList,
		ivschat.LoggingConfigurationResource, model.Input("CreateLoggingConfiguration"), stateMember)
)

// storedTags returns the tags that a resource of a snapshot may have, from those of a request. Their
// characters do not matter: earlier versions of the emulator accepted every character (decision D50).
func storedTags(tags shape.Map) shape.Map {
	tags.Key.Pattern, tags.Value.Pattern = nil, nil
	return tags
}

func newKind(
	noun, list string, resourceType ivschat.ResourceType, input shape.Structure, added ...addedMember,
) kind {
	var stored, members []shape.Member
	for _, m := range input.Members {
		if m.Name == "tags" {
			m.Shape = storedTags(m.Shape.(shape.Map))
		}
		stored = append(stored, m)
	}
	added = slices.Concat(addedMembers, added)
	for _, added := range added {
		members = append(members, shape.Member{Name: added.name, Shape: shape.String{}})
	}
	members = append(members, input.Members...)
	return kind{
		noun, list, resourceType, input, shape.Structure{Members: stored}, added, shape.Structure{Members: members},
	}
}

// An addedMember is a member that documents have in addition to those of a request. It is a string.
type addedMember struct {
	name   string
	form   string // what the string must be, for messages
	valid  func(string) bool
	schema shape.Schema // accepts what is valid
}

var (
	idMember = addedMember{
		name: "id", form: "12 letters and digits", valid: ivschat.IsID,
		schema: shape.Schema{
			Type: "string", Pattern: idPattern,
			Description: "The ID of the resource: 12 letters and digits. The default is always the same ID for " +
				"the same account, region and name.",
		},
	}
	accountMember = addedMember{
		name: "account", form: "12 digits", valid: ivschat.IsAccountID,
		schema: shape.Schema{
			Type: "string", Pattern: "^[0-9]{12}$",
			Description: "The account that owns the resource: 12 digits. The default is that of --account.",
		},
	}
	regionMember = addedMember{
		name: "region", form: "a region such as us-east-1", valid: ivschat.IsRegion,
		schema: shape.Schema{
			Type: "string", Pattern: "^[a-z0-9-]{1,32}$",
			Description: "The region of the resource, such as us-east-1. The default is that of --region.",
		},
	}
	createTimeMember = timeMember("createTime",
		"When the resource was created, in RFC 3339. The default is the emulator's current time.")
	updateTimeMember = timeMember("updateTime",
		"When the resource was last changed, in RFC 3339. The default is createTime.")

	// addedMembers are those of every resource.
	addedMembers = []addedMember{idMember, accountMember, regionMember, createTimeMember, updateTimeMember}

	// stateMember is a member of logging configurations. States that last only for a while are not in documents
	// (decision D72).
	stateMember = addedMember{
		name: "state", form: "ACTIVE, CREATE_FAILED, UPDATE_FAILED or DELETE_FAILED, which do not change by themselves",
		valid: func(text string) bool { return slices.Contains(states, ivschat.LoggingConfigurationState(text)) },
		schema: shape.Schema{
			Type: "string", Enum: []any{states[0], states[1], states[2], states[3]},
			Description: "The state of the logging configuration. The default is ACTIVE.",
		},
	}

	// snapshotTimeMember is a member of the document itself.
	snapshotTimeMember = timeMember("time",
		"When the snapshot was taken, in RFC 3339. A seed does not need it.")
)

// states are the values of stateMember.
var states = []ivschat.LoggingConfigurationState{
	ivschat.LoggingConfigurationActive, ivschat.LoggingConfigurationCreateFailed,
	ivschat.LoggingConfigurationUpdateFailed, ivschat.LoggingConfigurationDeleteFailed,
}

func (k kind) isAdded(name string) bool {
	return slices.ContainsFunc(k.added, func(m addedMember) bool { return m.name == name })
}

// idPattern is a pattern of the strings that ivschat.IsID accepts.
const idPattern = "^[a-zA-Z0-9]{12}$"

func timeMember(name, description string) addedMember {
	return addedMember{
		name: name, form: "a time such as 2026-01-31T12:00:00Z in a year from 1970 to 2200",
		valid: func(text string) bool { _, ok := parseTime(text); return ok },
		schema: shape.Schema{
			Type: "string", Format: "date-time", Description: description,
			Pattern: "^(?:19[7-9][0-9]|20[0-9]{2}|21[0-9]{2}|2200)-", // validators may ignore the format
		},
	}
}

// parseTime parses a time in RFC 3339 in a year from 1970 to 2200, and reports whether it is one.
func parseTime(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, text)
	inRange := func(year int) bool { return year >= 1970 && year <= 2200 }
	return t.UTC(), err == nil && inRange(t.Year()) && inRange(t.UTC().Year()) // Encode writes UTC
}
