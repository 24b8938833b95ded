package guides_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/internal/guides"
)

func TestTheReferenceOfTheAdminAPIIsCurrent(t *testing.T) {
	var document yaml.Node // JSON is YAML, and a node keeps the order of members
	if err := yaml.Unmarshal([]byte(guides.Read(t, "emulator/admin/openapi.json")), &document); err != nil {
		t.Fatal(err)
	}
	api := openAPI{document.Content[0]}
	guides.Generate(t, "docs/reference/admin-api.md", "calls", api.calls(), *update)
}

// An openAPI is an OpenAPI document, of which it writes the reference in Markdown.
type openAPI struct{ root *yaml.Node }

// member returns a member of an object by its path, or nil.
func member(node *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		if node == nil {
			return nil
		}
		found := (*yaml.Node)(nil)
		for n, value := range members(node) {
			if n == name {
				found = value
			}
		}
		node = found
	}
	return node
}

// members ranges over the members of an object, in order.
func members(node *yaml.Node) func(yield func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		if node == nil || node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, node.Content[i+1]) {
				return
			}
		}
	}
}

func text(node *yaml.Node, path ...string) string {
	if found := member(node, path...); found != nil {
		return found.Value
	}
	return ""
}

// resolve follows the reference of a node, if it is one, and returns its last word.
func (api openAPI) resolve(node *yaml.Node) (target *yaml.Node, name string) {
	reference := text(node, "$ref")
	if reference == "" {
		return node, ""
	}
	words := strings.Split(strings.TrimPrefix(reference, "#/"), "/")
	return member(api.root, words...), words[len(words)-1]
}

// calls returns the reference: a list of the calls, each call, the answers that several calls have, and the objects.
func (api openAPI) calls() string {
	var list, details strings.Builder
	for path, methods := range members(member(api.root, "paths")) {
		for method, call := range members(methods) {
			title := strings.ToUpper(method) + " " + path
			fmt.Fprintf(&list, "| [`%s`](#%s) | %s |\n", title, anchors("## " + title)[0], text(call, "summary"))
			api.call(&details, title, call)
		}
	}
	var answers, objects strings.Builder
	for name, answer := range members(member(api.root, "components", "responses")) {
		fmt.Fprintf(&answers, "### Answer %s\n\n%s\n\n", name, text(answer, "description"))
		api.table(&answers, "member", api.rows("", member(answer, "content", "application/json", "schema")))
	}
	for name, object := range members(member(api.root, "components", "schemas")) {
		fmt.Fprintf(&objects, "### %s\n\n", name)
		if description := text(object, "description"); description != "" {
			fmt.Fprintf(&objects, "%s\n\n", description)
		}
		if values := api.kind(object); strings.HasPrefix(values, "`") {
			fmt.Fprintf(&objects, "One of %s.\n\n", values)
		}
		api.table(&objects, "member", api.rows("", object))
	}
	return "## Calls\n\n| call | what it does |\n|---|---|\n" + list.String() + "\n" + details.String() +
		"## Answers\n\n" + answers.String() + "## Objects\n\n" + strings.TrimSpace(objects.String())
}

func (api openAPI) call(b *strings.Builder, title string, call *yaml.Node) {
	fmt.Fprintf(b, "### %s\n\n%s.\n", title, text(call, "summary"))
	if description := text(call, "description"); description != "" {
		fmt.Fprintf(b, "%s\n", description)
	}
	b.WriteString("\n")
	var parameters [][3]string
	for _, each := range content(member(call, "parameters")) {
		parameter, _ := api.resolve(each)
		kind := api.kind(member(parameter, "schema"))
		if text(parameter, "in") != "query" {
			kind += ", in the " + text(parameter, "in")
		}
		parameters = append(parameters, [3]string{text(parameter, "name"), kind, text(parameter, "description")})
	}
	api.table(b, "parameter", parameters)
	for media, body := range members(member(call, "requestBody", "content")) {
		fmt.Fprintf(b, "Body, `%s`: %s\n\n", media, api.schema(member(body, "schema")))
		api.table(b, "member", api.rows("", member(body, "schema")))
		api.examples(b, body)
	}
	var answers strings.Builder
	for status, each := range members(member(call, "responses")) {
		answer, name := api.resolve(each)
		if name != "" {
			fmt.Fprintf(b, "- %s: %s [Answer %s](#answer-%s)\n", status, firstSentence(text(answer, "description")), name,
				strings.ToLower(name))
			continue
		}
		fmt.Fprintf(b, "- %s: %s", status, text(answer, "description"))
		for _, body := range members(member(answer, "content")) {
			if _, object := api.resolve(member(body, "schema")); object != "" {
				fmt.Fprintf(b, " [%s](#%s)", object, strings.ToLower(object))
				continue
			}
			api.table(&answers, "member of the answer", api.rows("", member(body, "schema")))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n" + answers.String())
}

func firstSentence(description string) string {
	sentence, _, _ := strings.Cut(description, ". ")
	return strings.TrimSuffix(sentence, ".") + "."
}

func content(node *yaml.Node) []*yaml.Node {
	if node == nil {
		return nil
	}
	return node.Content
}

// schema describes a body in a few words.
func (api openAPI) schema(schema *yaml.Node) string {
	if description := text(schema, "description"); description != "" {
		return description
	}
	return api.kind(schema) + "."
}

// kind returns the type of a value, in words.
func (api openAPI) kind(schema *yaml.Node) string {
	if _, name := api.resolve(schema); name != "" {
		return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name))
	}
	var alternatives []string
	for _, group := range []string{"oneOf", "anyOf", "allOf"} {
		for _, each := range content(member(schema, group)) {
			if kind := api.kind(each); kind != "any" && !slices.Contains(alternatives, kind) {
				alternatives = append(alternatives, kind)
			}
		}
	}
	for _, value := range content(member(schema, "enum")) {
		alternatives = append(alternatives, "`"+value.Value+"`")
	}
	kind := member(schema, "type")
	switch {
	case kind != nil && kind.Kind == yaml.SequenceNode:
		for _, each := range kind.Content {
			alternatives = append(alternatives, each.Value)
		}
	case kind != nil && kind.Value == "array":
		return "array of " + api.kind(member(schema, "items"))
	case kind != nil && len(alternatives) == 0 && text(schema, "format") == "date-time":
		return "time"
	case kind != nil && len(alternatives) == 0:
		return kind.Value
	case text(schema, "const") != "":
		return "`" + text(schema, "const") + "`"
	case len(alternatives) == 0:
		return "any"
	}
	return strings.Join(alternatives, " or ")
}

// rows returns the members of an object, and those of the objects in it.
func (api openAPI) rows(prefix string, schema *yaml.Node) (rows [][3]string) {
	var required []string
	for _, each := range content(member(schema, "required")) {
		required = append(required, each.Value)
	}
	for _, part := range content(member(schema, "allOf")) {
		if object, _ := api.resolve(part); prefix == "" {
			rows = append(rows, api.rows("", object)...)
		}
	}
	for name, value := range members(member(schema, "properties")) {
		kind := api.kind(value)
		if slices.Contains(required, name) {
			kind += ", required"
		}
		rows = append(rows, [3]string{prefix + name, kind, text(value, "description")})
		rows = append(rows, api.rows(prefix+name+".", value)...)
		rows = append(rows, api.rows(prefix+name+"[].", member(value, "items"))...)
	}
	return rows
}

func (api openAPI) table(b *strings.Builder, head string, rows [][3]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "| %s | type | meaning |\n|---|---|---|\n", head)
	for _, row := range rows {
		cell := strings.NewReplacer("|", `\|`, "\n", " ").Replace(row[2])
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", row[0], row[1], cell)
	}
	b.WriteString("\n")
}

// examples writes the examples of a body.
func (api openAPI) examples(b *strings.Builder, body *yaml.Node) {
	write := func(summary string, value *yaml.Node) {
		var decoded any
		if err := value.Decode(&decoded); err != nil {
			panic(err)
		}
		var encoded strings.Builder
		encoder := json.NewEncoder(&encoded)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(decoded); err != nil {
			panic(err)
		}
		fmt.Fprintf(b, "%s`%s`\n", summary, strings.TrimSpace(encoded.String()))
	}
	if example := member(body, "example"); example != nil && example.Kind == yaml.MappingNode {
		write("Example: ", example)
		b.WriteString("\n")
	}
	if examples := member(body, "examples"); examples != nil {
		b.WriteString("Examples:\n\n")
		for name, example := range members(examples) {
			if summary := text(example, "summary"); summary != "" {
				name = summary
			}
			write("- "+name+": ", member(example, "value"))
		}
		b.WriteString("\n")
	}
}
