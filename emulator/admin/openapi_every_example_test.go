package admin_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/admin"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// examplesOf returns the examples of something in the document, by name.
func examplesOf(example any, examples openapi3.Examples) map[string]any {
	found := map[string]any{}
	if example != nil {
		found["example"] = example
	}
	for name, e := range examples {
		found[name] = e.Value.Value
	}
	return found
}

// aParameterExample returns an example of a parameter as a string. The test fails if it has none, or if
// its schema does not allow it.
func aParameterExample(t *testing.T, p *openapi3.Parameter) string {
	t.Helper()
	example, schema := p.Example, p.Schema
	media := p.Content["application/json"]
	if media != nil {
		example, schema = media.Example, media.Schema
	}
	if example == nil {
		t.Fatalf("the parameter %s has no example", p.Name)
	}
	checkExample(t, p.Name, schema, example)
	if media != nil {
		return text(t, example)
	}
	return fmt.Sprint(example)
}

func checkExample(t *testing.T, name string, schema *openapi3.SchemaRef, example any) {
	t.Helper()
	if err := schema.Value.VisitJSON(example, openapi3.EnableJSONSchema2020()); err != nil {
		t.Errorf("%s: the document does not allow its example: %v", name, err)
	}
}

// An exampleRequest is a request that consists of examples.
type exampleRequest struct {
	name, method, path, body string
	query                    url.Values
	header                   http.Header
}

// requestsOf returns requests with the examples of an operation: one for each body without optional
// parameters, one for each optional parameter, and one with all of them.
func requestsOf(t *testing.T, method, path string, operation *openapi3.Operation) (all []exampleRequest) {
	t.Helper()
	base := exampleRequest{method: method, path: path, query: url.Values{}, header: http.Header{}}
	full, parts := base, []exampleRequest{}
	full.query, full.header = url.Values{}, http.Header{}
	for _, p := range operation.Parameters {
		value := aParameterExample(t, p.Value)
		part := exampleRequest{name: p.Value.Name, query: url.Values{}, header: http.Header{}}
		switch p.Value.In {
		case openapi3.ParameterInPath:
			base.path = strings.Replace(base.path, "{"+p.Value.Name+"}", url.PathEscape(value), 1)
			continue
		case openapi3.ParameterInQuery:
			part.query.Set(p.Value.Name, value)
			full.query.Set(p.Value.Name, value)
		case openapi3.ParameterInHeader:
			part.header.Set(p.Value.Name, value)
			full.header.Set(p.Value.Name, value)
		}
		parts = append(parts, part)
	}
	full.name = "all parameters"
	bodies := bodiesOf(t, operation)
	names := slices.Sorted(maps.Keys(bodies))
	for _, part := range append(parts, full) {
		part.method, part.path, part.body = method, base.path, bodies[names[0]]
		all = append(all, part)
	}
	for _, name := range names {
		bare := base
		bare.name, bare.query, bare.header, bare.body = name, url.Values{}, http.Header{}, bodies[name]
		all = append(all, bare)
	}
	return all
}

// bodiesOf returns the examples of the body of a request, by name. An empty body is one of them if a body
// is not required.
func bodiesOf(t *testing.T, operation *openapi3.Operation) map[string]string {
	t.Helper()
	bodies := map[string]string{}
	if operation.RequestBody == nil || !operation.RequestBody.Value.Required {
		bodies["no body"] = ""
	}
	if operation.RequestBody == nil {
		return bodies
	}
	media := operation.RequestBody.Value.Content["application/json"]
	examples := examplesOf(media.Example, media.Examples)
	if len(examples) == 0 {
		t.Errorf("%s: the body has no example", operation.Summary)
	}
	for name, example := range examples {
		checkExample(t, operation.Summary+": "+name, media.Schema, example)
		bodies[name] = text(t, example)
	}
	return bodies
}

// exampleStage returns an emulator that has what the examples of a path are about. It also returns a chat token.
func exampleStage(t *testing.T, document *openapi3.T, path string) (e *emulatortest.Emulator, token string) {
	t.Helper()
	if strings.HasPrefix(path, "/callers") {
		return emulatortest.Start(t, emulator.Config{Auth: emulator.AuthIAM}), ""
	}
	e = emulatortest.Start(t, emulator.Config{TLS: emulator.TLSAuto})
	seed := document.Paths.Value("/snapshot").Put.RequestBody.Value.Content["application/json"].Example
	if err := e.Seed(t.Context(), []byte(text(t, seed))); err != nil {
		t.Fatal(err)
	}
	room := document.Components.Parameters["arn"].Value.Example
	newToken := func() string {
		body := text(t, map[string]any{
			"roomIdentifier": room, "userId": "anna", "capabilities": []string{"SEND_MESSAGE"},
			"attributes": map[string]string{"colour": "red"},
		})
		return operation(t, e, "/CreateChatToken", body)["token"].(string)
	}
	anna := e.ConnectWithToken(newToken())
	anna.SendMessage("hi")
	anna.Receive()
	call(t, e, 201, "POST", "faults?account=000000000000", `{"operation":"GetRoom","status":500}`)
	return e, newToken()
}

func TestEveryExampleOfTheOpenAPIDocumentWorks(t *testing.T) {
	document := loadDocument(t)
	router, err := gorillamux.NewRouter(document)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"text/event-stream", "application/x-pem-file"} {
		openapi3filter.RegisterBodyDecoder(text, openapi3filter.PlainBodyDecoder)
	}
	for _, path := range slices.Sorted(maps.Keys(document.Paths.Map())) {
		for method, operation := range document.Paths.Value(path).Operations() {
			for _, r := range requestsOf(t, method, path, operation) {
				t.Run(method+" "+path+" "+r.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { runExample(t, document, router, r) })
				})
			}
		}
	}
}

// runExample sends the request, and validates it and its answer with the document.
func runExample(t *testing.T, document *openapi3.T, router routers.Router, example exampleRequest) {
	e, token := exampleStage(t, document, example.path)
	body := strings.Replace(example.body, "AQICAHg…", token, 1)
	// The event stream ends with the context, and everything else before.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if callers := e.Callers(); callers != nil {
		example.path = strings.Replace(example.path, "AKIAIOSFODNN7EXAMPLE", callers.All()[0].AccessKeyID, 1)
	}
	target := "http://localhost" + strings.TrimSuffix(admin.Prefix, "/") + example.path + "?" + example.query.Encode()
	r := httptest.NewRequestWithContext(ctx, example.method, target, strings.NewReader(body))
	r.Header = example.header
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	route, parameters, err := router.FindRoute(r)
	if err != nil {
		t.Fatal(err)
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: parameters, Route: route}
	if err := openapi3filter.ValidateRequest(ctx, input); err != nil {
		t.Errorf("the document does not allow the request: %v", err)
	}
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, r)
	answer := recorder.Body.String()
	if recorder.Code >= 300 {
		t.Errorf("%d %s", recorder.Code, answer)
	}
	err = openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: recorder.Code, Header: recorder.Header(),
		Body: io.NopCloser(strings.NewReader(answer)), Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		t.Errorf("the document does not allow the answer: %v\n%s", err, answer)
	}
}

func TestEveryExampleOfAnAnswerIsOneThatTheOpenAPIDocumentAllows(t *testing.T) {
	document := loadDocument(t)
	found := 0
	check := func(name string, response *openapi3.Response) {
		for _, media := range response.Content {
			for example, value := range examplesOf(media.Example, media.Examples) {
				found++
				checkExample(t, name+" "+example, media.Schema, value)
			}
		}
	}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			for status, response := range operation.Responses.Map() {
				check(strings.Join([]string{method, path, status}, " "), response.Value)
			}
		}
	}
	if found == 0 {
		t.Error("there are no examples")
	}
}
