package clients_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// need skips a test for want of a program, or fails it where none may be
// wanting.
func need(t *testing.T, program, how string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("REQUIRE_CLIENTS") != "" {
		t.Fatalf("%s is not installed: %s", program, how)
	}
	t.Skipf("%s is not installed: %s", program, how)
}

// TestTheAWSCLI runs the scripts in testdata/aws-cli, each against an emulator
// of its own at $URL.
func TestTheAWSCLI(t *testing.T) {
	need(t, "aws", "apt-get install awscli, or https://aws.amazon.com/cli")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/aws-cli",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			e, err := emulator.New(emulator.Config{})
			if err != nil {
				return err
			}
			env.Defer(func() {
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			})
			env.Vars = append(env.Vars,
				"AWS_ACCESS_KEY_ID=123456789012", // the account
				"AWS_SECRET_ACCESS_KEY=any",
				"AWS_DEFAULT_REGION=eu-west-1",
				"AWS_EC2_METADATA_DISABLED=true",
				"AWS_PAGER=",
				"AWS_DEFAULT_OUTPUT=json",
				"HOME="+env.WorkDir, // no configuration of whoever runs the test
			)
			if err := e.Start(); err != nil {
				return err
			}
			env.Setenv("URL", e.URL())
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"remember": remember,
		},
	})
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
