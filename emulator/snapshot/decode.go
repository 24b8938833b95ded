package snapshot

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// Defaults are the values of members that a document leaves out.
type Defaults struct {
	Owner ivschat.Owner
	Now   time.Time
	// Exists reports whether a logging configuration exists that is not in the document. If it is nil,
	// none does.
	Exists func(ivschat.ARN) bool
}

// Decode decodes a document in JSON. The error is about the first mistake that it finds: it has the
// line, the path of the member, what the member must be, and what it is.
func Decode(text []byte, defaults Defaults) (ivschat.Resources, error) {
	return decode(text, parseJSON, defaults)
}

// DecodeSeed is like Decode for a document in JSON or YAML.
func DecodeSeed(text []byte, defaults Defaults) (ivschat.Resources, error) {
	if isJSON(text) {
		return decode(text, parseJSON, defaults)
	}
	return decode(text, parseYAML, defaults)
}

func decode(
	text []byte, parse func([]byte) (*node, error), defaults Defaults,
) (ivschat.Resources, error) {
	root, err := parse(text)
	if err != nil {
		return ivschat.Resources{}, err
	}
	d := decoder{defaults: defaults, paths: map[ivschat.ARN]string{}, named: map[name][]ivschat.ARN{}}
	resources := d.document(root)
	return resources, d.err
}

// A decoder makes resources from the nodes of a document.
type decoder struct {
	defaults Defaults
	paths    map[ivschat.ARN]string // of the resources that were decoded
	named    map[name][]ivschat.ARN // the resources that were decoded, by their names
	err      error                  // the first mistake
}

// fail records a mistake, if it is the first one.
func (d *decoder) fail(n *node, path, why string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("line %d: %s: %s", n.line, path, fmt.Sprintf(why, args...))
	}
}

func (d *decoder) document(root *node) (resources ivschat.Resources) {
	if root.object == nil {
		d.fail(root, "the document", "must be an object, but is %s", root)
		return resources
	}
	for _, name := range root.names {
		if !slices.Contains(rootMembers, name) {
			d.unknown(root.object[name], name, "the document", rootMembers)
		}
	}
	d.schemaURI(root)
	d.version(root)
	d.time(root, "", snapshotTimeMember, time.Time{})
	for i, n := range d.items(root, "loggingConfigurations") {
		c := d.loggingConfiguration(n, fmt.Sprintf("loggingConfigurations[%d]", i))
		resources.LoggingConfigurations = append(resources.LoggingConfigurations, c)
	}
	for i, n := range d.items(root, "rooms") {
		resources.Rooms = append(resources.Rooms, d.room(n, fmt.Sprintf("rooms[%d]", i)))
	}
	return resources
}

func (d *decoder) schemaURI(root *node) {
	if n, ok := root.object["$schema"]; ok {
		if _, isText := n.scalar.(string); !isText {
			d.fail(n, "$schema", "must be a string, but is %s", n)
		}
	}
}

func (d *decoder) version(root *node) {
	n, ok := root.object["version"]
	if !ok {
		return
	}
	number, _ := n.scalar.(json.Number)
	switch version, err := number.Int64(); {
	case err != nil || version < 1:
		d.fail(n, "version", "must be %d, but is %s", Version, n)
	case version > Version:
		d.fail(n, "version", "must be %d, but is %d: a newer ivschat-local wrote the document; "+
			"use that version to read it", Version, version)
	}
}

// items returns the items of a member of the document that is an array.
func (d *decoder) items(root *node, name string) []*node {
	n, ok := root.object[name]
	if !ok {
		return nil
	}
	if !n.isArray {
		d.fail(n, name, "must be an array, but is %s", n)
	}
	return n.array
}

func (d *decoder) room(n *node, path string) ivschat.Room {
	decoded := room{
		MaximumMessageLength:        ivschat.DefaultMaximumMessageLength,
		MaximumMessageRatePerSecond: ivschat.DefaultMaximumMessageRatePerSecond,
	}
	added := d.resource(n, path, roomKind, &decoded)
	result := ivschat.Room{
		ARN: added.arn, CreateTime: added.createTime, UpdateTime: added.updateTime,
		Name: decoded.Name, Tags: withoutEmpty(decoded.Tags),
		MaximumMessageLength:        decoded.MaximumMessageLength,
		MaximumMessageRatePerSecond: decoded.MaximumMessageRatePerSecond,
		MessageReviewHandler:        (*ivschat.MessageReviewHandler)(decoded.MessageReviewHandler),
	}
	if handler := result.MessageReviewHandler; handler != nil && handler.FallbackResult == "" {
		handler.FallbackResult = ivschat.FallbackAllow
	}
	if d.err == nil && result.MessageReviewHandler != nil { // so its uri is valid
		if problem := result.MessageReviewHandler.CheckFunction(added.arn.Owner, ""); problem != "" {
			d.fail(n.find("messageReviewHandler.uri"), path+".messageReviewHandler.uri", "%s", problem)
		}
	}
	for i, identifier := range decoded.LoggingConfigurationIdentifiers {
		item := n.object["loggingConfigurationIdentifiers"].array[i]
		logging := d.reference(item, path+".loggingConfigurationIdentifiers", identifier, added.arn.Owner)
		if !slices.Contains(result.LoggingConfigurationIdentifiers, logging) { // decision D11
			result.LoggingConfigurationIdentifiers = append(result.LoggingConfigurationIdentifiers, logging)
		}
	}
	return result
}

// reference parses the identifier of a logging configuration, which must exist.
func (d *decoder) reference(n *node, path, identifier string, owner ivschat.Owner) ivschat.ARN {
	arn, err := ivschat.ParseARN(identifier)
	if err != nil || arn.Owner != owner {
		d.fail(n, path, "must be of the account and region of the room, but %s is not", identifier)
	}
	if !d.exists(arn) {
		d.fail(n, path, "there is no logging configuration %s: add it to loggingConfigurations", identifier)
	}
	return arn
}

func (d *decoder) loggingConfiguration(n *node, path string) ivschat.LoggingConfiguration {
	var decoded loggingConfiguration
	added := d.resource(n, path, loggingConfigurationKind, &decoded)
	to := decoded.DestinationConfiguration
	return ivschat.LoggingConfiguration{
		ARN: added.arn, CreateTime: added.createTime, UpdateTime: added.updateTime,
		Name: decoded.Name, Tags: withoutEmpty(decoded.Tags),
		State: ivschat.LoggingConfigurationActive,
		DestinationConfiguration: ivschat.DestinationConfiguration{
			S3:             (*ivschat.S3DestinationConfiguration)(to.S3),
			CloudWatchLogs: (*ivschat.CloudWatchLogsDestinationConfiguration)(to.CloudWatchLogs),
			Firehose:       (*ivschat.FirehoseDestinationConfiguration)(to.Firehose),
		},
	}
}

// withoutEmpty returns nil for empty tags, as the store does: otherwise seeding again would change
// the resource.
func withoutEmpty(tags ivschat.Tags) ivschat.Tags {
	if len(tags) == 0 {
		return nil
	}
	return tags
}
