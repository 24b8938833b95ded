package invoke

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

// A Config says how functions are reached. With the zero value, none is reached.
type Config struct {
	// Handlers have the form PATTERN=TARGET. The first PATTERN that matches the ARN of a function decides. It
	// is a Lambda ARN in which * stands for any number of characters. TARGET is one of those that CheckHandler
	// accepts.
	Handlers []string
	// LambdaEndpoint is the URL of a server with Lambda's API, for functions that no PATTERN matches. ""
	// means that there is none.
	LambdaEndpoint string
	// Timeout is how long callers wait for an answer. A program is not killed for being slow while they wait.
	Timeout time.Duration
	// Logger receives what programs write to standard error, and when they end.
	Logger *slog.Logger
}

// Targets is the Invoker of a Config.
type Targets struct {
	// Static after New.
	handlers []handler
	lambda   *lambda // nil without an endpoint
	policies policies
	client   *http.Client
}

// A handler is one PATTERN=TARGET.
type handler struct {
	pattern string
	target  target
	invoker Invoker // nil before New has made it
}

// A target is a TARGET in two parts.
type target struct {
	kind string // such as http://, command: or allow
	rest string // what follows
}

// kinds are the beginnings of all targets.
var kinds = []string{"http://", "https://", "command:", "deny:", allowTarget}

const allowTarget = "allow"

// New returns the Invoker of a config, and starts its programs.
func New(config Config) (*Targets, error) {
	t := &Targets{client: awsapi.NewHTTPClient(0)}
	if endpoint := config.LambdaEndpoint; endpoint != "" {
		lambda, err := newLambda(t.client, endpoint)
		if err != nil {
			return nil, fmt.Errorf("the Lambda endpoint %w", err)
		}
		t.lambda, t.policies = lambda, policies{lambda.api}
	}
	for _, text := range config.Handlers {
		h, err := parseHandler(text)
		if err == nil {
			h.invoker, err = t.newInvoker(h.target, config)
		}
		if err != nil {
			t.Close()
			return nil, fmt.Errorf("the review handler %q: %w", awsapi.HideSecrets(text), err)
		}
		t.handlers = append(t.handlers, h)
	}
	return t, nil
}

// newInvoker returns the Invoker of a valid target.
func (t *Targets) newInvoker(target target, config Config) (Invoker, error) {
	switch target.kind {
	case "command:":
		return newCommand(target.rest, config.Timeout, cmp.Or(config.Logger, slog.New(slog.DiscardHandler)))
	case "deny:":
		return newWords(target.rest)
	case allowTarget:
		return newAllow(), nil
	default:
		return &web{t.client, target.kind + target.rest}, nil
	}
}

// Invoke invokes a function through the first handler whose pattern matches it, else through the Lambda
// endpoint. Without either, the error is a *NoTargetError.
func (t *Targets) Invoke(ctx context.Context, call Call) ([]byte, error) {
	if h := t.handlerOf(call.Function); h != nil {
		return h.invoker.Invoke(ctx, call)
	}
	if t.lambda != nil {
		return t.lambda.Invoke(ctx, call)
	}
	return nil, &NoTargetError{call.Function}
}

// Allowed reports whether the Lambda endpoint lets IVS Chat invoke a function for a room. A function that is
// not invoked there has no policy, and is allowed. An error says that the policy cannot be read.
func (t *Targets) Allowed(ctx context.Context, function string, room ivschat.ARN) (bool, error) {
	if t.lambda == nil || t.handlerOf(function) != nil {
		return true, nil
	}
	return t.policies.allowed(ctx, function, room)
}

// handlerOf returns the first handler whose pattern matches a function, or nil.
func (t *Targets) handlerOf(function string) *handler {
	i := slices.IndexFunc(t.handlers, func(h handler) bool { return matches(h.pattern, function) })
	if i < 0 {
		return nil
	}
	return &t.handlers[i]
}

// Close ends the programs and the connections. The programs end at the same time, because each may take some.
func (t *Targets) Close() {
	var all sync.WaitGroup
	for _, h := range t.handlers {
		all.Go(h.invoker.Close)
	}
	if t.lambda != nil {
		all.Go(t.lambda.Close)
	}
	all.Wait()
	t.client.CloseIdleConnections()
}

// A NoTargetError says that it is not configured how a function is reached.
type NoTargetError struct {
	Function string // ARN
}

// Error names the flags that configure it.
func (e *NoTargetError) Error() string {
	return fmt.Sprintf("no --review-handler matches the function %s, and there is no --lambda-endpoint: start the "+
		"emulator with --review-handler '%[1]s=TARGET', where TARGET is for instance deny:WORD or "+
		"http://localhost:3000, or with --lambda-endpoint URL", e.Function)
}

// CheckHandler returns an error that begins with "must" unless the text is PATTERN=TARGET with a TARGET that
// exists: http://…, https://…, command:PROGRAM ARGUMENTS, deny:WORD,WORD or allow.
func CheckHandler(text string) error {
	_, err := parseHandler(text)
	return err
}

// CheckLambdaEndpoint returns an error that begins with "must" unless the text can be the URL of a server
// with Lambda's API.
func CheckLambdaEndpoint(text string) error {
	_, _, err := parseEndpoint(text)
	return err
}

const exampleHandler = "'arn:aws:lambda:*:function:review=http://localhost:3000'"

// parseHandler parses PATTERN=TARGET. No ARN has an equals sign, so the first one ends PATTERN.
func parseHandler(text string) (handler, error) {
	pattern, rest, found := strings.Cut(text, "=")
	if !found {
		meant := ""
		if _, err := parseTarget(text); err == nil {
			meant = ": did you mean '*=" + awsapi.HideSecrets(text) + "'?"
		}
		return handler{}, fmt.Errorf("must be PATTERN=TARGET, such as %s, but is %q%s",
			exampleHandler, awsapi.HideSecrets(text), meant)
	}
	if err := checkPattern(pattern, rest); err != nil {
		return handler{}, err
	}
	target, err := parseTarget(rest)
	return handler{pattern: pattern, target: target}, err
}

var (
	// functionARN matches the ARN of a function (model: LambdaArn).
	functionARN = regexp.MustCompile(`^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:.+$`)
	// functionName matches the name of a function, and a version or an alias.
	functionName = regexp.MustCompile(`^(function:)?[a-zA-Z0-9_*-]+(:[a-zA-Z0-9$_*-]+)?$`)
)

// checkPattern refuses a pattern that matches no function.
func checkPattern(pattern, target string) error {
	start, _, hasStar := strings.Cut(pattern, "*")
	const service = "arn:aws:lambda:"
	if functionARN.MatchString(pattern) ||
		hasStar && (strings.HasPrefix(start, service) || strings.HasPrefix(service, start)) {
		return nil
	}
	meant := ""
	if functionName.MatchString(pattern) {
		name := strings.TrimPrefix(pattern, "function:")
		meant = fmt.Sprintf(": did you mean '%s*:function:%s=%s'?", service, name, awsapi.HideSecrets(target))
	}
	return fmt.Errorf("must have the ARN of a Lambda function before =, with * for any number of characters, "+
		"such as %s, but has %q%s", exampleHandler, awsapi.HideSecrets(pattern), meant)
}

// hostAndPort matches the beginning of a URL without http://.
var hostAndPort = regexp.MustCompile(`^[a-zA-Z0-9.-]+:[0-9]+(/|$)`)

// parseTarget parses a TARGET.
func parseTarget(text string) (target, error) {
	for _, kind := range kinds {
		rest, found := strings.CutPrefix(text, kind)
		if found && (kind != allowTarget || rest == "") {
			return target{kind, rest}, checkTarget(kind, rest)
		}
	}
	word, _, _ := strings.Cut(text, ":")
	meant := ""
	switch nearest := spelling.Nearest(word, []string{"http", "https", "command", "deny", allowTarget}); {
	case nearest == "http", nearest == "https":
		meant = ": did you mean " + nearest + "://?"
	case nearest == allowTarget:
		meant = ": did you mean allow?"
	case nearest != "":
		meant = ": did you mean " + nearest + ":?"
	case hostAndPort.MatchString(text):
		meant = ": did you mean http://?"
	case strings.Contains(strings.TrimSpace(text), " "):
		meant = ": did you mean command:?"
	}
	return target{}, fmt.Errorf("must have http://…, https://…, command:PROGRAM, deny:WORD,WORD or allow after =, "+
		"but has %q%s", awsapi.HideSecrets(text), meant)
}

// checkTarget checks what follows the kind of a target.
func checkTarget(kind, rest string) error {
	switch kind {
	case "http://", "https://":
		if _, err := awsapi.ParseURL(kind + rest); err != nil {
			return fmt.Errorf("must have a URL such as http://localhost:3000 after =, but has %q: %w",
				awsapi.HideSecrets(kind+rest), err)
		}
	case "command:":
		if _, err := splitLine(rest, runtime.GOOS); err != nil {
			return fmt.Errorf("must have a program after command:, such as command:node handler.js: %w", err)
		}
	case "deny:":
		if _, err := newWords(rest); err != nil {
			return fmt.Errorf("must have words after deny:, such as deny:darn,heck, but has %q: %w", rest, err)
		}
	}
	return nil
}
