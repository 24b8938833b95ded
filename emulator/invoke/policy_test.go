package invoke

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// policyOf returns the response of GetPolicy with a policy.
func policyOf(policy string) string {
	text, _ := json.Marshal(map[string]string{"Policy": policy, "RevisionId": "1"})
	return string(text)
}

// statementOf returns a policy that allows what IVS Chat does, with members of its statement replaced or added.
// A member that is nil is removed.
func statementOf(members map[string]any) string {
	statement := map[string]any{
		"Sid": "s", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": reviewARN,
		"Principal": map[string]any{"Service": servicePrincipal},
	}
	for name, value := range members {
		if statement[name] = value; value == nil {
			delete(statement, name)
		}
	}
	text, _ := json.Marshal(statement)
	return string(text)
}

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Id":"default","Statement":[` + strings.Join(statements, ",") + `]}`
}

// checkAllowed checks whether a policy lets IVS Chat invoke a function.
func checkAllowed(t *testing.T, policy, function string, want bool) {
	t.Helper()
	p, err := parsePolicy([]byte(policyOf(policy)))
	if got := p.allows(function, room); err != nil || got != want {
		t.Errorf("%s lets IVS Chat invoke %s: %v, %v", policy, function, got, err)
	}
}

func TestAStatementMustBeAboutIVSChatTheActionAndTheFunction(t *testing.T) {
	type object = map[string]any
	for _, test := range []struct {
		member  string
		value   any
		allowed bool
	}{
		{"Sid", "s", true}, {"Effect", "allow", false}, {"Effect", nil, false},
		{"Principal", "*", true}, {"Principal", object{"AWS": "*"}, true}, {"Principal", object{"Service": "*"}, true},
		{"Principal", object{"Service": []string{"s3.amazonaws.com", servicePrincipal}}, true},
		{"Principal", object{"Service": "ivs.amazonaws.com"}, false}, {"Principal", nil, false},
		{"Principal", object{"AWS": servicePrincipal}, false}, {"Principal", object{"AWS": "123456789012"}, false},
		{"NotPrincipal", object{"AWS": "1"}, false}, {"NotAction", "s3:*", false}, {"NotResource", "x", false},
		{"Action", "LAMBDA:invokeFUNCTION", true}, {"Action", "lambda:*", true}, {"Action", "*", true},
		{"Action", []string{"lambda:GetPolicy", "lambda:Invoke?unction"}, true}, {"Action", "lambda:GetFunction", false},
		{"Action", "lambda:Invoke", false}, {"Action", nil, false},
		{"Resource", "*", true}, {"Resource", []string{"x", "arn:aws:lambda:*:function:rev?ew"}, true},
		{"Resource", aliasARN, false}, {"Resource", strings.ToUpper(reviewARN), false}, {"Resource", nil, false},
		{"Condition", object{}, true},
	} {
		checkAllowed(t, document(statementOf(object{test.member: test.value})), reviewARN, test.allowed)
	}
	checkAllowed(t, document(), reviewARN, false)
	checkAllowed(t, `{}`, reviewARN, false)
	checkAllowed(t, `{"Statement":`+statementOf(nil)+`}`, reviewARN, true) // not in a list
	checkAllowed(t, document(statementOf(nil)), aliasARN, false)
}

func TestConditionsAreEvaluated(t *testing.T) {
	const rooms = "arn:aws:ivschat:eu-west-1:123456789012:room/"
	const roomPattern, otherRoom = rooms + "*", rooms + "other"
	for _, test := range []struct {
		operator, key string
		value         any
		allowed       bool
	}{
		{"StringEquals", "AWS:SourceAccount", "123456789012", true},
		{"stringequals", "aws:sourceaccount", "123456789012", true},
		{"StringEquals", "AWS:SourceAccount", 123456789012, true},
		{"StringEquals", "AWS:SourceAccount", []string{"1", "123456789012"}, true},
		{"StringEquals", "AWS:SourceAccount", "210987654321", false},
		{"StringEquals", "AWS:SourceAccount", "1234*", false},
		{"StringEquals", "AWS:SourceAccount", []string{}, false},
		{"StringEqualsIfExists", "AWS:SourceAccount", "123456789012", true},
		{"StringEqualsIfExists", "AWS:SourceAccount", "1", false},
		{"StringNotEquals", "AWS:SourceAccount", "1", true},
		{"StringNotEquals", "AWS:SourceAccount", "123456789012", false},
		{"StringEqualsIgnoreCase", "AWS:SourceArn", strings.ToUpper(room.String()), true},
		{"StringEquals", "AWS:SourceArn", strings.ToUpper(room.String()), false},
		{"StringLike", "AWS:SourceArn", roomPattern, true},
		{"StringLikeIfExists", "AWS:SourceArn", "arn:aws:ivschat:*", true},
		{"StringNotLike", "AWS:SourceArn", roomPattern, false},
		{"StringLike", "AWS:SourceArn", otherRoom, false},
		{"ArnLike", "AWS:SourceArn", roomPattern, true},
		{"ArnLike", "AWS:SourceArn", room.String(), true},
		{"ArnLike", "AWS:SourceArn", "arn:aws:ivschat:*:*:room/*", true},
		{"ArnLike", "AWS:SourceArn", "*", true},
		{"ArnEquals", "AWS:SourceArn", "arn:*:ivschat:eu-west-?:*:*", true},
		{"ArnLike", "AWS:SourceArn", "arn:aws:ivschat:*", false}, // each part is compared alone
		{"ArnLike", "AWS:SourceArn", "arn:aws:ivs:*:*:*", false},
		{"ArnLike", "AWS:SourceArn", otherRoom, false},
		{"ArnNotLike", "AWS:SourceArn", otherRoom, true},
		{"ArnNotEquals", "AWS:SourceArn", roomPattern, false},
		{"Bool", "AWS:SourceArn", true, false},
		{"NumericEquals", "AWS:SourceAccount", 123456789012, false},
		{"ForAnyValue:StringEquals", "AWS:SourceAccount", "123456789012", false},
		{"StringEquals", "AWS:PrincipalOrgID", "o-1", false},
		{"StringEqualsIfExists", "AWS:PrincipalOrgID", "o-1", false},
	} {
		condition := map[string]any{"Condition": map[string]any{test.operator: map[string]any{test.key: test.value}}}
		checkAllowed(t, document(statementOf(condition)), reviewARN, test.allowed)
	}
	both := map[string]any{"Condition": map[string]any{
		"ArnLike":      map[string]any{"AWS:SourceArn": roomPattern},
		"StringEquals": map[string]any{"AWS:SourceAccount": "1"},
	}}
	checkAllowed(t, document(statementOf(both)), reviewARN, false)
}

func TestADenyWins(t *testing.T) {
	deny := func(members map[string]any) string {
		members["Effect"] = "Deny"
		return statementOf(members)
	}
	condition := func(operator, key, value string) map[string]any {
		return map[string]any{"Condition": map[string]any{operator: map[string]any{key: value}}}
	}
	for _, test := range []struct {
		deny    string
		allowed bool
	}{
		{deny(map[string]any{}), false},
		{deny(condition("StringEquals", "aws:SourceAccount", "123456789012")), false},
		{deny(condition("StringEquals", "aws:SourceAccount", "1")), true},
		{deny(condition("StringNotEquals", "aws:PrincipalOrgID", "o-1")), false}, // unknown
		{deny(map[string]any{"NotAction": "s3:*"}), false},                       // unknown
		{deny(map[string]any{"Resource": aliasARN}), true},
		{deny(map[string]any{"Principal": map[string]any{"Service": "s3.amazonaws.com"}}), true},
	} {
		checkAllowed(t, document(statementOf(nil), test.deny), reviewARN, test.allowed)
		checkAllowed(t, document(test.deny, statementOf(nil)), reviewARN, test.allowed)
	}
}

// checkPermission checks what Allowed says about the function with a server.
func checkPermission(t *testing.T, handler http.HandlerFunc, function string, want bool, wantErr string) {
	t.Helper()
	targets := at(t, newServer(t, handler).URL)
	got, err := targets.Allowed(context.Background(), function, room)
	if got != want || (err == nil) != (wantErr == "") || err != nil && !strings.Contains(err.Error(), wantErr) {
		t.Errorf("got %v, %v, want %v, %s", got, err, want, wantErr)
	}
}

func TestGetPolicyIsTheRequestOfAnAWSSDK(t *testing.T) {
	const start = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Areview"
	for function, path := range map[string]string{
		aliasARN:               start + "%3Alive/policy",
		reviewARN + ":$LATEST": start + "/policy",
	} {
		checkPermission(t, func(w http.ResponseWriter, r *http.Request) {
			credential := regexp.MustCompile(` Credential=123456789012/\d+/eu-west-1/lambda/aws4_request,`)
			if r.Method != http.MethodGet || r.RequestURI != path || !credential.MatchString(r.Header.Get("Authorization")) {
				t.Errorf("the request is %s %s with %v", r.Method, r.RequestURI, r.Header)
			}
			io.WriteString(w, policyOf(document(
				statementOf(map[string]any{"Resource": strings.TrimSuffix(function, ":$LATEST")}))))
		}, function, true, "")
	}
}

func TestAFunctionWithoutAPolicyIsNotAllowed(t *testing.T) {
	checkPermission(t, likeMoto(), reviewARN, false, "")
	checkPermission(t, answering(404, `{"__type":"ResourceNotFoundException"}`), reviewARN, false, "")
	checkPermission(t, answering(404, `{"Code":"ResourceNotFoundException"}`), reviewARN, false, "")
	checkPermission(t, answering(200, policyOf(document())), reviewARN, false, "")
}

func TestAServerThatTellsNoPolicyIsAnError(t *testing.T) {
	const noPolicy = "if it has no GetPolicy, use --lambda-permission ignore"
	checkPermission(t, answering(404, `{"statusCode":404,"message":"Not Found"}`), reviewARN, false, noPolicy)
	checkPermission(t, http.NotFound, reviewARN, false, noPolicy)
	checkPermission(t, answering(500, ""), reviewARN, false, "status 500")
	checkPermission(t, answering(301, "", "Location", "/x"), reviewARN, false, "a redirect to /x, which is")
	for _, garbage := range []string{
		"", "null", "[]", "{}", `{"Policy":1}`, policyOf(""), policyOf("[]"), policyOf("{"), policyOf(`{"Statement":1}`),
		policyOf(`{"Statement":[{"Action":{}}]}`), policyOf(`{"Statement":[{"Action":[[]]}]}`),
		policyOf(`{"Statement":[{"Principal":1}]}`), policyOf(strings.Repeat("[", 100_000)),
	} {
		checkPermission(t, answering(200, garbage), reviewARN, false, "cannot be read")
	}
	long := strings.Repeat(" ", MaximumAnswer+1) + policyOf(document(statementOf(nil)))
	checkPermission(t, answering(200, long), reviewARN, false, "cannot be read")
	_, err := at(t, "http://"+closedPort(t)).Allowed(context.Background(), reviewARN, room)
	if err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("got %v", err)
	}
}

func TestAFunctionThatIsNotAtTheLambdaEndpointNeedsNoPermission(t *testing.T) {
	s := newServer(t, likeMoto())
	targets := targets(t, Config{Handlers: []string{aliasARN + "=http://localhost"}, LambdaEndpoint: s.URL})
	if allowed, err := targets.Allowed(context.Background(), aliasARN, room); !allowed || err != nil {
		t.Errorf("got %v, %v", allowed, err)
	}
	if allowed, err := targets.Allowed(context.Background(), reviewARN, room); allowed || err != nil {
		t.Errorf("got %v, %v", allowed, err)
	}
	if len(s.names()) != 1 {
		t.Error("the server was asked about the wrong functions")
	}
}

func TestAServerThatHangsIsNotWaitedForForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		targets := at(t, "http://lambda.example")
		targets.client.Transport.(*http.Transport).DialContext = func(
			ctx context.Context, _, _ string,
		) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		began := time.Now()
		_, err := targets.Allowed(context.Background(), reviewARN, room)
		if err == nil || !strings.Contains(err.Error(), "has not answered") || time.Since(began) != 10*time.Second {
			t.Errorf("got %v", err)
		}
		targets.Close()
	})
}

// FuzzPolicy checks that no policy of a server ends the emulator, and that adding a Deny to one that allows
// takes the permission away.
func FuzzPolicy(f *testing.F) {
	f.Add(document(statementOf(nil)))
	condition := map[string]any{"ArnLike": map[string]any{"aws:SourceArn": "*"}}
	f.Add(document(statementOf(map[string]any{"Condition": condition})))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePolicy([]byte(policyOf(text)))
		if err != nil || !p.allows(reviewARN, room) {
			return
		}
		p.Statement = append(p.Statement, statement{Effect: "Deny", Principal: principals{"AWS": {"*"}},
			Action: values{"*"}, Resource: values{"*"}})
		if p.allows(reviewARN, room) {
			t.Errorf("%q allows in spite of a Deny", text)
		}
	})
}
