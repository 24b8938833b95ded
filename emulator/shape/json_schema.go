package shape

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// A Schema is a JSON Schema (draft 2020-12). It has the keywords that shapes need, and those that
// the author of a document's schema adds.
type Schema struct {
	Dialect     string             `json:"$schema,omitempty"` // URI of the draft
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Ref         string             `json:"$ref,omitempty"`
	Type        any                `json:"type,omitempty"` // a name, or a list of names
	Const       any                `json:"const,omitempty"`
	Enum        []any              `json:"enum,omitempty"`
	OneOf       []*Schema          `json:"oneOf,omitempty"`
	AnyOf       []*Schema          `json:"anyOf,omitempty"`
	Not         *Schema            `json:"not,omitempty"`
	Definitions map[string]*Schema `json:"$defs,omitempty"`

	MinLength int    `json:"minLength,omitempty"`
	MaxLength int    `json:"maxLength,omitempty"`
	Pattern   string `json:"pattern,omitempty"`
	Format    string `json:"format,omitempty"`

	Minimum *int64 `json:"minimum,omitempty"`
	Maximum *int64 `json:"maximum,omitempty"`

	MinItems int     `json:"minItems,omitempty"`
	MaxItems int     `json:"maxItems,omitempty"`
	Items    *Schema `json:"items,omitempty"`

	MinProperties        int                `json:"minProperties,omitempty"`
	MaxProperties        int                `json:"maxProperties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	Properties           map[string]*Schema `json:"properties,omitempty"`
	PropertyNames        *Schema            `json:"propertyNames,omitempty"`
	AdditionalProperties any                `json:"additionalProperties,omitempty"` // false, or a *Schema
}

// JSONSchema returns a JSON Schema of the values in which Check finds no violations. They differ in
// three ways. The schema refuses members that a structure does not have, which Check only removes:
// in a document that a person writes, they are spelling mistakes. And JSON Schema cannot limit the
// bytes of a map, or refuse the integer 1 when it is written as 1.0.
func JSONSchema(s Shape) *Schema { return s.schema() }

func (s String) schema() *Schema {
	schema := &Schema{Type: "string", MinLength: s.Min, MaxLength: s.Max}
	if s.Pattern != nil {
		schema.Pattern = s.Pattern.String()
	}
	for _, value := range s.Enum {
		schema.Enum = append(schema.Enum, value)
	}
	if s.NotPrefix != "" {
		schema.Not = &Schema{Type: "string", Pattern: "^" + inAnyCase(s.NotPrefix)}
	}
	return schema
}

// inAnyCase returns a pattern that matches the text in upper and lower case. JSON Schema has no flag
// for that.
func inAnyCase(text string) string {
	var pattern strings.Builder
	for _, r := range text {
		if lower, upper := unicode.ToLower(r), unicode.ToUpper(r); lower != upper {
			pattern.WriteString("[" + string(lower) + string(upper) + "]")
		} else {
			pattern.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return pattern.String()
}

func (s Integer) schema() *Schema {
	return &Schema{Type: "integer", Minimum: &s.Min, Maximum: &s.Max}
}

func (s List) schema() *Schema {
	return &Schema{Type: "array", MinItems: s.Min, MaxItems: s.Max, Items: s.Member.schema()}
}

func (s Map) schema() *Schema {
	schema := &Schema{
		Type: "object", MinProperties: s.Min, MaxProperties: s.Max,
		PropertyNames: s.Key.schema(), AdditionalProperties: s.Value.schema(),
	}
	if s.MaxBytes > 0 {
		schema.Description = fmt.Sprintf("Keys and values together have at most %d bytes in UTF-8.", s.MaxBytes)
	}
	return schema
}

func (s Structure) schema() *Schema {
	schema := &Schema{Type: "object", Properties: map[string]*Schema{}, AdditionalProperties: false}
	for _, m := range s.Members {
		member := m.Shape.schema()
		if m.Required {
			schema.Required = append(schema.Required, m.Name)
		} else {
			member.allowNull() // a null member counts as absent
		}
		schema.Properties[m.Name] = member
		if s.Union {
			notNull := &Schema{Not: &Schema{Type: "null"}}
			schema.OneOf = append(schema.OneOf, &Schema{
				Required: []string{m.Name}, Properties: map[string]*Schema{m.Name: notNull},
			})
		}
	}
	return schema
}

// allowNull makes the schema accept null, too.
func (s *Schema) allowNull() {
	s.Type = []any{s.Type, "null"}
	if s.Enum != nil {
		s.Enum = append(s.Enum, nil)
	}
}
