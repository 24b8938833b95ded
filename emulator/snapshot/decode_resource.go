package snapshot

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// added are the values of addedMembers.
type added struct {
	arn                    ivschat.ARN
	createTime, updateTime time.Time
}

// resource decodes what all resources have in common; i is the index in its list. It returns the added
// members, and decodes the members of the request into value, after it has checked them.
func (d *decoder) resource(n *node, path string, i int, k kind, value value) added {
	if n.object == nil {
		d.fail(n, path, "must be an object, but is %s", n)
		return added{}
	}
	before := len(d.mistakes)
	d.refuseUnknown(n, path, k.noun, k.members)
	owner := ivschat.Owner{
		AccountID: d.text(n, path, accountMember, d.defaults.Owner.AccountID),
		Region:    d.text(n, path, regionMember, d.defaults.Owner.Region),
	}
	id, named := d.id(n, path, k, owner)
	arn := ivschat.ARN{Owner: owner, ResourceType: k.resourceType, ID: id}
	first, isDuplicate := d.indexes[arn]
	switch {
	case d.failed(before): // the ARN may not be the one that was meant
	case isDuplicate && named:
		d.fail(n, path, "is a duplicate of %s[%d]: both have the same name and no id; remove one or give it an id",
			k.list, first)
	case isDuplicate:
		d.fail(n, path, "is a duplicate of %s[%d]: both are %s; remove one or change its id", k.list, first, arn)
	}
	d.indexes[arn] = i
	if called, ok := n.object["name"]; ok && k.list == loggingConfigurationsList {
		text, _ := called.scalar.(string)
		key := name{owner, k.resourceType, text}
		d.named[key] = append(d.named[key], arn)
	}
	created := d.time(n, path, createTimeMember, d.defaults.Now)
	updated := d.time(n, path, updateTimeMember, created)
	d.request(n, path, k, arn.Owner, value, before)
	return added{arn, created, updated}
}

// request checks the members of the request and decodes them into value, unless there was a mistake in the resource,
// before which there were so many.
func (d *decoder) request(n *node, path string, k kind, owner ivschat.Owner, value value, before int) {
	input := k.stored
	if d.isSeed {
		input = k.input
	}
	members := make(map[string]any, len(input.Members))
	for name, member := range n.object {
		if !k.isAdded(name) {
			members[name] = member.plain()
		}
	}
	d.identify(n, path, owner, members)
	for _, violation := range shape.Check(input, members) {
		found, advice := n.find(violation.Path), ""
		if strings.HasPrefix(violation.Why, "must be a string") {
			advice = found.inQuotes()
		}
		d.fail(found, path+"."+violation.Path, "%s%s", violation.Why, advice)
	}
	if d.failed(before) {
		return
	}
	if value.take(members); len(members) > 0 { // and they fit the type of value
		text, err := json.Marshal(members)
		if err := errors.Join(err, json.Unmarshal(text, value)); err != nil {
			d.fail(n, path, "%v", err)
		}
	}
}

// A value is a resource that is decoded from the members of a request.
type value interface {
	// take takes those that nearly every resource has, and removes them from the members, which are valid.
	// encoding/json decodes the others: for all of them, that would take a fifth of the time of a restore.
	take(members map[string]any)
}

func (r *resource) take(members map[string]any) {
	r.Name, _ = members["name"].(string) // "" if it is null
	if tags, ok := members["tags"].(map[string]any); ok {
		r.Tags = make(ivschat.Tags, len(tags))
		for key, tag := range tags {
			r.Tags[key], _ = tag.(string)
		}
	}
	delete(members, "name")
	delete(members, "tags")
}

func (r *room) take(members map[string]any) {
	r.resource.take(members)
	takeInt(&r.MaximumMessageLength, members, "maximumMessageLength")
	takeInt(&r.MaximumMessageRatePerSecond, members, "maximumMessageRatePerSecond")
}

// takeInt changes the value, unless the member is absent or null.
func takeInt(value *int, members map[string]any, name string) {
	if number, ok := members[name].(json.Number); ok {
		n, _ := number.Int64() // it is valid
		*value = int(n)
	}
	delete(members, name)
}

// refuseUnknown refuses members that the structure does not have, at any depth: they are spelling
// mistakes, and their values would be lost. noun names the value at path. No list or map has structures in
// it.
func (d *decoder) refuseUnknown(n *node, path, noun string, structure shape.Structure) {
	for _, name := range n.names {
		switch member := structure.Member(name).(type) {
		case nil:
			d.unknown(n.object[name], path+"."+name, noun, structure.Names())
		case shape.Structure:
			d.refuseUnknown(n.object[name], path+"."+name, path+"."+name, member)
		}
	}
}

func (d *decoder) unknown(n *node, path, noun string, known []string) {
	name := path[strings.LastIndex(path, ".")+1:]
	d.fail(n, path, "is not a member of %s, whose members are %s%s",
		noun, strings.Join(known, ", "), spelling.DidYouMean(name, known))
}

// text decodes an added member, or returns the fallback if there is none.
func (d *decoder) text(n *node, path string, m addedMember, fallback string) string {
	member, ok := n.object[m.name]
	if !ok {
		return fallback
	}
	return d.valid(member, path, m)
}

// valid returns the value of an added member, which must be valid. path is that of its object, and "" for the
// document.
func (d *decoder) valid(n *node, path string, m addedMember) string {
	text, ok := n.scalar.(string)
	if !ok || !m.valid(text) {
		d.fail(n, strings.TrimPrefix(path+"."+m.name, "."), "must be %s, but is %s%s", m.form, n, n.inQuotes())
	}
	return text
}

// time decodes an added member that is a time.
func (d *decoder) time(n *node, path string, m addedMember, fallback time.Time) time.Time {
	member, ok := n.object[m.name]
	if !ok {
		return fallback
	}
	t, _ := parseTime(d.valid(member, path, m))
	return t
}
