package snapshot

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
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

// maxResources is the maximum number of resources in a document: twice the quota of rooms in a region.
// A room needs about a kilobyte of memory, but only a few bytes in a document (decision D47).
const maxResources = 100_000

// Decode decodes a snapshot, which is JSON, while it reads it. The error is about the first mistake that
// it finds: it has the line, the path of the member, what the member must be, and what it is.
//
// Every snapshot that Encode writes can be decoded, also if resources are in it that an earlier version of
// the emulator accepted, and that cannot be created any more.
func Decode(in io.Reader, defaults Defaults) (ivschat.Resources, error) {
	d := newDecoder(defaults)
	d.stream(newStream(in))
	d.requireSnapshotMembers()
	return d.resources, d.err
}

// DecodeSeed is like Decode for a seed, which is JSON or YAML and may leave out every member. The error has the
// first 20 mistakes, in the order of their lines.
func DecodeSeed(text []byte, defaults Defaults) (ivschat.Resources, error) {
	d := newDecoder(defaults)
	d.isSeed = true
	if isJSON(text) {
		d.stream(newStream(bytes.NewReader(text)))
		return d.resources, d.result()
	}
	root, err := parseYAML(text)
	if err != nil {
		return ivschat.Resources{}, err
	}
	d.document(root)
	return d.resources, d.result()
}

// A decoder makes resources from the nodes of a document.
type decoder struct {
	defaults  Defaults
	isSeed    bool
	resources ivschat.Resources
	seen      map[string]bool        // the members of the document that were decoded
	indexes   map[ivschat.ARN]int    // of the resources that were decoded, in their lists
	named     map[name][]ivschat.ARN // the logging configurations that were decoded, by their names
	mistakes  []mistake              // in a snapshot only the first one
	err       error                  // ends decoding
}

// A mistake is something that is wrong with a document.
type mistake struct {
	line int
	text string
}

// maximumMistakes is how many mistakes of a seed are collected, so that its author learns about them at once. A
// snapshot was not written by hand, so only its first one is.
const maximumMistakes = 20

// errEnough ends decoding after its mistakes.
var errEnough = errors.New("there may be more mistakes after these")

func newDecoder(defaults Defaults) *decoder {
	return &decoder{
		defaults: defaults, seen: map[string]bool{}, indexes: map[ivschat.ARN]int{},
		named: map[name][]ivschat.ARN{},
	}
}

// fail records a mistake, unless decoding has ended.
func (d *decoder) fail(n *node, path, why string, args ...any) {
	if d.err != nil {
		return
	}
	text := fmt.Sprintf("line %d: %s: %s", n.line, path, fmt.Sprintf(why, args...))
	if !d.isSeed {
		d.err = errors.New(text)
		return
	}
	d.mistakes = append(d.mistakes, mistake{n.line, text})
	if len(d.mistakes) == maximumMistakes {
		d.err = errEnough
	}
}

// failed reports whether there was a mistake since there were so many.
func (d *decoder) failed(before int) bool { return d.err != nil || len(d.mistakes) > before }

// result returns an error with all mistakes in the order of their lines, or nil if there are none.
func (d *decoder) result() error {
	if len(d.mistakes) == 0 {
		return d.err
	}
	slices.SortStableFunc(d.mistakes, func(a, b mistake) int { return cmp.Compare(a.line, b.line) })
	var texts []string
	for _, m := range d.mistakes {
		texts = append(texts, m.text)
	}
	if d.err != nil && (d.err != errEnough || len(texts) == maximumMistakes) {
		texts = append(texts, d.err.Error())
	}
	return errors.New(strings.Join(texts, "; "))
}

// The lists of resources in a document.
const (
	roomsList                 = "rooms"
	loggingConfigurationsList = "loggingConfigurations"
)

// stream decodes a document in JSON.
func (d *decoder) stream(in *stream) {
	var waiting []waitingRoom
	err := d.streamRoot(in, func(name string, line int) error {
		d.seen[name] = true
		c, _ := in.peek() // value returns the error
		if c != '[' || name != roomsList && name != loggingConfigurationsList {
			n, err := in.value(1)
			if err == nil {
				n.line = line
				d.member(name, n)
			}
			return err
		}
		return in.array(func(i int) error {
			n, err := in.value(2)
			if err != nil {
				return err
			}
			waits := name == roomsList && !d.seen[loggingConfigurationsList] && n.object[identifiersMember] != nil
			if waits {
				waiting = append(waiting, waitingRoom{i, n.line, bytes.Clone(in.text)})
			}
			d.item(name, i, n, waits)
			return d.err
		})
	})
	if d.err == nil {
		d.err = err
	}
	for _, room := range waiting {
		if d.err == nil {
			in.in.Reset(bytes.NewReader(room.text))
			in.line = room.line
			n, _ := in.value(2) // it was parsed before
			d.resources.Rooms[room.index] = d.room(n, room.index)
		}
	}
}

// streamRoot reads the document, and calls member for each of its members.
func (d *decoder) streamRoot(in *stream, member func(name string, line int) error) error {
	if c, _ := in.peek(); c != '{' { // value returns the error
		n, err := in.value(0)
		if err == nil {
			d.fail(n, "the document", "must be an object, but is %s", n)
		}
		return err
	}
	err := in.object(func(name string, line int) error {
		if d.seen[name] {
			return duplicate(line, name)
		}
		return cmp.Or(member(name, line), d.err)
	})
	if err != nil {
		return err
	}
	return in.end()
}

// A waitingRoom is a room that comes before the logging configurations to which it refers. It waits as
// text, because its nodes would need many times the memory.
type waitingRoom struct {
	index int
	line  int
	text  []byte
}

// document decodes a document of which all nodes are there. The logging configurations come before the
// rooms, which refer to them.
func (d *decoder) document(root *node) {
	if root.object == nil {
		d.fail(root, "the document", "must be an object, but is %s", root)
		return
	}
	names := slices.DeleteFunc(slices.Clone(root.names), func(name string) bool { return name == roomsList })
	if root.object[roomsList] != nil {
		names = append(names, roomsList)
	}
	for _, name := range names {
		n := root.object[name]
		if n.isArray && (name == roomsList || name == loggingConfigurationsList) {
			for i, item := range n.array {
				if d.item(name, i, item, false); d.err != nil {
					return
				}
			}
		} else {
			d.member(name, n)
		}
	}
}

// member decodes a member of the document that is not a list of resources.
func (d *decoder) member(name string, n *node) {
	switch name {
	case "$schema":
		if _, isText := n.scalar.(string); !isText {
			d.fail(n, name, "must be a string, but is %s", n)
		}
	case "version":
		d.version(n)
	case snapshotTimeMember.name:
		d.valid(n, "", snapshotTimeMember)
	case roomsList, loggingConfigurationsList:
		d.fail(n, name, "must be an array, but is %s", n)
	default:
		d.unknown(n, name, "the document", rootMembers)
	}
}

func (d *decoder) version(n *node) {
	number, _ := n.scalar.(json.Number)
	switch version, err := number.Int64(); {
	case err != nil || version < 1:
		d.fail(n, "version", "must be %d, but is %s", Version, n)
	case version > Version:
		d.fail(n, "version", "must be %d, but is %d: a newer ivschat-local wrote the document; "+
			"use that version to read it", Version, version)
	}
}

// item decodes a resource, or takes the place of a room that waits.
func (d *decoder) item(list string, i int, n *node, waits bool) {
	r := &d.resources
	if len(r.Rooms)+len(r.LoggingConfigurations) == maxResources {
		d.fail(n, fmt.Sprintf("%s[%d]", list, i), "a document can have at most %d resources: "+
			"use one for each account", maxResources)
		d.err = cmp.Or(d.err, errEnough)
	}
	switch {
	case list == loggingConfigurationsList:
		r.LoggingConfigurations = append(r.LoggingConfigurations, d.loggingConfiguration(n, i))
	case waits:
		r.Rooms = append(r.Rooms, ivschat.Room{})
	default:
		r.Rooms = append(r.Rooms, d.room(n, i))
	}
}

// requireSnapshotMembers refuses a document without the members that every snapshot has. Restoring it
// would remove everything, although it may be another document (decision D46).
func (d *decoder) requireSnapshotMembers() {
	required := []string{"version", loggingConfigurationsList, roomsList}
	for _, name := range required {
		if !d.seen[name] {
			d.fail(&node{line: 1}, "the document",
				"must have the members %s, as every snapshot does, but has no %s", strings.Join(required, ", "), name)
		}
	}
}

func (d *decoder) room(n *node, i int) ivschat.Room {
	path := fmt.Sprintf("%s[%d]", roomsList, i)
	decoded := room{
		MaximumMessageLength:        ivschat.DefaultMaximumMessageLength,
		MaximumMessageRatePerSecond: ivschat.DefaultMaximumMessageRatePerSecond,
	}
	added := d.resource(n, path, i, roomKind, &decoded)
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
	if d.isSeed && result.MessageReviewHandler != nil { // it was decoded, so its uri is valid
		if problem := result.MessageReviewHandler.CheckFunction(added.arn.Owner, ""); problem != "" {
			d.fail(n.find("messageReviewHandler.uri"), path+".messageReviewHandler.uri", "%s", problem)
		}
	}
	for i, identifier := range decoded.LoggingConfigurationIdentifiers {
		item := n.object[identifiersMember].array[i]
		logging := d.reference(item, path+"."+identifiersMember, identifier, added.arn.Owner)
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
	} else if !d.exists(arn) {
		d.fail(n, path, "there is no logging configuration %s: add it to loggingConfigurations", identifier)
	}
	return arn
}

func (d *decoder) loggingConfiguration(n *node, i int) ivschat.LoggingConfiguration {
	path := fmt.Sprintf("%s[%d]", loggingConfigurationsList, i)
	var decoded loggingConfiguration
	added := d.resource(n, path, i, loggingConfigurationKind, &decoded)
	to := decoded.DestinationConfiguration
	return ivschat.LoggingConfiguration{
		ARN: added.arn, CreateTime: added.createTime, UpdateTime: added.updateTime,
		Name: decoded.Name, Tags: withoutEmpty(decoded.Tags),
		State: ivschat.LoggingConfigurationState(d.text(n, path, stateMember,
			string(ivschat.LoggingConfigurationActive))),
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
