package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

const (
	// maximumAddresses is how many addresses of a host are tried.
	maximumAddresses = 8
	// maximumElsewhere is how many other addresses are asked for an emulator.
	maximumElsewhere = 5
)

// lookup returns the addresses of a host.
func lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if len(found) > maximumAddresses {
		found = found[:maximumAddresses]
	}
	return found, err
}

// resolvesHere returns the address of a host if it is on this machine or in a private network, and "" otherwise.
func (x *examination) resolvesHere(ctx context.Context, host string) string {
	found, err := lookup(ctx, host)
	if err != nil || len(found) == 0 || slices.ContainsFunc(found, func(address netip.Addr) bool {
		return !address.IsLoopback() && !address.IsPrivate()
	}) {
		return ""
	}
	return found[0].Unmap().String()
}

// port returns the port of the endpoint.
func (x *examination) port() string {
	if x.endpoint.Scheme == "https" {
		return cmp.Or(x.endpoint.Port(), "443")
	}
	return cmp.Or(x.endpoint.Port(), "80")
}

// checkNetwork checks what answers at the endpoint. It reports whether it is an emulator that knows the access key.
func (x *examination) checkNetwork(ctx context.Context) (known bool) {
	connected, ok := x.checkConnection(ctx)
	if !ok || !x.checkAnswer(ctx, connected) {
		return false // and it is not known whether the messaging URL or the endpoint is wrong
	}
	x.checkMessagingURL()
	if x.command.Origin != "" {
		x.checkOrigin(ctx)
		x.checkMixedContent()
		x.checkLocalNetwork()
	}
	return x.checkEmulator(ctx)
}

// checkConnection checks that something listens at every address of the endpoint. It returns those at which that is so,
// and none if a proxy connects.
func (x *examination) checkConnection(ctx context.Context) (connected []string, ok bool) {
	const check = "connection"
	if proxy, err := awsapi.Proxy(&http.Request{URL: x.endpoint}); proxy != nil || err != nil {
		return nil, err == nil
	}
	host := x.endpoint.Hostname()
	addresses, err := lookup(ctx, host)
	if err != nil || len(addresses) == 0 {
		x.problem(check, "use 127.0.0.1, or in a container the name of the emulator's container or service",
			"the host %s is not found: %v", host, err)
		return nil, false
	}
	failures := dialAll(ctx, addresses, x.port())
	var refused []string
	var failure error
	for i, address := range addresses {
		at := net.JoinHostPort(address.Unmap().String(), x.port())
		if failures[i] == nil {
			connected = append(connected, at)
			continue
		}
		refused, failure = append(refused, at), failures[i]
	}
	if len(connected) == 0 {
		x.problem(check, x.adviceToStart(ctx), "nothing accepts connections at %s (%s)", strings.Join(refused, ", "),
			reasonOf(failure))
		return nil, false
	}
	if len(refused) > 0 {
		first, _, _ := net.SplitHostPort(connected[0])
		x.note(check, "use "+first+" in place of "+host, "%s accepts connections, but %s, which is also %s, does "+
			"not (%s): clients that try only one address fail",
			strings.Join(connected, ", "), strings.Join(refused, ", "), host,
			reasonOf(failure))
		return connected, true
	}
	x.ok(check, "%s accepts connections", strings.Join(connected, ", "))
	return connected, true
}

// dialAll connects to a port of each address, and returns why that failed.
func dialAll(ctx context.Context, addresses []netip.Addr, port string) []error {
	failures := make([]error, len(addresses))
	dialer := net.Dialer{Timeout: stepTime}
	var dials sync.WaitGroup
	for i, address := range addresses {
		dials.Go(func() {
			connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(address.String(), port))
			if failures[i] = err; err == nil {
				_ = connection.Close() // nothing was sent
			}
		})
	}
	dials.Wait()
	return failures
}

// reasonOf says in short why a connection failed.
func reasonOf(err error) string {
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case isNet && timeout.Timeout():
		return fmt.Sprintf("no answer within %s", stepTime)
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		err = operation.Err
	}
	return err.Error()
}

// adviceToStart says what to do if there is no emulator: start one, or use one that runs elsewhere.
func (x *examination) adviceToStart(ctx context.Context) string {
	if found := x.elsewhere(ctx); len(found) > 0 {
		return fmt.Sprintf(`an emulator runs at %s: eval "$(ivschat-local env --listen %s)"`,
			emulator.EndpointURL(found[0]), found[0])
	}
	if isThisMachine(x.endpoint.Hostname()) {
		return "start the emulator: ivschat-local --listen " + x.endpoint.Hostname() + ":" + x.port() +
			"; in a container, localhost is the container itself"
	}
	return "start the emulator there with --listen :" + x.port() + ", or use the host at which it runs"
}

// elsewhere returns other addresses of this machine at which an emulator answers.
func (x *examination) elsewhere(ctx context.Context) (found []string) {
	candidates := []string{x.listen(), defaultListen}
	for _, port := range portsOf("ivschat-local") {
		candidates = append(candidates, net.JoinHostPort("127.0.0.1", strconv.FormatUint(port, 10)))
	}
	asked := 0
	for _, address := range candidates {
		if address == x.endpoint.Host || slices.Contains(found, address) || asked == maximumElsewhere {
			continue
		}
		asked++
		if isEmulator(ctx, address) {
			found = append(found, address)
		}
	}
	return found
}

// isEmulator reports whether an emulator answers at an address.
func isEmulator(ctx context.Context, address string) bool {
	program, _, answers := askWhat(ctx, address)
	return answers && strings.HasPrefix(program, "ivschat-local ")
}

// client returns an HTTP client with limits for its answers. With an address, it connects there, whatever the host is.
func (x *examination) client(address string) (*http.Client, error) {
	client := awsapi.NewHTTPClient(0)
	client.Timeout = stepTime
	transport := client.Transport.(*http.Transport)
	transport.DisableKeepAlives = true
	var err error
	if x.endpoint.Scheme == "https" {
		transport.TLSClientConfig, err = remote.TLSConfig(x.getenv)
	}
	if address != "" {
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	}
	return client, err
}

// send sends a request without a body to a URL, through a client.
func send(ctx context.Context, client *http.Client, method, at string, header http.Header) (awsapi.Reply, error) {
	request, err := http.NewRequestWithContext(ctx, method, at, nil)
	if err != nil {
		return awsapi.Reply{}, err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	return awsapi.Send(client, request)
}

// base returns the URL of the endpoint, without a slash at its end.
func (x *examination) base() string {
	return strings.TrimRight(awsapi.DisplayURL(x.endpoint.String()), "/")
}

// checkAnswer checks that an emulator answers at each of the addresses.
func (x *examination) checkAnswer(ctx context.Context, addresses []string) bool {
	const check = "answer"
	if len(addresses) == 0 {
		addresses = []string{""} // through a proxy
	}
	version, answers := "", 0
	for _, address := range addresses {
		client, err := x.client(address)
		if err != nil {
			x.problem("tls", "correct AWS_CA_BUNDLE", "%v", err)
			return false
		}
		reply, err := send(ctx, client, http.MethodGet, x.base()+"/health", nil)
		found, is := emulatorVersion(reply)
		if err == nil && is {
			version, answers, x.health = found, answers+1, reply
			continue
		}
		x.explainAnswer(ctx, client, cmp.Or(address, x.base()), reply, err)
	}
	if answers < len(addresses) {
		return false
	}
	if version != emulator.Version {
		x.note(check, "use the same version of both", "an emulator of version %s answers, but this program is "+
			"version %s",
			awsapi.Short(version), emulator.Version)
		return true
	}
	x.ok(check, "ivschat-local %s answers", version)
	return true
}

// emulatorVersion returns the version in the answer to a health check, and whether an emulator has sent it.
func emulatorVersion(reply awsapi.Reply) (version string, is bool) {
	var health struct {
		Version    string
		RandomSeed *json.Number
	}
	err := json.Unmarshal(reply.Body, &health)
	return health.Version, err == nil && health.RandomSeed != nil
}

// explainAnswer says what else answers at an address.
func (x *examination) explainAnswer(
	ctx context.Context, client *http.Client, address string, reply awsapi.Reply, err error,
) {
	const check = "answer"
	if err != nil {
		switch trouble := remote.TLSTrouble(x.base(), err); trouble.(type) {
		case nil:
			x.problem(check, "look at the program that listens there"+ofProcess(address),
				"%s accepts connections, but does not answer as a web server: %s", address,
				awsapi.Short(reasonOf(err)))
		case *remote.PlainError:
			x.problem("tls", "start the emulator with --tls auto, or write "+strings.Replace(x.base(), "https",
				"http", 1),
				"%s does not speak TLS, but its URL begins with https://", address)
		default:
			x.problem("tls", "ivschat-local trust says how each client trusts the emulator; env --tls auto sets "+
				"the variables",
				"%s", trouble)
		}
		return
	}
	if path := strings.TrimRight(x.endpoint.Path, "/"); path != "" && isEmulator(ctx, x.endpoint.Host) {
		origin := strings.TrimSuffix(x.base(), path)
		x.problem(check, "leave the path out: "+origin, "the endpoint has the path %s, which is wrong: "+
			"ivschat-local answers at %s", path, origin)
		return
	}
	program := "an HTTP server"
	if server := awsapi.Short(reply.Header.Get("Server")); server != "" {
		program += " (" + server + ")"
	}
	advice := "use the address of the emulator" + ofProcess(address)
	if found := x.elsewhere(ctx); len(found) > 0 {
		advice = fmt.Sprintf(`an emulator runs at %s: eval "$(ivschat-local env --listen %[1]s)"`, found[0])
	}
	var other struct{ Services map[string]any }
	local, err := send(ctx, client, http.MethodGet, x.base()+"/_localstack/health", nil)
	if err == nil && local.OK() && json.Unmarshal(local.Body, &other) == nil && len(other.Services) > 0 {
		program = "a server for other services of AWS, such as LocalStack,"
		advice = "leave AWS_ENDPOINT_URL there, and set AWS_ENDPOINT_URL_IVSCHAT to the URL of ivschat-local"
	}
	x.problem(check, advice, "%s answers at %s, and not ivschat-local: GET /health is answered with status %d%s",
		program, address, reply.Status, reply.Redirect())
}

// ofProcess names the process that listens on an address, if it is known.
func ofProcess(address string) string {
	if process := listeningProcess(address); process != "" {
		return " (" + process + ")"
	}
	return ""
}
