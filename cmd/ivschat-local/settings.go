package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

// defaultListen is the address that the README and --help use.
const defaultListen = "localhost:4700"

// renamedVariable is the former name of the variable of --admin-listen.
const renamedVariable = "IVSCHAT_INSPECT_LISTEN"

// inMemory is the value of --data that stores nothing.
const inMemory = ":memory:"

// Settings are the settings of an emulator, for serve and exec. Flags, environment variables and --help
// are made from this table. make docs writes docs/reference/settings.md from it.
type Settings struct {
	Listen                    string        `default:"localhost:4700" help:"Address to listen on, as HOST:PORT. localhost means 127.0.0.1 and ::1. Port 0 picks a free port."`
	Data                      string        `complete:"file" default:"${data}" help:"Directory for the database, the keys and chat logs. :memory: keeps everything in memory. With --nats, rooms and keys are in NATS, and only the certificate authority and chat logs are in the directory."`
	Account                   string        `default:"000000000000" help:"Account of callers whose access key is not an account ID of 12 digits."`
	Region                    string        `default:"us-east-1" help:"Region of unsigned requests."`
	TokenTTL                  time.Duration `name:"token-ttl" default:"1h" help:"How long a chat token can be used to connect."`
	SessionDuration           time.Duration `default:"0s" help:"Duration of every session, instead of the sessionDurationInMinutes of the request. 0s means that the request decides."`
	RoomQuota                 int           `default:"50000" help:"Maximum number of rooms per account and region."`
	LoggingConfigurationQuota int           `default:"10" help:"Maximum number of logging configurations per account and region."`
	LoggingConfigurationDelay time.Duration `default:"0s" help:"How long the states CREATING, UPDATING and DELETING of a logging configuration last, in the time of the emulator's clock. 0s means that a logging configuration is ACTIVE, or deleted, at once."`
	MessageAttributeBytes     int           `default:"1024" help:"Maximum size of the Attributes of a message in bytes, keys and values together. AWS does not document it."`
	JournalBytes              int           `default:"67108864" help:"Maximum memory of the journal in bytes, at least 1048576. When it is full, the account with the most loses its oldest entries."`
	SendMessageRate           int           `default:"0" help:"Maximum messages per second for an account in a region, over all rooms. 0 means no limit; AWS allows 1000."`
	DeleteMessageRate         int           `default:"0" help:"Maximum message deletions per second for an account in a region. 0 means no limit; AWS allows 100."`
	DisconnectUserRate        int           `default:"0" help:"Maximum user disconnections per second for an account in a region. 0 means no limit; AWS allows 100."`
	SendEventRate             int           `default:"0" help:"Maximum events per second for an account in a region. 0 means no limit; AWS allows 100."`
	Seed                      string        `complete:"file" help:"JSON or YAML file with rooms, logging configurations and tags that exist from the start. With --nats, it adds to what the cluster has." placeholder:"FILE"`
	RandomSeed                int64         `default:"0" help:"Seed for generated IDs and random faults, to repeat a run. 0 picks a random seed. With --nats, each start of a node is a run of its own."`
	AdminListen               string        `help:"Separate address for the admin API, /_ivschat/. By default, the admin API is at the address of --listen. off disables it." placeholder:"ADDRESS"`
	AllowHost                 []string      `help:"Host name under which the admin API may be used, beside localhost, IP addresses and names without a dot. Web pages of that host may call the control plane, and the admin API through a proxy. Can be given several times. *.NAME means all names that end with .NAME." placeholder:"HOST"`
	CORSOrigin                []string      `name:"cors-origin" help:"Origin of web pages that may call the control plane, such as https://app.example.com. Can be given several times. https://*.example.com means all hosts that end with .example.com, null means pages that were opened as a file, and * means all pages. Always allowed are localhost, and the host that the request was sent to, if that is an IP address or a name without a dot." placeholder:"ORIGIN"`
	PingInterval              time.Duration `default:"0s" help:"How often chat clients receive a WebSocket ping, so that proxies do not cut off idle connections. 0s means never."`
	ReviewTimeout             time.Duration `default:"200ms" help:"How long the review of a message may take. Then the fallbackResult of the room decides. AWS allows 200ms."`
	ReviewHandler             []string      `sep:"none" help:"How the functions that review messages are reached, as PATTERN=TARGET. Can be given several times, or in several lines, and the first PATTERN that matches decides. PATTERN is the ARN of a Lambda function in which * stands for any number of characters. TARGET is http://… or https://…, which receives the event as a POST, command:PROGRAM ARGUMENTS, which reads events from its standard input, deny:WORD,WORD, or allow." placeholder:"PATTERN=TARGET"`
	LambdaEndpoint            string        `help:"URL of a server with Lambda's API, such as http://localhost:4566, for functions that no --review-handler matches." placeholder:"URL"`
	LambdaPermission          string        `default:"ignore" enum:"check,ignore" help:"check: CreateRoom and UpdateRoom refuse a function whose policy at --lambda-endpoint does not let ivschat.amazonaws.com invoke it. ignore: they do not ask."`
	ChatLogs                  string        `complete:"file" help:"Folder for the chat logs of destinations without an endpoint, as files. By default, it is chat-logs in the directory of --data; with --data :memory:, records are then only in memory." placeholder:"DIR"`
	ChatLogWindow             time.Duration `default:"5m" help:"How long records of a room are collected into one object for S3, in the time of the emulator's clock."`
	ChatLogSpool              int           `default:"268435456" help:"Maximum size in bytes of the records that are not delivered yet, at least 1048576. Beyond it, the logging configuration with the most loses its oldest records."`
	S3Endpoint                string        `name:"s3-endpoint" env:"IVSCHAT_S3_ENDPOINT" help:"URL of a server with S3's API, such as http://localhost:9000, that receives chat logs. http://KEY:SECRET@… signs with that access key." placeholder:"URL"`
	CloudWatchLogsEndpoint    string        `name:"cloudwatch-logs-endpoint" help:"URL of a server with CloudWatch Logs' API that receives chat logs." placeholder:"URL"`
	FirehoseEndpoint          string        `help:"URL of a server with Firehose's API that receives chat logs." placeholder:"URL"`
	AWSEndpoint               string        `name:"aws-endpoint" help:"URL of a server with the APIs of S3, CloudWatch Logs, Firehose and Lambda, such as http://localhost:4566, for those without an endpoint of their own." placeholder:"URL"`
	TLS                       string        `name:"tls" env:"IVSCHAT_TLS" default:"off" help:"auto: clients can use TLS at the same port as plain HTTP, with certificates of an authority that is made in the directory of --data. FILE,FILE: with this certificate chain and its private key, in PEM. off: they cannot." placeholder:"auto|off|FILE,FILE"`
	TLSName                   []string      `name:"tls-name" env:"IVSCHAT_TLS_NAME" help:"Host name or IP address for which --tls auto has a certificate, beside localhost, loopback addresses and the hosts of AWS. Can be given several times." placeholder:"HOST"`
	Auth                      string        `default:"off" enum:"off,signatures,iam" help:"signatures: requests to the control plane must be signed with a key of --credentials. iam: the policies of the key must also allow them. off: nothing is verified."`
	Credentials               string        `complete:"file" help:"JSON or YAML file with a list of access keys for --auth, each with its secretAccessKey and, if you like, an account, a principalArn, policies and so on. By default, there is one access key that may do everything, which is printed at the start." placeholder:"FILE"`
	APIRates                  string        `name:"api-rates" env:"IVSCHAT_API_RATES" default:"off" enum:"off,aws" help:"aws: each operation of the control plane has the request rate that AWS publishes, per account and region. off: there is no limit."`
	ClusterSettings
	Node       string `help:"Name of this node in the admin API and the log of a cluster. By default, the name of the host." placeholder:"NAME"`
	OnShutdown string `default:"drop" enum:"drop,close" help:"How chat connections end on shutdown. drop: without a close frame, so clients reconnect. close: with close code 1001, so clients do not reconnect."`
	LogFormat  string `default:"text" enum:"text,json" help:"Format of the log: text or json."`
	LogLevel   string `default:"info" enum:"debug,info,warn,error" help:"Lowest level to log: debug, info, warn or error."`
}

// defaultData returns the data directory in the user's state directory.
func defaultData() string { return filepath.Join(xdg.StateHome, "ivschat-local") }

// normal returns the settings with the words off, auto and :memory: in lower case.
func (s Settings) normal() Settings {
	if strings.EqualFold(s.AdminListen, emulator.AdminOff) {
		s.AdminListen = emulator.AdminOff
	}
	s.TLS = normalTLS(s.TLS)
	if strings.EqualFold(s.Data, inMemory) {
		s.Data = inMemory
	}
	return s
}

// normalTLS returns the value of --tls with the words off and auto in lower case.
func normalTLS(value string) string {
	for _, word := range []string{emulator.TLSOff, emulator.TLSAuto} {
		if strings.EqualFold(value, word) {
			return word
		}
	}
	return value
}

// config returns the emulator's configuration with the logger.
func (s Settings) config(logger *slog.Logger) emulator.Config {
	config := emulator.Config{
		Listen:                    s.Listen,
		DataDir:                   s.dataDir(),
		Account:                   s.Account,
		Region:                    s.Region,
		TokenTTL:                  s.TokenTTL,
		SessionDuration:           s.SessionDuration,
		RoomQuota:                 s.RoomQuota,
		LoggingConfigurationQuota: s.LoggingConfigurationQuota,
		LoggingConfigurationDelay: s.LoggingConfigurationDelay,
		MessageAttributeBytes:     s.MessageAttributeBytes,
		JournalBytes:              s.JournalBytes,
		SendMessageRate:           s.SendMessageRate,
		DeleteMessageRate:         s.DeleteMessageRate,
		DisconnectUserRate:        s.DisconnectUserRate,
		SendEventRate:             s.SendEventRate,
		RandomSeed:                uint64(s.RandomSeed),
		AdminListen:               s.AdminListen,
		AllowHost:                 s.AllowHost,
		CORSOrigin:                s.CORSOrigin,
		PingInterval:              s.PingInterval,
		ReviewTimeout:             s.ReviewTimeout,
		ReviewHandler:             lines(s.ReviewHandler),
		LambdaEndpoint:            s.LambdaEndpoint,
		LambdaPermission:          s.LambdaPermission,
		ChatLogs:                  s.ChatLogs,
		ChatLogWindow:             s.ChatLogWindow,
		ChatLogSpool:              s.ChatLogSpool,
		S3Endpoint:                s.S3Endpoint,
		CloudWatchLogsEndpoint:    s.CloudWatchLogsEndpoint,
		FirehoseEndpoint:          s.FirehoseEndpoint,
		AWSEndpoint:               s.AWSEndpoint,
		TLS:                       s.TLS,
		TLSName:                   s.TLSName,
		Auth:                      s.Auth,
		APIRates:                  s.APIRates,
		CloseOnShutdown:           s.OnShutdown == "close",
		Node:                      s.Node,
		Logger:                    logger,
	}
	s.ClusterSettings.addTo(&config)
	return config
}

// lines returns the lines of all values that are not empty. A variable can have several, since its values cannot be
// separated by commas, which targets have. An empty variable means none, as for other settings.
func lines(values []string) (all []string) {
	for _, value := range values {
		for line := range strings.SplitSeq(value, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				all = append(all, line)
			}
		}
	}
	return all
}

// dataDir returns the data directory, or "" for an emulator in memory.
func (s Settings) dataDir() string {
	if s.Data == inMemory {
		return ""
	}
	return s.Data
}

// check returns everything that is wrong with the settings beyond what the table can express. The
// emulator takes a zero value as its default. On the command line, a zero value is a mistake, unless
// the help text explains it.
func (s Settings) check() error {
	s = s.normal()
	var wrong []error
	wrong = append(wrong,
		notEmpty("data", s.Data),
		checkData(s.Data),
		notEmpty("account", s.Account),
		notEmpty("region", s.Region),
		notEmpty("token-ttl", s.TokenTTL),
		notEmpty("review-timeout", s.ReviewTimeout),
		notEmpty("chat-log-window", s.ChatLogWindow),
		notEmpty("room-quota", s.RoomQuota),
		notEmpty("logging-configuration-quota", s.LoggingConfigurationQuota),
		notEmpty("message-attribute-bytes", s.MessageAttributeBytes))
	if s.JournalBytes == 0 {
		wrong = append(wrong, cli.Wrongf("journal-bytes", "must be at least %d, but is 0", journal.MinimumBytes))
	}
	if s.ChatLogSpool == 0 {
		wrong = append(wrong, cli.Wrongf("chat-log-spool", "must be at least %d, but is 0", chatlog.MinimumSpoolBytes))
	}
	if os.Getenv(renamedVariable) != "" { // ignoring it could serve the admin API where it was disabled
		wrong = append(wrong, fmt.Errorf("%s is now IVSCHAT_ADMIN_LISTEN: rename it", renamedVariable))
	}
	if s.RandomSeed < 0 {
		wrong = append(wrong, cli.Wrongf("random-seed", "must be 0 or more, but is %d", s.RandomSeed))
	}
	wrong = append(wrong, checkAddress("listen", s.Listen))
	if s.AdminListen != "" && s.AdminListen != emulator.AdminOff {
		wrong = append(wrong, checkAddress("admin-listen", s.AdminListen))
		_, port, _ := net.SplitHostPort(s.Listen)
		if port != "0" && (includes(s.Listen, s.AdminListen) || includes(s.AdminListen, s.Listen)) {
			wrong = append(wrong, cli.Wrongf("admin-listen",
				"must differ from --listen, which is %q, but is %q: leave it out", s.Listen, s.AdminListen))
		}
	}
	config := s.config(nil)
	config.Credentials = s.Credentials // the name of the file, which is read later
	return errors.Join(append(wrong, s.ClusterSettings.check(), asWrong(config.Validate()))...)
}

// notEmpty checks that the value of a setting is not the zero value.
func notEmpty[T string | int | time.Duration](setting string, value T) error {
	var zero T
	if value != zero {
		return nil
	}
	if _, isText := any(value).(string); isText {
		return cli.Wrongf(setting, "must not be empty")
	}
	return cli.Wrongf(setting, "must be more than 0")
}

// checkData refuses what is probably a misspelled :memory:, and would be a directory with a strange name.
func checkData(data string) error {
	if strings.HasPrefix(data, ":") && data != inMemory {
		return cli.Wrongf("data", "must be a directory or %s, but is %q: did you mean %[1]s?", inMemory, data)
	}
	return nil
}

// asWrong returns the errors about the fields of a config as errors about the flags with their names.
func asWrong(err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var wrong []error
	for _, err := range joined.Unwrap() {
		if config, ok := errors.AsType[*emulator.ConfigError](err); ok {
			flag := strings.ToLower(wordEnd.ReplaceAllString(spelledAsFlag.Replace(config.Field), "$1$3-$2$4"))
			err = cli.Wrongf(flag, "%s", config.Problem)
		}
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

// spelledAsFlag shows where words begin in the names of fields that wordEnd does not split as their flags are split.
// CloudWatch is one word, as in the AWS CLI.
var spelledAsFlag = strings.NewReplacer("CloudWatch", "Cloudwatch", "NATSTLS", "NATS-TLS")

// wordEnd matches where one word ends and the next begins in the name of a field.
var wordEnd = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)

// checkAddress checks that the value of a setting is an address to listen on.
func checkAddress(setting, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		if meant := probableAddress(address); meant != "" {
			return cli.Wrongf(setting, "must be HOST:PORT, but is %q: did you mean %s?", address, meant)
		}
		return cli.Wrongf(setting, "must be HOST:PORT, such as %s, but is %q", defaultListen, address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return cli.Wrongf(setting, "must have a port from 0 to 65535, but is %q", address)
	}
	return nil
}

// checkServed checks that the value of a setting is an address at which an emulator can be reached.
func checkServed(setting, address string) error {
	if _, port, err := net.SplitHostPort(address); err == nil && port == "0" {
		return cli.Wrongf(setting, "must have the port of a running emulator, but is %q", address)
	}
	return checkAddress(setting, address)
}

// probableAddress returns what was probably meant by a text that is not HOST:PORT: a port, a host or a
// URL. It returns "" if that is not clear.
func probableAddress(text string) string {
	_, port, _ := net.SplitHostPort(defaultListen)
	if _, err := strconv.ParseUint(text, 10, 16); err == nil {
		return net.JoinHostPort("localhost", text)
	}
	if net.ParseIP(text) != nil || text == "localhost" {
		return net.JoinHostPort(text, port)
	}
	if parsed, err := url.Parse(text); err == nil && parsed.Host != "" {
		return net.JoinHostPort(parsed.Hostname(), cmp.Or(parsed.Port(), port))
	}
	return ""
}
