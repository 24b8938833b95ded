package clients_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// TestTheGuideToTroubleshootingHasTheMessagesOfTheAWSCLI makes the mistakes of the guide with the AWS CLI. The guide
// has what it says then, and doctor finds the reason.
func TestTheGuideToTroubleshootingHasTheMessagesOfTheAWSCLI(t *testing.T) {
	t.Parallel()
	need.Client(t, succeeds("aws", "--version"), "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	guide := guides.Read(t, "docs/troubleshooting.md")
	url := program.Start(t)
	for _, test := range []struct{ says, finds, variables string }{
		{"UnrecognizedClientException", "problem  signatures ", "AWS_ENDPOINT_URL_IVSCHAT=" + program.Start(t, "--auth", "iam")},
		{"Could not connect to the endpoint URL", "problem  connection ", "AWS_ENDPOINT_URL_IVSCHAT=http://127.0.0.1:1"},
		{"Invalid endpoint", "problem  endpoint ", "AWS_ENDPOINT_URL_IVSCHAT=localhost:4700"},
		{"You must specify a region", "problem  region ", "AWS_REGION= AWS_DEFAULT_REGION="},
		{"Unable to locate credentials", "problem  credentials ", "AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY="},
		{"The config profile (", "problem  profile ", "AWS_PROFILE=absent"},
		{"Failed to connect to proxy URL", "problem  proxy ", "HTTP_PROXY=http://127.0.0.1:1 NO_PROXY="},
		{"SSL validation failed", "problem  tls ", "AWS_ENDPOINT_URL_IVSCHAT=" + strings.Replace(url, "http", "https", 1)},
	} {
		t.Run(test.says, func(t *testing.T) {
			t.Parallel()
			environment := append(os.Environ(), awsEnvironment(t.TempDir())...)
			environment = append(environment, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "NO_PROXY=*",
				"AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL_IVSCHAT="+url)
			for _, variable := range strings.Fields(test.variables) {
				environment = append(environment, variable)
				if name, value, _ := strings.Cut(variable, "="); value == "" {
					environment = slices.DeleteFunc(environment, func(v string) bool { return strings.HasPrefix(v, name+"=") })
				}
			}
			cli := exec.CommandContext(t.Context(), "aws", "ivschat", "list-rooms")
			cli.Env = environment
			if output, err := cli.CombinedOutput(); err == nil || !strings.Contains(string(output), test.says) {
				t.Errorf("the AWS CLI does not say %q: %v\n%s", test.says, err, output)
			}
			doctor := exec.CommandContext(t.Context(), program.Path(t), "doctor")
			doctor.Env = append(environment, "PATH=") // without the AWS CLI, which takes a second
			if output, err := doctor.CombinedOutput(); err == nil || !strings.Contains(string(output), test.finds) {
				t.Errorf("doctor does not say %q: %v\n%s", test.finds, err, output)
			}
			if !strings.Contains(guide, "| `"+test.says) && !strings.Contains(guide, ", `"+test.says) {
				t.Errorf("the guide does not have %q", test.says)
			}
		})
	}
}
