package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/cors"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/invoke"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/review"
)

// The account of callers whose access key is not an account ID, and the region of unsigned requests.
const (
	DefaultAccount = "000000000000"
	DefaultRegion  = "us-east-1"
)

// AdminOff is the value of Config.AdminListen that disables the admin API.
const AdminOff = "off"

// The values of Config.LambdaPermission.
const (
	CheckPermission  = "check"
	IgnorePermission = "ignore"
)

// The values of Config.TLS that are not two files.
const (
	TLSOff  = "off"
	TLSAuto = "auto"
)

// The values of Config.Auth.
const (
	AuthOff        = "off"
	AuthSignatures = "signatures"
	AuthIAM        = "iam"
)

// The values of Config.APIRates.
const (
	APIRatesOff = "off"
	APIRatesAWS = "aws"
)

// A Config configures an emulator. The zero value is valid: in memory, on a free port of the loopback
// interface, without a log.
type Config struct {
	// Listen is the address that Start listens on, host:port. Port 0 picks a free port. The host localhost
	// means both loopback addresses, 127.0.0.1 and ::1. "" means 127.0.0.1:0, which is enough for tests:
	// they use URL.
	Listen string
	// DataDir is the directory of the database, the keys and chat logs. It is created if it does not exist. ""
	// keeps everything in memory. See NATS for what is in it then.
	DataDir string

	// Account is the account, 12 digits, of callers whose access key is not an account ID. "" means
	// DefaultAccount. With any other account, the Lambda function of a message review handler must be in the
	// account of the room, if the room is in this account.
	Account string
	// Region is the region of unsigned requests. "" means DefaultRegion.
	Region string

	// TokenTTL is how long a chat token can be used to connect, at least a second. 0 means
	// ivschat.DefaultTokenTTL.
	TokenTTL time.Duration
	// SessionDuration is the duration of every session, at least a second, instead of the
	// sessionDurationInMinutes of the request. 0 means that the request decides.
	SessionDuration time.Duration

	// RoomQuota is how many rooms an account may have in a region. 0 means ivschat.RoomQuota.
	RoomQuota int
	// LoggingConfigurationQuota is how many logging configurations an account may have in a region. 0
	// means ivschat.LoggingConfigurationQuota.
	LoggingConfigurationQuota int
	// LoggingConfigurationDelay is how long the states CREATING, UPDATING and DELETING of a logging configuration
	// last, in the time of the emulator's clock. 0 means that they end at once, so no one sees them.
	LoggingConfigurationDelay time.Duration

	// MessageAttributeBytes is the maximum size of the Attributes of a message, keys and values
	// together, in bytes of UTF-8. 0 means ivschat.DefaultMessageAttributeBytes.
	MessageAttributeBytes int

	// JournalBytes is how much memory the journal may take, at least journal.MinimumBytes. 0 means
	// journal.DefaultBytes.
	JournalBytes int

	// SendMessageRate, DeleteMessageRate, DisconnectUserRate and SendEventRate are how many of these
	// requests an account may make per second in a region, over both endpoints together. 0 means no
	// limit. The service allows 1,000 messages, and 100 of each of the others (User Guide: Service
	// Quotas).
	SendMessageRate, DeleteMessageRate, DisconnectUserRate, SendEventRate int

	// CloseOnShutdown makes Close close the connections of chat clients with close code 1001, which the
	// official client for JavaScript treats as final. Otherwise, connections are dropped without a close
	// frame, so that clients reconnect after a restart.
	CloseOnShutdown bool

	// RandomSeed is the seed for IDs and random faults, to repeat a run. 0 picks a random seed. With a
	// DataDir, each run has its own IDs, and the first run has the same IDs as an emulator in memory. Each start of a
	// node of a cluster is a run.
	RandomSeed uint64

	// AdminListen is a separate address for the admin API, /_ivschat/, as host:port like Listen. "" serves
	// it at Listen, and AdminOff disables it.
	AdminListen string

	// AllowHost has host names under which the admin API may be used, beside addresses of this machine and
	// names without a dot: that of the request, and that of the origin of a web page. A name that begins
	// with "*." stands for all names with that ending, for instance "*.svc.cluster.local".
	AllowHost []string

	// CORSOrigin has the origins of web pages that may call the control plane, beside those of this machine,
	// of AllowHost, and of the host that the request was sent to, if the admin API answers there: an origin
	// such as https://app.example.com, a pattern such as https://*.example.com, "null" for pages that were
	// opened as a file, or "*" for all.
	CORSOrigin []string

	// PingInterval is how often chat clients receive a WebSocket ping, at least a second, so that proxies do
	// not cut off idle connections. It is in the machine's time. 0 means that there are no pings.
	PingInterval time.Duration

	// ReviewTimeout is how long the review of a message may take, in the machine's time. Then the fallbackResult
	// of the room decides. 0 means review.DefaultTimeout.
	ReviewTimeout time.Duration

	// ReviewHandler says how the functions that review messages are reached, as PATTERN=TARGET. The first PATTERN
	// that matches the ARN of a function decides. It is a Lambda ARN in which * stands for any number of
	// characters. TARGET is a URL that receives each event as a POST, http://… or https://…, a program that reads
	// events from its standard input, command:PROGRAM ARGUMENTS, or a rule, deny:WORD,WORD or allow.
	ReviewHandler []string
	// LambdaEndpoint is the URL of a server with Lambda's API, for functions that no ReviewHandler matches. ""
	// means that there is none.
	LambdaEndpoint string
	// LambdaPermission is CheckPermission if CreateRoom and UpdateRoom have to refuse a function whose policy at
	// LambdaEndpoint does not let ivschat.amazonaws.com invoke it (decision D17). Otherwise it is "" or
	// IgnorePermission.
	LambdaPermission string

	// ChatLogs is the folder that has the chat logs of destinations without an endpoint, as files. "" means the folder
	// chat-logs in DataDir. Without a DataDir, the records are then only in memory.
	ChatLogs string
	// ChatLogWindow is how long records for S3 are collected into one object, at least a second of the service's time.
	// 0 means chatlog.DefaultWindow.
	ChatLogWindow time.Duration
	// ChatLogSpool is how many bytes the records of chat logs that are not delivered yet may take, at least
	// chatlog.MinimumSpoolBytes. 0 means chatlog.DefaultSpoolBytes.
	ChatLogSpool int
	// S3Endpoint, CloudWatchLogsEndpoint and FirehoseEndpoint are the URLs of servers with these APIs, which receive
	// chat logs. "" means AWSEndpoint.
	S3Endpoint, CloudWatchLogsEndpoint, FirehoseEndpoint string
	// AWSEndpoint is the URL of a server with the APIs of S3, CloudWatch Logs, Firehose and Lambda, for those that have
	// no endpoint of their own. "" means that there is none.
	AWSEndpoint string

	// TLS is TLSOff, or "", if clients cannot use TLS. With TLSAuto they can, at the same ports as plain HTTP, and the
	// certificates are of an authority of the emulator's own, which is in DataDir. Otherwise it is the names of two
	// files in PEM, with a certificate chain and its private key: cert.pem,key.pem.
	TLS string
	// TLSName has the host names and IP addresses for which TLSAuto has certificates, beside this machine's loopback
	// names and the hosts of the service.
	TLSName []string

	// Auth is AuthOff, or "", if nothing is verified, AuthSignatures if requests to the control plane must be signed
	// with a key of Credentials, and AuthIAM if the policies of the key must allow them, too.
	Auth string
	// Credentials is the text of a credentials file, JSON or YAML: a list of access keys (package iam). "" means one
	// access key that may do everything, which is made at the first start and kept in DataDir.
	Credentials string
	// APIRates is APIRatesAWS if each operation of the control plane has the request rate that AWS publishes, per
	// account and region. With APIRatesOff, or "", there is no limit.
	APIRates string

	// NATS has the URLs of NATS servers with JetStream, nats://… or tls://…, of which one is enough. Emulators with the
	// same servers and the same NATSPrefix are nodes of a cluster: they work as one service. Rooms, keys and used tokens
	// are then in NATS, and only the certificate authority of TLSAuto and chat logs are in DataDir. Without servers, this
	// emulator works alone.
	NATS []string
	// NATSPrefix begins the names of all that the cluster has in NATS, so that several clusters can use one server. ""
	// means DefaultNATSPrefix.
	NATSPrefix string
	// NATSCredentials is the name of a credentials file of NATS, with a JWT and an NKey seed. "" means none.
	NATSCredentials string
	// NATSTLS is the name of a file with the certificate authority of the NATS servers, or, for servers that verify their
	// clients, the names of three files: cert.pem,key.pem,ca.pem. "" means the authorities of the system.
	NATSTLS string
	// ClusterSecret is a text with at least MinimumSecret characters, the same for all nodes. It encrypts the keys of
	// chat tokens, which are in NATS.
	ClusterSecret string
	// Node is the name of this node in the admin API and the log. "" means the name of the host. Nodes can have the same.
	Node string

	// Logger receives one line for each request and each connection, and every failure. Tokens, attributes
	// and user IDs never reach it. nil means no log.
	Logger *slog.Logger
}

// chatLogsDir is the name of the folder with chat logs in the data directory.
const chatLogsDir = "chat-logs"

// withDefaults returns the config with defaults in place of zero values.
func (c Config) withDefaults() Config {
	c.Listen = cmp.Or(c.Listen, "127.0.0.1:0")
	c.Account = cmp.Or(c.Account, DefaultAccount)
	c.Region = cmp.Or(c.Region, DefaultRegion)
	c.TokenTTL = cmp.Or(c.TokenTTL, ivschat.DefaultTokenTTL)
	c.LambdaPermission = cmp.Or(c.LambdaPermission, IgnorePermission)
	c.TLS, c.Auth, c.APIRates = cmp.Or(c.TLS, TLSOff), cmp.Or(c.Auth, AuthOff), cmp.Or(c.APIRates, APIRatesOff)
	c.ReviewTimeout = cmp.Or(c.ReviewTimeout, review.DefaultTimeout)
	c.RoomQuota = cmp.Or(c.RoomQuota, ivschat.RoomQuota)
	c.LoggingConfigurationQuota = cmp.Or(c.LoggingConfigurationQuota, ivschat.LoggingConfigurationQuota)
	c.MessageAttributeBytes = cmp.Or(c.MessageAttributeBytes, ivschat.DefaultMessageAttributeBytes)
	c.JournalBytes = cmp.Or(c.JournalBytes, journal.DefaultBytes)
	c.LambdaEndpoint = cmp.Or(c.LambdaEndpoint, c.AWSEndpoint)
	c.ChatLogWindow = cmp.Or(c.ChatLogWindow, chatlog.DefaultWindow)
	c.ChatLogSpool = cmp.Or(c.ChatLogSpool, chatlog.DefaultSpoolBytes)
	if c.ChatLogs == "" && c.DataDir != "" {
		c.ChatLogs = filepath.Join(c.DataDir, chatLogsDir)
	}
	if c.RandomSeed == 0 {
		c.RandomSeed = 1 + rand.Uint64N(1<<53-1) // a JSON number that every language reads exactly
	}
	if c.InCluster() {
		c.NATSPrefix, c.Node = cmp.Or(c.NATSPrefix, DefaultNATSPrefix), cmp.Or(c.Node, defaultNode())
	} else {
		c.Node = ""
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// realAccount returns the account that stands for one of AWS, or "" if there is none. All other accounts are
// made up.
func (c Config) realAccount() string {
	if c.Account == DefaultAccount {
		return ""
	}
	return c.Account
}

var hostPattern = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// isHostPattern reports whether a text is a host name, an IP address or a pattern of Config.AllowHost.
func isHostPattern(text string) bool {
	return hostPattern.MatchString(text) || net.ParseIP(text) != nil
}

// A ConfigError is what is wrong with one field of a Config.
type ConfigError struct {
	Field   string
	Problem string // such as: must be 12 digits, but is "1"
}

// Error returns the problem with the name of the field.
func (e *ConfigError) Error() string { return e.Field + " " + e.Problem }

// maximumReviewTimeout is how long a Lambda function may run (Lambda Developer Guide: Quotas).
const maximumReviewTimeout = 15 * time.Minute

// checkEndpoints checks the endpoints as they were given, so that AWSEndpoint is not wrong for each API.
func (c Config) checkEndpoints(check func(ok bool, field, format string, args ...any)) {
	if c.LambdaEndpoint != "" {
		err := invoke.CheckLambdaEndpoint(c.LambdaEndpoint)
		check(err == nil, "LambdaEndpoint", "%v", err)
	}
	for _, endpoint := range []struct {
		field, url string
		kind       destination.Kind
	}{
		{"S3Endpoint", c.S3Endpoint, destination.S3},
		{"CloudWatchLogsEndpoint", c.CloudWatchLogsEndpoint, destination.CloudWatchLogs},
		{"FirehoseEndpoint", c.FirehoseEndpoint, destination.Firehose},
	} {
		if endpoint.url != "" {
			err := destination.CheckEndpoint(endpoint.kind, endpoint.url)
			check(err == nil, endpoint.field, "%v", err)
		}
	}
	if c.AWSEndpoint != "" {
		_, err := awsapi.ParseEndpoint(c.AWSEndpoint, "the APIs of AWS")
		check(err == nil, "AWSEndpoint", "%v", err)
	}
}

// maximumChatLogWindow is the longest ChatLogWindow. The key of an object has its day.
const maximumChatLogWindow = 24 * time.Hour

// Validate returns a ConfigError for everything that is wrong with a config, joined in one error, or nil.
func (c Config) Validate() error {
	given := c
	c = c.withDefaults()
	var wrong []error
	check := func(ok bool, field, format string, args ...any) {
		if !ok {
			wrong = append(wrong, &ConfigError{field, fmt.Sprintf(format, args...)})
		}
	}
	check(ivschat.IsAccountID(c.Account), "Account", "must be 12 digits, but is %q", c.Account)
	check(ivschat.IsRegion(c.Region), "Region", "must be a name such as us-east-1, but is %q", c.Region)
	check(c.TokenTTL >= time.Second, "TokenTTL", "must be at least 1s, but is %s", c.TokenTTL)
	check(c.ReviewTimeout >= time.Millisecond && c.ReviewTimeout <= maximumReviewTimeout,
		"ReviewTimeout", "must be from 1ms to %s, but is %s", maximumReviewTimeout, c.ReviewTimeout)
	check(c.SessionDuration == 0 || c.SessionDuration >= time.Second,
		"SessionDuration", "must be 0 or at least 1s, but is %s", c.SessionDuration)
	check(c.PingInterval == 0 || c.PingInterval >= time.Second,
		"PingInterval", "must be 0 or at least 1s, but is %s", c.PingInterval)
	for _, handler := range c.ReviewHandler {
		err := invoke.CheckHandler(handler)
		check(err == nil, "ReviewHandler", "%v", err)
	}
	given.checkEndpoints(check)
	given.checkCluster(check)
	check(c.ChatLogWindow >= time.Second && c.ChatLogWindow <= maximumChatLogWindow,
		"ChatLogWindow", "must be from 1s to %s, but is %s", maximumChatLogWindow, c.ChatLogWindow)
	check(c.ChatLogSpool >= chatlog.MinimumSpoolBytes,
		"ChatLogSpool", "must be at least %d, but is %d", chatlog.MinimumSpoolBytes, c.ChatLogSpool)
	check(c.LambdaPermission == IgnorePermission || c.LambdaPermission == CheckPermission,
		"LambdaPermission", "must be check or ignore, but is %q", c.LambdaPermission)
	check(c.LambdaPermission != CheckPermission || c.LambdaEndpoint != "",
		"LambdaPermission", "check needs a server to ask: give its URL with --lambda-endpoint")
	for _, host := range c.AllowHost {
		check(isHostPattern(host), "AllowHost", "must be a host name without a port, such as ivschat.internal, "+
			"or a pattern such as *.svc.cluster.local, but is %q", host)
	}
	for _, origin := range c.CORSOrigin {
		check(cors.IsOrigin(origin), "CORSOrigin", "must be *, null, an origin without a path, such as "+
			"https://app.example.com, or a pattern such as https://*.example.com, but is %q", origin)
	}
	certificate, key, isPair := strings.Cut(c.TLS, ",")
	check(c.TLS == TLSOff || c.TLS == TLSAuto || isPair && certificate != "" && key != "", "TLS", "must be auto, off, or "+
		"the names of a file with a certificate and one with its key, such as cert.pem,key.pem, but is %q", c.TLS)
	for _, name := range c.TLSName {
		check(isHostPattern(name) && !strings.HasPrefix(name, "*"), "TLSName",
			"must be a host name or an IP address, without a port, such as chat.test, but is %q", name)
	}
	check(slices.Contains([]string{AuthOff, AuthSignatures, AuthIAM}, c.Auth),
		"Auth", "must be off, signatures or iam, but is %q", c.Auth)
	check(slices.Contains([]string{APIRatesOff, APIRatesAWS}, c.APIRates),
		"APIRates", "must be off or aws, but is %q", c.APIRates)
	check(c.RoomQuota > 0, "RoomQuota", "must be at least 1, but is %d", c.RoomQuota)
	check(c.LoggingConfigurationQuota > 0,
		"LoggingConfigurationQuota", "must be at least 1, but is %d", c.LoggingConfigurationQuota)
	check(c.LoggingConfigurationDelay >= 0,
		"LoggingConfigurationDelay", "must be 0 or more, but is %s", c.LoggingConfigurationDelay)
	check(c.MessageAttributeBytes > 0,
		"MessageAttributeBytes", "must be at least 1, but is %d", c.MessageAttributeBytes)
	check(c.JournalBytes >= journal.MinimumBytes,
		"JournalBytes", "must be at least %d, but is %d", journal.MinimumBytes, c.JournalBytes)
	c.checkRates(check)
	return errors.Join(wrong...)
}

// checkRates checks the rates of an account.
func (c Config) checkRates(check func(ok bool, field, format string, args ...any)) {
	for _, rate := range []struct {
		field string
		value int
	}{
		{"SendMessageRate", c.SendMessageRate}, {"DeleteMessageRate", c.DeleteMessageRate},
		{"DisconnectUserRate", c.DisconnectUserRate}, {"SendEventRate", c.SendEventRate},
	} {
		check(rate.value >= 0, rate.field, "must be 0 or more, but is %d", rate.value)
	}
}
