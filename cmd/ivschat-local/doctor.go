package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/cors"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// The doctor checks a set-up from the user's side. doctor_aws.go reads what AWS SDKs read, doctor_variables.go checks
// other variables and programs, doctor_network.go looks at what answers, doctor_emulator.go asks the emulator, and
// doctor_try.go chats with it.

const (
	// stepTime is how long one step over the network may take.
	stepTime = 3 * time.Second
	// doctorTime is how long all checks may take.
	doctorTime = time.Minute
)

type doctorCommand struct {
	Endpoint string `env:"-" help:"URL of the emulator. By default, that which AWS SDKs would use, or that at $$IVSCHAT_LISTEN, or http://127.0.0.1:4700." placeholder:"URL"`
	Origin   string `env:"-" help:"Origin of a web page, such as http://localhost:5173. Checks whether a page of it can call the emulator." placeholder:"URL"`
	Try      bool   `env:"-" help:"Also create a room and a chat token, connect, send a message, and remove the room. Without --auth, this is in an account of its own, which is then reset. With --random-seed, IDs that are generated later are others."`
	JSON     bool   `name:"json" env:"-" help:"Print one JSON document."`
}

// Help implements kong.HelpProvider.
func (doctorCommand) Help() string {
	return "Each check prints ok, note or problem, and what to do. Nothing is sent to the real AWS, and secrets " +
		"are never printed. The exit code is 0 without problems, and otherwise 1."
}

func (c doctorCommand) check() error {
	var wrong []error
	if _, err := awsapi.ParseURL(c.Endpoint); c.Endpoint != "" && err != nil {
		wrong = append(wrong, cli.Wrongf("endpoint",
			"must be the URL of an emulator such as http://127.0.0.1:4700, but is %q: %v",
			awsapi.HideSecrets(c.Endpoint), err))
	}
	if c.Origin != "" && (!cors.IsOrigin(c.Origin) || strings.Contains(c.Origin, "*")) {
		wrong = append(wrong, cli.Wrongf("origin", "must be the origin of a web page, which is a URL without a "+
			"path, such as http://localhost:5173, or null for a page that was opened as a file, but is %q", c.Origin))
	}
	return errors.Join(wrong...)
}

// The results of a check.
const (
	statusOK      = "ok"
	statusNote    = "note"    // it works, but may surprise
	statusProblem = "problem" // it does not work, or costs money
)

// A finding is the result of a check, in JSON.
type finding struct {
	Check   string `json:"check"`
	Status  string `json:"status"`
	Message string `json:"message"`
	Advice  string `json:"advice,omitempty"` // what to do
}

// A diagnosis is what doctor prints as JSON.
type diagnosis struct {
	Endpoint string    `json:"endpoint"` // that was checked, "" if there is none
	Problems int       `json:"problems"`
	Notes    int       `json:"notes"`
	Findings []finding `json:"findings"`
}

// An examination is one run of all checks.
type examination struct {
	command doctorCommand
	getenv  func(string) string
	shared  sharedConfig
	found   []finding

	configured configuredEndpoint // that AWS SDKs would use
	endpoint   *url.URL           // that is checked, nil if there is none
	admin      string             // URL of the server with the admin API
	health     awsapi.Reply       // of the emulator, once it has answered
}

func (x *examination) ok(check, format string, args ...any) {
	x.found = append(x.found, finding{check, statusOK, fmt.Sprintf(format, args...), ""})
}

func (x *examination) note(check, advice, format string, args ...any) {
	x.found = append(x.found, finding{check, statusNote, fmt.Sprintf(format, args...), advice})
}

func (x *examination) problem(check, advice, format string, args ...any) {
	x.found = append(x.found, finding{check, statusProblem, fmt.Sprintf(format, args...), advice})
}

// Run runs the checks, and prints what they find.
func (c doctorCommand) Run(ctx context.Context, terminal terminal) error {
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	x := &examination{command: c, getenv: os.Getenv, shared: readSharedConfig(os.Getenv)}
	x.checkVariables()
	x.checkConfigFiles()
	x.checkEndpoint(ctx)
	x.checkRegion(ctx)
	credentials := x.checkCredentials()
	x.checkAWSCLI(ctx)
	if x.endpoint != nil {
		x.checkProxy()
		known := x.checkNetwork(ctx)
		x.checkRealKey(credentials, known)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the checks did not end: %w", context.Cause(ctx))
	}
	result := x.diagnosis()
	if err := c.print(terminal, result); err != nil {
		return err
	}
	if result.Problems > 0 {
		return cli.Exit(cli.Failed)
	}
	return nil
}

func (x *examination) diagnosis() diagnosis {
	result := diagnosis{Findings: x.found}
	if x.endpoint != nil {
		result.Endpoint = awsapi.DisplayURL(x.endpoint.String())
	}
	for _, f := range x.found {
		switch f.Status {
		case statusProblem:
			result.Problems++
		case statusNote:
			result.Notes++
		}
	}
	return result
}

func (c doctorCommand) print(terminal terminal, result diagnosis) error {
	if c.JSON {
		return printJSON(terminal.out, result)
	}
	style := styleOf(terminal.out)
	var text strings.Builder
	for _, f := range result.Findings {
		status := fmt.Sprintf("%-7s", f.Status)
		if f.Status == statusProblem {
			status = style.red(status)
		}
		fmt.Fprintf(&text, "%s  %-13s  %s\n", status, f.Check, cli.Printable(f.Message))
		if f.Advice != "" {
			fmt.Fprintf(&text, "%24s-> %s\n", "", cli.Printable(f.Advice))
		}
	}
	fmt.Fprintf(&text, "%s, %s.\n", counted(result.Problems, "problem"), counted(result.Notes, "note"))
	_, err := io.WriteString(terminal.out, text.String())
	return err
}

// counted returns a number of things, such as "2 problems".
func counted(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	default:
		return fmt.Sprintf("%d %ss", n, what)
	}
}

// listen returns the address at which the emulator of this environment listens.
func (x *examination) listen() string {
	if listen := x.getenv("IVSCHAT_LISTEN"); checkServed("listen", listen) == nil {
		return listen
	}
	return defaultListen
}

// envAdvice is the command that points SDKs to the emulator of this environment.
const envAdvice = `eval "$(ivschat-local env)"`

// checkEndpoint decides which endpoint the checks over the network are for.
func (x *examination) checkEndpoint(ctx context.Context) {
	x.configured = x.sdkEndpoint()
	fallback, _ := url.Parse(emulator.EndpointURL(x.listen())) // never fails for an address
	x.endpoint = x.judgeEndpoint(ctx)
	if x.command.Endpoint != "" {
		fallback, _ = awsapi.ParseURL(x.command.Endpoint) // it was checked
		x.endpoint = nil
	}
	if host := fallback.Hostname(); x.endpoint == nil && isAWSHost(host) && x.resolvesHere(ctx, host) == "" {
		x.problem("endpoint", "give the URL of an emulator", "--endpoint is the real AWS, to which doctor sends "+
			"nothing")
		return
	}
	x.endpoint = cmp.Or(x.endpoint, fallback)
	x.admin = strings.TrimRight(awsapi.DisplayURL(x.endpoint.String()), "/")
	if admin := x.getenv("IVSCHAT_ADMIN_LISTEN"); isAddress(admin) && checkServed("admin-listen", admin) == nil &&
		x.command.Endpoint == "" {
		x.admin = emulator.EndpointURL(admin)
	}
}

// judgeEndpoint says what it means which endpoint AWS SDKs would use. It returns that endpoint, or nil if it is the
// real AWS or no URL.
func (x *examination) judgeEndpoint(ctx context.Context) *url.URL {
	const check = "endpoint"
	problem := x.problem
	if x.command.Endpoint != "" { // which a program can be given, too
		problem = x.note
	}
	c := x.configured
	shown := awsapi.HideSecrets(c.url)
	if c.url == "" {
		region := cmp.Or(x.region(), "REGION")
		at := "ivschat." + region + ".amazonaws.com"
		if local := x.resolvesHere(ctx, at); local != "" {
			x.ok(check, "no endpoint is configured, and this machine finds %s at %s", at, local)
			endpoint, _ := url.Parse("https://" + at) // a valid region
			return endpoint
		}
		why, advice := "no endpoint is configured", envAdvice
		if c.ignored != "" {
			why, advice = fmt.Sprintf("%s makes AWS SDKs ignore configured endpoints", c.ignored), "unset "+c.ignored
		}
		problem(check, advice, "%s, so AWS SDKs use https://%s: the real AWS, which costs money", why, at)
		return nil
	}
	parsed, err := awsapi.ParseURL(c.url)
	if err != nil {
		advice := "write it as http://HOST:PORT, such as http://127.0.0.1:4700"
		if strings.HasPrefix(c.url, "ws") {
			advice = "it is the endpoint of the API, so write http:// or https://; ws:// is for " + messagingVariable
		}
		problem(check, advice, "AWS SDKs would use %q, from %s, which is not valid: %v", shown, c.from, err)
		return nil
	}
	if isAWSHost(parsed.Hostname()) {
		local := x.resolvesHere(ctx, parsed.Hostname())
		if local == "" {
			problem(check, envAdvice, "AWS SDKs use %s, from %s: the real AWS, which costs money", shown,
				c.from)
			return nil
		}
		x.ok(check, "AWS SDKs use %s, from %s, which this machine finds at %s", shown, c.from, local)
		return parsed
	}
	if c.global {
		x.note(check, "if only Amazon IVS Chat should go there, set AWS_ENDPOINT_URL_IVSCHAT instead",
			"AWS SDKs use %s for all services, from %s", shown, c.from)
		return parsed
	}
	over := ""
	if c.over != "" {
		over = ", which takes precedence over " + c.over
	}
	x.ok(check, "AWS SDKs use %s, from %s%s", shown, c.from, over)
	return parsed
}

// isAWSHost reports whether a host belongs to AWS.
func isAWSHost(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	kind, _ := ivschat.ParseHost(host)
	for _, domain := range []string{".amazonaws.com", ".api.aws", ".amazonaws.com.cn"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return kind == ivschat.ControlEndpoint
}
