package snapshot

import (
	"encoding/json"

	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// Schema is the JSON Schema of documents. It accepts every document that DecodeSeed accepts. It cannot
// refuse a duplicate, a reference to a missing logging configuration, a function in another region, or an
// integer written as 1.0; DecodeSeed does.
var Schema = encodeSchema()

// encodeSchema builds the schema from the shapes of the requests that create resources.
func encodeSchema() []byte {
	schema := shape.Schema{
		Dialect: "https://json-schema.org/draft/2020-12/schema",
		Title:   "Rooms and logging configurations of ivschat-local",
		Description: "A snapshot, or a seed for --seed, which may also be YAML. In a seed, a room needs only " +
			"an id or a name, and a logging configuration also its destinationConfiguration. A snapshot must have " +
			"version, rooms and loggingConfigurations, although this schema does not require them. Its tags may " +
			"have characters of earlier versions that this schema refuses.",
		Type:                 "object",
		AdditionalProperties: false,
		Properties: map[string]*shape.Schema{
			"$schema": {Type: "string"},
			"version": {
				Const: Version, Description: "The version of the document's format. The default is the newest.",
			},
			"time": &snapshotTimeMember.schema,
			"loggingConfigurations": {
				Type: "array", Items: &shape.Schema{Ref: "#/$defs/loggingConfiguration"},
			},
			"rooms": {
				Type: "array", Items: &shape.Schema{Ref: "#/$defs/room"},
			},
		},
		Definitions: map[string]*shape.Schema{
			"loggingConfiguration": loggingConfigurationKind.schema(),
			"room":                 roomSchema(),
		},
	}
	text, _ := json.MarshalIndent(schema, "", "  ") // a struct of plain values always encodes
	return append(text, '\n')
}

// schema returns the schema of a resource of this kind.
func (k kind) schema() *shape.Schema {
	schema := shape.JSONSchema(k.input)
	for _, added := range k.added {
		schema.Properties[added.name] = &added.schema
	}
	hasName := &shape.Schema{
		Required:   []string{"name"},
		Properties: map[string]*shape.Schema{"name": {Type: "string", MinLength: 1}},
	}
	schema.AnyOf = []*shape.Schema{{Required: []string{idMember.name}}, hasName}
	return schema
}

// namePattern is a pattern of names that are not empty (model: LoggingConfigurationName). IDs match it, too.
const namePattern = "^[a-zA-Z0-9-_]+$"

// roomSchema returns the schema of a room, which may refer to a logging configuration by its ID or name.
func roomSchema() *shape.Schema {
	schema := roomKind.schema()
	identifier := schema.Properties["loggingConfigurationIdentifiers"].Items
	identifier.Pattern = namePattern + "|" + identifier.Pattern
	identifier.Description = "The ARN of a logging configuration, its ID, or its name if it is in this " +
		"document. Its account and region must be those of the room."
	return schema
}
