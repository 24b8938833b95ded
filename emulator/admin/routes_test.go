package admin

import (
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestTheOpenAPIDocumentHasEveryRouteAndNoOther(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for path, item := range document.Paths.Map() {
		for method := range item.Operations() {
			documented[method+" "+strings.TrimPrefix(path, "/")] = true
		}
	}
	pattern := regexp.MustCompile(`:[^}]*}`) // of a variable in a path
	for _, route := range new(api).routes() {
		name := route.method + " " + pattern.ReplaceAllString(route.path, "}")
		if !documented[name] {
			t.Errorf("openapi.json does not have %s", name)
		}
		delete(documented, name)
	}
	for name := range documented {
		t.Errorf("openapi.json has %s, which is not a route", name)
	}
}
