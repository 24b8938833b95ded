package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A name is what a resource is called in a document that does not use IDs.
type name struct {
	owner        ivschat.Owner
	resourceType ivschat.ResourceType
	text         string
}

// id returns the ID of a resource that has a name and no ID. It is always the same, so that seeding twice
// changes nothing (decision D41).
func (n name) id() string {
	hash := sha256.Sum256([]byte(n.owner.String() + "/" + string(n.resourceType) + "/" + n.text))
	return ivschat.NewID(binary.BigEndian.Uint64(hash[:]), binary.BigEndian.Uint64(hash[8:]))
}

// id returns the ID of a resource, or the one that its name stands for. One of the two is required.
func (d *decoder) id(n *node, path string, k kind, owner ivschat.Owner) (id string, named bool) {
	if member, ok := n.object[idMember.name]; ok {
		return d.valid(member, path, idMember), false
	}
	if called := n.object["name"]; called != nil && called.scalar != "" && called.scalar != nil {
		text, _ := called.scalar.(string) // anything else is refused later
		return name{owner, k.resourceType, text}.id(), true
	}
	d.fail(n, path+"."+idMember.name, "is required and must be %s, unless there is a name", idMember.form)
	return "", false
}

// identify replaces the names and IDs of logging configurations by ARNs. A name must be that of one
// logging configuration of this document, in the account and region of the room.
func (d *decoder) identify(n *node, path string, owner ivschat.Owner, members map[string]any) {
	list, _ := members[identifiersMember].([]any)
	for i, identifier := range list {
		text, ok := identifier.(string)
		if _, err := ivschat.ParseARN(text); !ok || err == nil {
			continue
		}
		found := d.named[name{owner, ivschat.LoggingConfigurationResource, text}]
		if ivschat.IsID(text) {
			arn := ivschat.ARN{Owner: owner, ResourceType: ivschat.LoggingConfigurationResource, ID: text}
			if len(found) == 0 || d.exists(arn) && !slices.Contains(found, arn) {
				found = append(found[:len(found):len(found)], arn)
			}
		}
		item := n.object[identifiersMember].array[i]
		if len(found) != 1 { // so that it is not also refused because it is no ARN
			list[i] = ivschat.ARN{Owner: owner, ResourceType: ivschat.LoggingConfigurationResource, ID: "none"}.String()
		}
		switch len(found) {
		case 0:
			d.fail(item, path+"."+identifiersMember,
				"there is no logging configuration with the name %s in account %s and region %s: "+
					"add it to loggingConfigurations", item, owner.AccountID, owner.Region)
		case 1:
			list[i] = found[0].String()
		default:
			d.fail(item, path+"."+identifiersMember,
				"%s is ambiguous: %s and %s are called so; use an ID that is not a name", item, found[0], found[1])
		}
	}
}

// exists reports whether a logging configuration is in the document or in the emulator.
func (d *decoder) exists(arn ivschat.ARN) bool {
	_, ok := d.indexes[arn]
	return ok || d.defaults.Exists != nil && d.defaults.Exists(arn)
}
