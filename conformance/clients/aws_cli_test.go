package clients_test

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// TestTheAWSCLI runs the scripts in testdata/aws-cli. Each has its own program at $URL.
func TestTheAWSCLI(t *testing.T) { // its scripts run at the same time, before the other tests
	need.Client(t, succeeds("aws", "--version"),
		"AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/aws-cli",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, awsEnvironment(env.WorkDir)...)
			env.Vars = append(env.Vars, "AWS_PAGER=", "AWS_DEFAULT_OUTPUT=json")
			env.Setenv("URL", program.Start(t))
			return nil
		},
		Condition: func(name string) (bool, error) {
			return name == "reads-endpoint-variable" && readsEndpointVariable(t), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"save-stdout": saveStdout,
		},
	})
}

// awsEnvironment returns environment variables for clients of AWS. The home directory keeps the
// configuration of the person who runs the test out of it.
func awsEnvironment(home string) []string {
	return []string{
		"AWS_ACCESS_KEY_ID=123456789012", // the account
		"AWS_SECRET_ACCESS_KEY=any",
		"AWS_REGION=eu-west-1",
		"AWS_DEFAULT_REGION=eu-west-1",
		"AWS_EC2_METADATA_DISABLED=true",
		"HOME=" + home,
	}
}

// readsEndpointVariable reports whether the AWS CLI reads AWS_ENDPOINT_URL_IVSCHAT, which the
// versions from 1.29 and from 2.13 on do.
func readsEndpointVariable(t *testing.T) bool {
	t.Helper()
	output, err := exec.Command("aws", "--version").CombinedOutput()
	version := regexp.MustCompile(`aws-cli/(\d+)\.(\d+)`).FindSubmatch(output)
	if err != nil || version == nil {
		t.Fatalf("%s: %v", output, err)
	}
	firstMinor := map[string]int{"1": 29, "2": 13}[string(version[1])]
	minor, err := strconv.Atoi(string(version[2]))
	return err == nil && minor >= firstMinor
}

// saveStdout is the command save-stdout NAME: it sets $NAME to what the last command printed.
func saveStdout(script *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) != 1 {
		script.Fatalf("usage: save-stdout NAME")
	}
	script.Setenv(args[0], strings.TrimRight(script.ReadFile("stdout"), "\r\n"))
}
