package admin

import (
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestTheDocumentHasTheRoutesAndNoOthers(t *testing.T) {
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
	for _, route := range (door{}).routes() {
		name := route.method + " " + regexp.MustCompile(`:[^}]*}`).ReplaceAllString(route.path, "}")
		if !documented[name] {
			t.Errorf("openapi.json does not have %s", name)
		}
		delete(documented, name)
	}
	for name := range documented {
		t.Errorf("openapi.json has %s, which nobody answers", name)
	}
}
