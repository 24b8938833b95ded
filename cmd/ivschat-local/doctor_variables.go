package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// checkVariables checks the variables of this program, and the names of those of AWS SDKs.
func (x *examination) checkVariables() {
	const check = "variables"
	before := len(x.found)
	warnings, err := newProgram(new(commandLine)).Inspect([]string{"serve"})
	for _, warning := range warnings {
		x.problem(check, "correct or unset it", "%s", warning)
	}
	for _, wrong := range strings.Split(errorText(err), "\n") {
		if wrong != "" {
			x.problem(check, "correct or unset it: the emulator does not start with it", "%s", wrong)
		}
	}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		switch {
		case value == "":
		case isMisspelledEndpoint(name):
			x.problem(check, "rename it", "%s is no variable of AWS SDKs: the name is %s", name, serviceVariable)
		case name == lowLatencyVariable && x.sdkEndpoint().url == "":
			x.note(check, "rename it if it is for the chat", "%s is for Amazon IVS, not for Amazon IVS Chat, "+
				"whose variable is %s", name, serviceVariable)
		}
	}
	if len(x.found) == before {
		x.ok(check, "every IVSCHAT_… variable is known and valid")
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// lowLatencyVariable is the variable of another service, which can be a mistake for AWS_ENDPOINT_URL_IVSCHAT.
const lowLatencyVariable = "AWS_ENDPOINT_URL_IVS"

// misspelledEndpoint matches names that were probably meant to be AWS_ENDPOINT_URL_IVSCHAT.
var misspelledEndpoint = regexp.MustCompile(`^AWS_(ENDPOINT_(URL_)?IVS_?CHAT(_URL)?|IVS_?CHAT_ENDPOINT(_URL)?|ENDPOINT)$`)

func isMisspelledEndpoint(name string) bool {
	return name != serviceVariable && misspelledEndpoint.MatchString(strings.ToUpper(name))
}

// checkMessagingURL checks the variable that points chat clients to the emulator.
func (x *examination) checkMessagingURL() {
	const check = "messaging-url"
	want := strings.Replace(strings.TrimRight(awsapi.DisplayURL(x.endpoint.String()), "/"), "http", "ws", 1)
	text := x.getenv(messagingVariable)
	if text == "" {
		x.ok(check, "%s is not set; chat clients need %s", messagingVariable, want)
		return
	}
	given, err := url.Parse(strings.TrimSpace(text))
	advice := "export " + messagingVariable + "=" + want
	switch {
	case err != nil || given.Hostname() == "" || given.Scheme != "ws" && given.Scheme != "wss":
		x.problem(check, advice, "%s must be a URL that begins with ws:// or wss://, but is %q", messagingVariable,
			awsapi.HideSecrets(text))
	case given.Port() != x.endpoint.Port() || !sameHost(given.Hostname(), x.endpoint.Hostname()):
		x.problem(check, advice, "%s is %s, but the endpoint is %s: a chat token is valid only for the emulator "+
			"that has made it",
			messagingVariable, awsapi.HideSecrets(text), awsapi.DisplayURL(x.endpoint.String()))
	case given.Scheme == "wss" && x.endpoint.Scheme == "http":
		x.note(check, advice, "%s has wss://, but the endpoint has http://", messagingVariable)
	default:
		x.ok(check, "%s fits the endpoint", messagingVariable)
	}
}

// sameHost reports whether two hosts are the same, or both this machine.
func sameHost(a, b string) bool {
	return strings.EqualFold(a, b) || isThisMachine(a) && isThisMachine(b)
}

func isThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip.IsLoopback() || ip.IsUnspecified()
}

// checkProxy checks whether clients would reach the endpoint through a proxy. Many clients, such as curl and boto3,
// make no exception for localhost.
func (x *examination) checkProxy() {
	const check = "proxy"
	name, proxy := x.proxyFor(x.endpoint)
	if name == "" {
		x.ok(check, "the endpoint is reached without a proxy")
		return
	}
	host := x.endpoint.Hostname()
	lower, upper := x.getenv("no_proxy"), x.getenv("NO_PROXY")
	if exempts(lower, x.endpoint) || exempts(upper, x.endpoint) {
		if exempts(cmp.Or(lower, upper), x.endpoint) && exempts(cmp.Or(upper, lower), x.endpoint) {
			x.ok(check, "%s is set, but NO_PROXY has %s", name, host)
			return
		}
		x.note(check, envAdvice, "NO_PROXY and no_proxy differ, and only one has %s: some clients use the proxy "+
			"of %s",
			host, name)
		return
	}
	text := "clients would reach %s through the proxy %s, from %s"
	args := []any{awsapi.DisplayURL(x.endpoint.String()), awsapi.HideSecrets(proxy), name}
	if isThisMachine(host) {
		x.problem(check, fmt.Sprintf("export NO_PROXY=%[1]s no_proxy=%[1]s", withoutProxy(x.endpoint.String(),
			"NO_PROXY", "no_proxy")),
			text+", for which this host is another machine", args...)
		return
	}
	x.note(check, "add the host to NO_PROXY if the proxy cannot reach it", text, args...)
}

// proxyFor returns the variable with a proxy for a URL, and its value.
func (x *examination) proxyFor(to *url.URL) (name, value string) {
	for _, name := range []string{to.Scheme + "_proxy", strings.ToUpper(to.Scheme) + "_PROXY", "all_proxy",
		"ALL_PROXY"} {
		if value := x.getenv(name); value != "" {
			return name, value
		}
	}
	return "", ""
}

// exempts reports whether the value of NO_PROXY has the host of a URL.
func exempts(value string, to *url.URL) bool {
	host := strings.ToLower(to.Hostname())
	address, _ := netip.ParseAddr(host)
	return slices.ContainsFunc(strings.Split(value, ","), func(entry string) bool {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if network, err := netip.ParsePrefix(entry); err == nil && address.IsValid() {
			return network.Contains(address)
		}
		if name, port, err := net.SplitHostPort(entry); err == nil {
			if port != to.Port() {
				return false
			}
			entry = name
		}
		name := strings.TrimPrefix(strings.TrimPrefix(entry, "*"), ".")
		return entry == "*" || name != "" && (host == name || strings.HasSuffix(host, "."+name))
	})
}

const (
	// cliTime is how long the AWS CLI may take to print its version. It is slow on a busy machine.
	cliTime = 10 * time.Second
	// maximumVersion is how much of that is read, in bytes.
	maximumVersion = 1 << 10
)

// cliVersion matches the beginning of what aws --version prints.
var cliVersion = regexp.MustCompile(`^aws-cli/(\d{1,4})\.(\d{1,4})\.(\d{1,4})`)

// A firstBytes is a writer that keeps the first bytes, and then fails, which ends the program that writes without end.
type firstBytes struct{ text []byte }

// Write implements io.Writer.
func (b *firstBytes) Write(data []byte) (int, error) {
	kept := min(len(data), maximumVersion-len(b.text))
	b.text = append(b.text, data[:kept]...)
	if kept < len(data) {
		return kept, io.ErrShortWrite
	}
	return kept, nil
}

// checkAWSCLI checks whether the AWS CLI, if there is one, reads the variables.
func (x *examination) checkAWSCLI(ctx context.Context) {
	const check = "aws-cli"
	path, err := exec.LookPath("aws")
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, cliTime)
	defer cancel()
	output := new(firstBytes)
	command := exec.CommandContext(ctx, path, "--version")
	command.Stdout, command.Stderr = output, output // version 1 prints it as an error with Python 2
	command.WaitDelay = time.Second                 // for a child of it that keeps the output open
	err = command.Run()
	parts := cliVersion.FindStringSubmatch(string(output.text))
	if parts == nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("it took more than %s", cliTime)
		}
		x.note(check, "run it, and see why", "aws --version does not print a version: %v", err)
		return
	}
	major, _ := strconv.Atoi(parts[1])
	minor, _ := strconv.Atoi(parts[2])
	// AWS SDKs and Tools Reference Guide: service-specific endpoints are read from these versions on.
	if major == 1 && minor >= 29 || major == 2 && minor >= 13 || major > 2 {
		x.ok(check, "%s reads %s", parts[0], serviceVariable)
		return
	}
	advice := "update it, or add --endpoint-url " + x.endpointText() + " to each command"
	x.problem(check, advice, "%s does not read %s, so it uses the real AWS, which costs money; version 1.29 or "+
		"2.13 does",
		parts[0], serviceVariable)
}

// endpointText is the URL of the endpoint, to be shown.
func (x *examination) endpointText() string {
	if x.endpoint == nil {
		return "http://" + defaultListen
	}
	return awsapi.DisplayURL(x.endpoint.String())
}
