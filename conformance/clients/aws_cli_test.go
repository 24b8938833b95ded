package clients_test

import (
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ivschat-local/ivschat-local/conformance/internal/program"
)

// TestTheAWSCLI runs the scripts in testdata/aws-cli, each against a program of
// its own at $URL.
func TestTheAWSCLI(t *testing.T) {
	need(t, have("aws", "--version"), "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/aws-cli",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, surroundings(env.WorkDir)...)
			env.Vars = append(env.Vars, "AWS_PAGER=", "AWS_DEFAULT_OUTPUT=json")
			env.Setenv("URL", program.Start(t))
			return nil
		},
		Condition: func(name string) (bool, error) {
			return name == "knows-endpoint-variable" && knowsTheEndpointVariable(t), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"remember": remember,
		},
	})
}

// surroundings are an environment for clients of AWS, without the configuration
// of whoever runs the test.
func surroundings(home string) []string {
	return []string{
		"AWS_ACCESS_KEY_ID=123456789012", // the account
		"AWS_SECRET_ACCESS_KEY=any",
		"AWS_REGION=eu-west-1",
		"AWS_DEFAULT_REGION=eu-west-1",
		"AWS_EC2_METADATA_DISABLED=true",
		"HOME=" + home,
	}
}

// knowsTheEndpointVariable reports whether the AWS CLI is one that reads
// AWS_ENDPOINT_URL_IVSCHAT: from 1.29 or 2.13 on.
func knowsTheEndpointVariable(t *testing.T) bool {
	t.Helper()
	output, err := exec.Command("aws", "--version").CombinedOutput()
	version := regexp.MustCompile(`aws-cli/(\d+)\.(\d+)`).FindSubmatch(output)
	if err != nil || version == nil {
		t.Fatalf("%s: %v", output, err)
	}
	since := map[string]int{"1": 29, "2": 13}[string(version[1])]
	minor, err := strconv.Atoi(string(version[2]))
	return err == nil && minor >= since
}

// remember NAME keeps what the last command printed as $NAME.
func remember(script *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) != 1 {
		script.Fatalf("usage: remember NAME")
	}
	text := script.ReadFile("stdout")
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	script.Setenv(args[0], text)
}
