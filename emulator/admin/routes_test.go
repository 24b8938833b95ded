package admin

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// parameters returns the names of the query parameters of an operation, sorted.
func parameters(operation *openapi3.Operation) (names []string) {
	for _, parameter := range operation.Parameters {
		if parameter.Value.In == openapi3.ParameterInQuery {
			names = append(names, parameter.Value.Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestTheOpenAPIDocumentHasEveryRouteWithWhatItTakesAndNoOther(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]*openapi3.Operation{}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			documented[method+" "+strings.TrimPrefix(path, "/")] = operation
		}
	}
	delete(documented, "GET health")         // takes everything
	pattern := regexp.MustCompile(`:[^}]*}`) // of a variable in a path
	for _, route := range new(api).routes() {
		name := route.method + " " + pattern.ReplaceAllString(route.path, "}")
		operation := documented[name]
		if operation == nil {
			t.Errorf("openapi.json does not have %s", name)
			continue
		}
		takes := strings.Fields(route.query)
		if slices.Sort(takes); !slices.Equal(parameters(operation), takes) {
			t.Errorf("%s takes %v, but openapi.json has %v", name, takes, parameters(operation))
		}
		if documentsBody := operation.RequestBody != nil; documentsBody != route.body {
			t.Errorf("%s takes a body: %v, but openapi.json has one: %v", name, route.body, documentsBody)
		}
		delete(documented, name)
	}
	for name := range documented {
		t.Errorf("openapi.json has %s, which is not a route", name)
	}
}

func TestTheOpenAPIDocumentListsTheKindsOfWhatFallsDue(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	parameter := document.Paths.Value("/clock/due").Get.Parameters.GetByInAndName("query", "kind").Schema
	for _, schema := range []*openapi3.SchemaRef{parameter, document.Components.Schemas["Due"].Value.Properties["kind"]} {
		if got, want := fmt.Sprint(schema.Value.Enum), fmt.Sprint(dueKinds()); got != want {
			t.Errorf("openapi.json has %s, want %s", got, want)
		}
	}
}
