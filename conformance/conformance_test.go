package conformance_test

import (
	"context"
	"flag"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/emulator"
)

var (
	endpoint  = flag.String("endpoint", "", "control plane of the target; aws is the service itself; without it an emulator is started")
	messaging = flag.String("messaging", "", "messaging endpoint of the target (default: the endpoint, as ws)")
	region    = flag.String("region", "us-east-1", "region of the target")
	prefix    = flag.String("prefix", "conformance-", "beginning of the names that are given at the target")
	slow      = flag.Bool("slow", false, "check also what takes minutes")
	report    = flag.String("report", "", "file for the report: .md, .json or .xml")
	update    = flag.Bool("update", false, "write CLAIMS.md")
)

// target is what the flags say.
func target(t *testing.T) conformance.Target {
	t.Helper()
	target := conformance.Target{Endpoint: *endpoint, Messaging: *messaging, Region: *region, Prefix: *prefix, Slow: *slow}
	switch *endpoint {
	case "":
		return inProcess(start(t, emulator.Config{}))
	case "aws":
		target.Endpoint, target.Real = "", true
		if os.Getenv("AWS_ACCESS_KEY_ID") == "" || os.Getenv("AWS_SECRET_ACCESS_KEY") == "" {
			t.Fatal("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
		}
		target.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
				SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
			}, nil
		})
	default:
		if target.Messaging == "" {
			target.Messaging = strings.Replace(*endpoint, "http", "ws", 1)
		}
		target.Advance = remoteClock(t, *endpoint)
	}
	return target
}

// remoteClock moves the clock of an ivschat-local that is somewhere else. It is
// nil if there is none to be moved.
func remoteClock(t *testing.T, endpoint string) func(time.Duration) {
	t.Helper()
	const clock = "/_ivschat/v1/clock"
	response, err := http.Get(endpoint + clock)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil
	}
	return func(d time.Duration) {
		response, err := http.Post(endpoint+clock, "application/json", strings.NewReader(`{"advance":"`+d.String()+`"}`))
		if err != nil {
			t.Error(err)
			return
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("the clock was not moved: %s", response.Status)
		}
	}
}

// inProcess is an emulator whose clock can be moved.
func inProcess(e *emulator.Emulator) conformance.Target {
	return conformance.Target{Endpoint: e.URL(), Messaging: strings.Replace(e.URL(), "http", "ws", 1), Region: "us-east-1", Slow: *slow, Advance: e.Clock().Advance}
}

func TestConformance(t *testing.T) {
	result := conformance.Run(t, target(t))
	if *report != "" {
		text, err := result.Encode(*report)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(*report, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheCatalogueIsWhatTheClaimsAre(t *testing.T) {
	want := string(conformance.Catalogue())
	if *update {
		if err := os.WriteFile("CLAIMS.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("CLAIMS.md"); err != nil || string(got) != want {
		t.Errorf("CLAIMS.md is not current: go test ./conformance -run Catalogue -args -update (%v)", err)
	}
}

func TestClaimsAreWellFormed(t *testing.T) {
	claims := conformance.Claims()
	if len(claims) < 150 {
		t.Errorf("there are %d claims", len(claims))
	}
	seen, sentences := map[string]bool{}, map[string]bool{}
	for _, claim := range claims {
		if seen[claim.ID] || sentences[claim.Sentence] {
			t.Errorf("%s %s is there twice", claim.ID, claim.Sentence)
		}
		seen[claim.ID], sentences[claim.Sentence] = true, true
		if !regexp.MustCompile(`^[CM][1-9]\d\d$`).MatchString(claim.ID) || !regexp.MustCompile(`^\S.*\.$`).MatchString(claim.Sentence) || claim.Source == "" {
			t.Errorf("%s is malformed: %q, %q", claim.ID, claim.Sentence, claim.Source)
		}
	}
}
