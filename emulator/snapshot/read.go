// Package world writes rooms, logging configurations and their tags down as a
// JSON document, and reads such documents: snapshots, which the emulator wrote,
// and seeds, which people write.
package snapshot

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

// Version is that of the documents that Encode writes. Older ones are read,
// too.
const Version = 1

// Schema is the JSON Schema of documents.
//
//go:embed schema.json
var Schema []byte

// Defaults are what a document need not say.
type Defaults struct {
	Owner ivschat.Owner
	Now   time.Time
	// Exists reports whether a logging configuration that is not in the document exists. Without it,
	// none does.
	Exists func(ivschat.ARN) bool
}

type document struct {
	Version               int                    `json:"version"`
	Time                  time.Time              `json:"time"`
	LoggingConfigurations []loggingConfiguration `json:"loggingConfigurations"`
	Rooms                 []room                 `json:"rooms"`
}

// A resource is what rooms and logging configurations have in common.
type resource struct {
	ID         string       `json:"id"`
	Account    string       `json:"account"`
	Region     string       `json:"region"`
	Name       string       `json:"name,omitempty"`
	CreateTime time.Time    `json:"createTime"`
	UpdateTime time.Time    `json:"updateTime"`
	Tags       ivschat.Tags `json:"tags,omitempty"`
}

type room struct {
	resource
	MaximumMessageLength            int            `json:"maximumMessageLength"`
	MaximumMessageRatePerSecond     int            `json:"maximumMessageRatePerSecond"`
	MessageReviewHandler            *reviewHandler `json:"messageReviewHandler,omitempty"`
	LoggingConfigurationIdentifiers []string       `json:"loggingConfigurationIdentifiers,omitempty"` // ARNs, or ids of the same account and region
}

type reviewHandler struct {
	URI            string                 `json:"uri"`
	FallbackResult ivschat.FallbackResult `json:"fallbackResult"`
}

type loggingConfiguration struct {
	resource
	DestinationConfiguration destination `json:"destinationConfiguration"`
}

type destination struct {
	S3             *s3             `json:"s3,omitempty"`
	CloudWatchLogs *cloudWatchLogs `json:"cloudWatchLogs,omitempty"`
	Firehose       *firehose       `json:"firehose,omitempty"`
}

type (
	s3 struct {
		BucketName string `json:"bucketName"`
	}
	cloudWatchLogs struct {
		LogGroupName string `json:"logGroupName"`
	}
	firehose struct {
		DeliveryStreamName string `json:"deliveryStreamName"`
	}
)

// Encode writes the world down as it is at the time.
func Encode(w ivschat.Resources, now time.Time) []byte {
	d := document{Version: Version, Time: now, LoggingConfigurations: []loggingConfiguration{}, Rooms: []room{}}
	for _, c := range w.LoggingConfigurations {
		d.LoggingConfigurations = append(d.LoggingConfigurations, loggingConfiguration{
			resource: resource{c.ARN.ID, c.ARN.Owner.AccountID, c.ARN.Owner.Region, c.Name, c.CreateTime, c.UpdateTime, c.Tags},
			DestinationConfiguration: destination{
				S3:             (*s3)(c.DestinationConfiguration.S3),
				CloudWatchLogs: (*cloudWatchLogs)(c.DestinationConfiguration.CloudWatchLogs),
				Firehose:       (*firehose)(c.DestinationConfiguration.Firehose),
			},
		})
	}
	for _, r := range w.Rooms {
		written := room{
			resource:                    resource{r.ARN.ID, r.ARN.Owner.AccountID, r.ARN.Owner.Region, r.Name, r.CreateTime, r.UpdateTime, r.Tags},
			MaximumMessageLength:        r.MaximumMessageLength,
			MaximumMessageRatePerSecond: r.MaximumMessageRatePerSecond,
			MessageReviewHandler:        (*reviewHandler)(r.MessageReviewHandler),
		}
		for _, arn := range r.LoggingConfigurationIdentifiers {
			written.LoggingConfigurationIdentifiers = append(written.LoggingConfigurationIdentifiers, arn.String())
		}
		d.Rooms = append(d.Rooms, written)
	}
	text, _ := json.MarshalIndent(d, "", "  ") // plain structs always encode
	return append(text, '\n')
}

// Decode reads a document. The error names the line and the member of the first
// thing that is wrong, and says why.
func Decode(text []byte, defaults Defaults) (ivschat.Resources, error) {
	root, err := parse(text)
	if err != nil {
		return ivschat.Resources{}, err
	}
	r := reader{defaults: defaults, seen: map[string]bool{}}
	w := r.world(root)
	return w, r.err
}

// A reader remembers the first thing that was wrong.
type reader struct {
	defaults Defaults
	seen     map[string]bool // ARNs
	err      error
}

func (r *reader) wrong(n *node, path, why string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("line %d: %s: %s", n.line, path, fmt.Sprintf(why, args...))
	}
}

func (r *reader) world(root *node) (w ivschat.Resources) {
	if root.object == nil {
		r.wrong(root, "the document", "must be an object")
		return w
	}
	for _, name := range root.names {
		if !slices.Contains([]string{"$schema", "version", "time", "loggingConfigurations", "rooms"}, name) {
			r.wrong(root.object[name], name, "is no member of the document")
		}
	}
	if version, ok := root.object["version"]; ok {
		r.version(version)
	}
	for i, n := range r.items(root, "loggingConfigurations") {
		w.LoggingConfigurations = append(w.LoggingConfigurations, r.loggingConfiguration(n, fmt.Sprintf("loggingConfigurations[%d]", i)))
	}
	for i, n := range r.items(root, "rooms") {
		w.Rooms = append(w.Rooms, r.room(n, fmt.Sprintf("rooms[%d]", i)))
	}
	return w
}

// version wants a version that this program knows.
func (r *reader) version(n *node) {
	number, _ := n.scalar.(json.Number)
	switch version, err := number.Int64(); {
	case err != nil || version < 1:
		r.wrong(n, "version", "must be %d, but is %s", Version, n)
	case version > Version:
		r.wrong(n, "version", "must be %d, but is %d: a newer ivschat-local wrote it", Version, version)
	}
}

func (r *reader) items(root *node, name string) []*node {
	n, ok := root.object[name]
	if !ok {
		return nil
	}
	if !n.isArray {
		r.wrong(n, name, "must be an array")
	}
	return n.array
}

var (
	// own are the members that a request to create a resource does not have.
	own = []string{"id", "account", "region", "createTime", "updateTime"}

	roomMembers = members{
		"name": nil, "tags": nil, "maximumMessageLength": nil, "maximumMessageRatePerSecond": nil, "loggingConfigurationIdentifiers": nil,
		"messageReviewHandler": {"uri": nil, "fallbackResult": nil},
	}
	loggingConfigurationMembers = members{
		"name": nil, "tags": nil,
		"destinationConfiguration": {
			"s3": {"bucketName": nil}, "cloudWatchLogs": {"logGroupName": nil}, "firehose": {"deliveryStreamName": nil},
		},
	}
)

// members are those that an object may have, with those of theirs; nil is for
// others to judge.
type members map[string]members

// resource reads what is not in the shape of the operation that creates such a
// resource, and holds the rest against it. Members that it fills in are decoded
// into value afterwards.
func (r *reader) resource(n *node, path, operation string, kind ivschat.ResourceType, known members, value any) (arn ivschat.ARN, created, updated time.Time) {
	if n.object == nil {
		r.wrong(n, path, "must be an object")
		return
	}
	id := r.text(n, path, "id", "", ivschat.IsID, "twelve letters and digits")
	arn = ivschat.ARN{ResourceType: kind, ID: id, Owner: ivschat.Owner{
		AccountID: r.text(n, path, "account", r.defaults.Owner.AccountID, ivschat.IsAccountID, "twelve digits"),
		Region:    r.text(n, path, "region", r.defaults.Owner.Region, ivschat.IsRegion, "a region such as us-east-1"),
	}}
	if r.seen[arn.String()] {
		r.wrong(n, path, "%s is there twice", arn)
	}
	r.seen[arn.String()] = true
	created = r.time(n, path, "createTime", r.defaults.Now)
	updated = r.time(n, path, "updateTime", created)
	rest, _ := n.plain().(map[string]any)
	for _, name := range own {
		delete(rest, name)
	}
	qualify(rest, arn.Owner)
	for _, violation := range model.Violations(operation, rest) {
		first, _, _ := strings.Cut(violation.Path, ".")
		first, _, _ = strings.Cut(first, "[")
		at, there := n.object[first]
		if !there {
			at = n
		}
		r.wrong(at, path+"."+violation.Path, "%s", violation.Why)
	}
	r.strangers(n, path, "a "+strings.ReplaceAll(string(kind), "-", " "), known)
	if r.err == nil { // what has passed its shape can be decoded
		text, err := json.Marshal(rest)
		if err := errors.Join(err, json.Unmarshal(text, value)); err != nil {
			r.wrong(n, path, "%v", err)
		}
	}
	return arn, created, updated
}

// orNone is what the store makes of tags: none are nil.
func orNone(tags ivschat.Tags) ivschat.Tags {
	if len(tags) == 0 {
		return nil
	}
	return tags
}

// strangers refuses members that are none of the known, at any depth: they are
// misspelt, and would get lost.
func (r *reader) strangers(n *node, path, what string, known members) {
	for _, name := range n.names {
		inside, ok := known[name]
		if !ok && (what == "" || !slices.Contains(own, name)) {
			r.wrong(n.object[name], path+"."+name, "is no member of %s", cmp.Or(what, path))
		}
		if inside != nil {
			r.strangers(n.object[name], path+"."+name, "", inside)
		}
	}
}

// qualify makes ARNs of the ids of logging configurations.
func qualify(members map[string]any, owner ivschat.Owner) {
	list, _ := members["loggingConfigurationIdentifiers"].([]any)
	for i, identifier := range list {
		if id, ok := identifier.(string); ok && ivschat.IsID(id) {
			list[i] = ivschat.ARN{Owner: owner, ResourceType: ivschat.LoggingConfigurationResource, ID: id}.String()
		}
	}
}

// text reads a member that is a text of a form.
func (r *reader) text(n *node, path, name, otherwise string, fits func(string) bool, form string) string {
	member, there := n.object[name]
	if !there && otherwise != "" {
		return otherwise
	}
	if !there {
		r.wrong(n, path+"."+name, "is required: %s", form)
		return ""
	}
	text, ok := member.scalar.(string)
	if !ok || !fits(text) {
		r.wrong(member, path+"."+name, "must be %s, but is %s", form, member)
	}
	return text
}

func (r *reader) time(n *node, path, name string, otherwise time.Time) time.Time {
	member, there := n.object[name]
	if !there {
		return otherwise
	}
	text, _ := member.scalar.(string)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.Year() < 1970 || at.Year() > 2200 {
		r.wrong(member, path+"."+name, "must be a time such as 2026-01-31T12:00:00Z, but is %s", member)
	}
	return at.UTC()
}

func (r *reader) loggingConfiguration(n *node, path string) ivschat.LoggingConfiguration {
	var read loggingConfiguration
	arn, created, updated := r.resource(n, path, "CreateLoggingConfiguration", ivschat.LoggingConfigurationResource, loggingConfigurationMembers, &read)
	return ivschat.LoggingConfiguration{
		ARN: arn, Name: read.Name, CreateTime: created, UpdateTime: updated, Tags: orNone(read.Tags),
		State: ivschat.LoggingConfigurationActive,
		DestinationConfiguration: ivschat.DestinationConfiguration{
			S3:             (*ivschat.S3DestinationConfiguration)(read.DestinationConfiguration.S3),
			CloudWatchLogs: (*ivschat.CloudWatchLogsDestinationConfiguration)(read.DestinationConfiguration.CloudWatchLogs),
			Firehose:       (*ivschat.FirehoseDestinationConfiguration)(read.DestinationConfiguration.Firehose),
		},
	}
}

func (r *reader) room(n *node, path string) ivschat.Room {
	read := room{MaximumMessageLength: ivschat.DefaultMaximumMessageLength, MaximumMessageRatePerSecond: ivschat.DefaultMaximumMessageRatePerSecond}
	arn, created, updated := r.resource(n, path, "CreateRoom", ivschat.RoomResource, roomMembers, &read)
	result := ivschat.Room{
		ARN: arn, Name: read.Name, CreateTime: created, UpdateTime: updated, Tags: orNone(read.Tags),
		MaximumMessageLength:        read.MaximumMessageLength,
		MaximumMessageRatePerSecond: read.MaximumMessageRatePerSecond,
		MessageReviewHandler:        (*ivschat.MessageReviewHandler)(read.MessageReviewHandler),
	}
	if handler := result.MessageReviewHandler; handler != nil && handler.FallbackResult == "" {
		handler.FallbackResult = ivschat.FallbackAllow
	}
	for _, identifier := range read.LoggingConfigurationIdentifiers {
		at := n.object["loggingConfigurationIdentifiers"]
		logging, err := ivschat.ParseARN(identifier)
		if err != nil || logging.Owner != arn.Owner {
			r.wrong(at, path+".loggingConfigurationIdentifiers", "%s is no logging configuration of the room's account and region", identifier)
		}
		if !r.seen[logging.String()] && (r.defaults.Exists == nil || !r.defaults.Exists(logging)) {
			r.wrong(at, path+".loggingConfigurationIdentifiers", "there is no %s", identifier)
		}
		result.LoggingConfigurationIdentifiers = append(result.LoggingConfigurationIdentifiers, logging)
	}
	return result
}
