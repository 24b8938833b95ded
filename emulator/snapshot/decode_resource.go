package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// added are the values of addedMembers.
type added struct {
	arn                    ivschat.ARN
	createTime, updateTime time.Time
}

// resource decodes what all resources have in common. It returns the added members, and decodes the
// members of the request into value, after it has checked them.
func (d *decoder) resource(n *node, path string, k kind, value any) added {
	if n.object == nil {
		d.fail(n, path, "must be an object, but is %s", n)
		return added{}
	}
	d.refuseUnknown(n, path, k.noun, k.members)
	arn := ivschat.ARN{
		ResourceType: k.resourceType,
		ID:           d.text(n, path, idMember, ""),
		Owner: ivschat.Owner{
			AccountID: d.text(n, path, accountMember, d.defaults.Owner.AccountID),
			Region:    d.text(n, path, regionMember, d.defaults.Owner.Region),
		},
	}
	if first, ok := d.paths[arn]; ok {
		d.fail(n, path, "is a duplicate of %s: both are %s; remove one or change its id", first, arn)
	}
	d.paths[arn] = path
	created := d.time(n, path, createTimeMember, d.defaults.Now)
	updated := d.time(n, path, updateTimeMember, created)
	d.request(n, path, k.input, arn.Owner, value)
	return added{arn, created, updated}
}

// request checks the members of the request and decodes them into value.
func (d *decoder) request(n *node, path string, input shape.Structure, owner ivschat.Owner, value any) {
	members, _ := n.plain().(map[string]any)
	for _, m := range addedMembers {
		delete(members, m.name)
	}
	expandIDs(members, owner)
	for _, violation := range shape.Check(input, members) {
		d.fail(n.find(violation.Path), path+"."+violation.Path, "%s", violation.Why)
	}
	if d.err == nil { // so the members fit the type of value
		text, err := json.Marshal(members)
		if err := errors.Join(err, json.Unmarshal(text, value)); err != nil {
			d.fail(n, path, "%v", err)
		}
	}
}

// expandIDs replaces the IDs of logging configurations by ARNs.
func expandIDs(members map[string]any, owner ivschat.Owner) {
	list, _ := members["loggingConfigurationIdentifiers"].([]any)
	for i, identifier := range list {
		if id, ok := identifier.(string); ok && ivschat.IsID(id) {
			arn := ivschat.ARN{Owner: owner, ResourceType: ivschat.LoggingConfigurationResource, ID: id}
			list[i] = arn.String()
		}
	}
}

// refuseUnknown refuses members that the shape does not have, at any depth: they are spelling
// mistakes, and their values would be lost. noun names the value at path.
func (d *decoder) refuseUnknown(n *node, path, noun string, s shape.Shape) {
	switch s := s.(type) {
	case shape.Structure:
		for _, name := range n.names {
			member, memberPath := s.Member(name), path+"."+name
			if member == nil {
				d.unknown(n.object[name], memberPath, noun, s.Names())
			} else {
				d.refuseUnknown(n.object[name], memberPath, memberPath, member)
			}
		}
	case shape.List:
		for i, item := range n.array {
			itemPath := fmt.Sprintf("%s[%d]", path, i)
			d.refuseUnknown(item, itemPath, itemPath, s.Member)
		}
	}
}

func (d *decoder) unknown(n *node, path, noun string, known []string) {
	d.fail(n, path, "is not a member of %s, whose members are %s", noun, strings.Join(known, ", "))
}

// text decodes an added member. Without a fallback the member is required.
func (d *decoder) text(n *node, path string, m addedMember, fallback string) string {
	memberPath := strings.TrimPrefix(path+"."+m.name, ".")
	member, ok := n.object[m.name]
	if !ok {
		if fallback == "" {
			d.fail(n, memberPath, "is required and must be %s", m.form)
		}
		return fallback
	}
	text, ok := member.scalar.(string)
	if !ok || !m.valid(text) {
		d.fail(member, memberPath, "must be %s, but is %s", m.form, member)
	}
	return text
}

// time decodes an added member that is a time.
func (d *decoder) time(n *node, path string, m addedMember, fallback time.Time) time.Time {
	if _, ok := n.object[m.name]; !ok {
		return fallback
	}
	t, _ := parseTime(d.text(n, path, m, ""))
	return t
}
