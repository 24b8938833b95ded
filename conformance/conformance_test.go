package conformance_test

import (
	"context"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/conformance/claims"
	"github.com/ivschat-local/ivschat-local/emulator"
)

var (
	endpoint = flag.String("endpoint", "", "URL of the target's control plane, or aws for the "+
		"service itself (default: the test starts an emulator)")
	messaging = flag.String("messaging", "", "URL of the target's messaging endpoint "+
		"(default: the endpoint with ws for http)")
	region   = flag.String("region", "us-east-1", "region of the target")
	prefix   = flag.String("prefix", "conformance-", "prefix of the names that the checks create")
	slow     = flag.Bool("slow", false, "also check claims that take minutes")
	arrivals = flag.String("destinations", "", "host:port at which the test receives chat logs; the endpoint "+
		"must deliver them to http://host:port")
	credentials = flag.String("credentials", "", "credentials file of the emulator at the endpoint, which runs with "+
		"--auth; without an endpoint, TestCredentials writes the file")
	report = flag.String("report", "", "file for the report: .md, .json or .xml")
	update = flag.Bool("update", false, "write CLAIMS.md")
)

func TestConformance(t *testing.T) {
	result := conformance.Run(t, target(t), claims.All())
	if *report == "" {
		return
	}
	text, err := result.Encode(*report)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*report, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestCatalogueIsCurrent(t *testing.T) {
	want := string(conformance.Catalogue(claims.All(), claims.Publications()))
	if *update {
		if err := os.WriteFile("CLAIMS.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("CLAIMS.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("CLAIMS.md is not current: run go test ./conformance -run Catalogue -args -update")
	}
}

// target returns the target of the flags.
func target(t *testing.T) conformance.Target {
	t.Helper()
	target := conformance.Target{
		Endpoint: *endpoint, Messaging: *messaging, Region: *region, Prefix: *prefix, Slow: *slow,
	}
	switch *endpoint {
	case "":
		return inProcess(start(t, config()))
	case "aws":
		target.Endpoint, target.Real, target.Credentials = "", true, environmentCredentials(t)
	default:
		target = remote(t, target)
		if *arrivals != "" {
			target.Destinations = listenForDestinations(t, *arrivals)
		}
		if *credentials != "" {
			auth := remoteAuth(t, *endpoint)
			target.NewAccount, target.Switches = readAccounts(t, *credentials), switchesOf[auth]
			if auth == emulator.AuthIAM {
				target.NewCallers = newCallersOf()
			}
		}
		target = remoteChatLogs(t, target)
	}
	return target
}

// remote adds what the admin API of an emulator in another process offers to a target.
func remote(t *testing.T, target conformance.Target) conformance.Target {
	t.Helper()
	if target.Messaging == "" {
		target.Messaging = strings.Replace(target.Endpoint, "http", "ws", 1)
	}
	target.Advance, target.Reviews = remoteClock(t, target.Endpoint), remoteReviews(t, target.Endpoint)
	target.FailChange = remoteFailures(t, target.Endpoint)
	return target
}

// environmentCredentials returns the credentials in the environment variables of AWS.
func environmentCredentials(t *testing.T) aws.CredentialsProvider {
	t.Helper()
	if os.Getenv("AWS_ACCESS_KEY_ID") == "" || os.Getenv("AWS_SECRET_ACCESS_KEY") == "" {
		t.Fatal("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		}, nil
	})
}

// remoteClock returns a function that moves the clock of an ivschat-local in another process. It
// returns nil if the target has no clock that can be moved.
func remoteClock(t *testing.T, endpoint string) func(time.Duration) {
	t.Helper()
	api, ok := adminAPIOf(t, endpoint, "/clock")
	if !ok {
		return nil
	}
	return func(d time.Duration) {
		err := api.call(context.Background(), http.MethodPost, "/clock", `{"advance":"`+d.String()+`"}`, nil)
		if err != nil {
			t.Errorf("the clock was not moved: %v", err)
		}
	}
}

// config returns the configuration of emulators in this process, which deliver chat logs to this process.
func config() emulator.Config {
	url := allDestinations().url
	return emulator.Config{
		ReviewTimeout: reviewTimeout, S3Endpoint: url, CloudWatchLogsEndpoint: url, FirehoseEndpoint: url,
	}
}

// inProcess returns an emulator in this process as a target. Its clock can be moved, its answers to reviews chosen,
// changes of logging configurations made to fail, and its chat logs seen.
func inProcess(e *emulator.Emulator) conformance.Target {
	return conformance.Target{
		Endpoint:     e.URL(),
		Messaging:    strings.Replace(e.URL(), "http", "ws", 1),
		Region:       "us-east-1",
		Slow:         *slow,
		Advance:      func(d time.Duration) { _ = e.Clock().Advance(d) }, // one node, so without an error
		Reviews:      adminAPI(e.URL()),
		FailChange:   adminAPI(e.URL()).FailChange,
		ChatLogs:     adminAPI(e.URL()),
		Delivers:     true,
		Destinations: allDestinations(),
	}
}
