package emulator

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/cluster"
)

// DefaultNATSPrefix is how the names of what a cluster keeps in NATS begin.
const DefaultNATSPrefix = "ivschat"

// MinimumSecret is how many characters Config.ClusterSecret has at least.
const MinimumSecret = 16

// maximumName is how many characters a name of a node and a prefix have at most. The names of streams, which begin
// with the prefix, are names of directories of the NATS server.
const maximumName = 64

var (
	prefixPattern = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	nodePattern   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	notInNode     = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
)

// InCluster reports whether the config is that of a node of a cluster.
func (c Config) InCluster() bool { return len(c.NATS) > 0 }

// defaultNode returns the host name as the name of a node.
func defaultNode() string {
	host, _ := os.Hostname() // "" if it is not known
	name := strings.Trim(notInNode.ReplaceAllString(host, "-"), "-._")
	if name == "" {
		return "node"
	}
	return name[:min(len(name), maximumName)]
}

// ClusterConfig returns how a node with this config reaches its cluster.
func (c Config) ClusterConfig() cluster.Config {
	c = c.withDefaults()
	config := cluster.Config{
		URLs: c.NATS, Credentials: c.NATSCredentials, Prefix: c.NATSPrefix, Name: c.Node, Logger: c.Logger,
	}
	if certificate, rest, several := strings.Cut(c.NATSTLS, ","); several {
		config.Certificate = certificate
		config.Key, config.CA, _ = strings.Cut(rest, ",")
	} else {
		config.CA = c.NATSTLS
	}
	return config
}

// checkCluster checks what a config says about a cluster.
func (c Config) checkCluster(check func(ok bool, field, format string, args ...any)) {
	named := func(name string, pattern *regexp.Regexp) bool {
		return pattern.MatchString(name) && len(name) <= maximumName
	}
	// A password with a comma makes several values of one URL, so a part of it can be in any of them.
	secret := slices.ContainsFunc(c.NATS, func(server string) bool { return strings.Contains(server, "@") })
	check(c.NATSCredentials == "" || !secret, "NATSCredentials",
		"must not be given together with a user name, a password or a token in the URLs of NATS: use one of them")
	for i, server := range c.NATS {
		err, which := checkNATS(server), "is "+strconv.Quote(server)
		if secret {
			which = fmt.Sprintf("number %d is not", i+1)
		}
		check(err == nil, "NATS", "must be URLs of NATS servers, such as nats://localhost:4222 or "+
			"tls://nats.example.com, separated by commas, but %s: %v", which, err)
	}
	check(c.NATSPrefix == "" || named(c.NATSPrefix, prefixPattern), "NATSPrefix",
		"must have only letters, digits, - and _, and at most %d of them, but is %q", maximumName, c.NATSPrefix)
	files := strings.Split(c.NATSTLS, ",")
	check(c.NATSTLS == "" || (len(files) == 1 || len(files) == 3) && !slices.Contains(files, ""), "NATSTLS",
		"must be the name of a file with the certificate authority of the NATS servers, such as ca.pem, or those of files "+
			"with the certificate of a client, its key and the authority, such as cert.pem,key.pem,ca.pem, but is %q", c.NATSTLS)
	check(c.ClusterSecret == "" || utf8.RuneCountInString(c.ClusterSecret) >= MinimumSecret, "ClusterSecret",
		"must have at least %d characters", MinimumSecret)
	check(c.Node == "" || named(c.Node, nodePattern), "Node",
		"must have only letters, digits, -, _ and dots, begin with a letter or a digit, and have at most %d characters, "+
			"but is %q", maximumName, c.Node)
	if !c.InCluster() {
		return
	}
	check(c.ClusterSecret != "", "ClusterSecret", "must not be empty with --nats: it encrypts the keys of chat tokens, "+
		"which are in NATS, and must be the same for all nodes")
	check(c.Auth == "" || c.Auth == AuthOff || c.Credentials != "", "Auth", "%s needs --credentials with --nats: "+
		"each node would make an access key of its own, which the other nodes do not know", c.Auth)
}

// checkNATS checks the URL of a NATS server. The error has no part of the URL but the scheme.
func checkNATS(server string) error {
	parsed, err := url.Parse(server)
	switch {
	case err != nil && strings.Contains(server, "@"):
		return errors.New("it is not valid: write % / ? # , @ and a space in a user name and a password as " +
			"%25, %2F, %3F, %23, %2C, %40 and %20, and check the port")
	case err != nil:
		return errors.New("it is not valid")
	case parsed.Scheme == "ws" || parsed.Scheme == "wss":
		return errors.New("NATS over WebSockets is not supported")
	case parsed.Scheme != "nats" && parsed.Scheme != "tls":
		return errors.New("it does not begin with nats:// or tls://")
	case parsed.Hostname() == "":
		return errors.New("it has no host")
	case strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "":
		return errors.New("it has more than a host and a port")
	}
	return nil
}

// NATSServers returns the URLs of the NATS servers, for messages: without user names, passwords and tokens.
func (c Config) NATSServers() []string { return cluster.ShownURLs(c.NATS) }
