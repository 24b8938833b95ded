package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
)

// TestTheGuideToCIWorks runs the steps of the guide. Docker is podman, and npm stands for the tests of a user.
func TestTheGuideToCIWorks(t *testing.T) {
	t.Parallel()
	guide := guides.Open(t, "docs/ci.md", "sh", "yaml")
	need.Client(t, lookUp("bash", "curl", "aws"), "bash, curl and the AWS CLI", "apt-get install curl awscli")
	e := engine(t)
	bin := t.TempDir()
	writeProgram(t, bin, "npm", `curl -fsS -X POST "$AWS_ENDPOINT_URL_IVSCHAT/CreateRoom" -d '{}'`)
	for _, block := range guide.Blocks("sh") {
		// Another program may use port 4700.
		commands := strings.Replace(block.Code, "127.0.0.1:4700:4700", "127.0.0.1::4700", 1)
		commands = strings.Replace(commands, "127.0.0.1:4700", "$(docker port ivschat 4700/tcp)", 1)
		shell := exec.Command("bash", "-ec", `PATH="$TOOLS:$PATH"`+"\n"+commands)
		shell.Dir = t.TempDir()
		shell.Env = append(e.withDocker(t), "TOOLS="+bin+":"+filepath.Dir(releaseProgram(t)))
		output, err := shell.CombinedOutput()
		if err != nil || !strings.Contains(string(output), `"arn":"arn:aws:ivschat:`) {
			t.Errorf("%v\n%s\n%s", err, block.Code, output)
		}
	}
	runWorkflow(t, guide.Block("yaml", "packages/action"))

	var gitlab struct {
		Test struct {
			Services  []struct{ Name, Alias string }
			Variables map[string]string
		}
	}
	if err := yaml.Unmarshal([]byte(guide.Block("yaml", "services:")), &gitlab); err != nil {
		t.Fatal(err)
	}
	service, variables := gitlab.Test.Services[0], gitlab.Test.Variables
	if service.Name != imageName || variables["AWS_ENDPOINT_URL_IVSCHAT"] != "http://"+service.Alias+":4700" ||
		variables["IVSCHAT_MESSAGING_URL"] != "ws://"+service.Alias+":4700" {
		t.Errorf("the service is %+v, the variables are %v", service, variables)
	}
}

// runWorkflow lints a workflow and runs its steps, as a runner does.
func runWorkflow(t *testing.T, text string) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "workflow.yml", text)
	actionlint(t, filepath.Join(dir, "workflow.yml"))
	var workflow struct {
		Jobs map[string]struct {
			Env   map[string]string
			Steps []struct {
				ID, Uses, If, Run string
				Env               map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	job := workflow.Jobs["test"]
	var environment []string
	for name, value := range job.Env {
		environment = append(environment, name+"="+value)
	}
	outputs := map[string]string{}
	output := regexp.MustCompile(`\$\{\{ steps\.ivschat\.outputs\.([\w-]+) \}\}`)
	for _, step := range job.Steps {
		switch {
		case step.Uses == "ivschat-local/ivschat-local/packages/action@v"+emulator.Version:
			run := runAction(t, append(environment, "PROGRAM="+releaseProgram(t))...)
			if run.err != nil {
				t.Fatalf("%v\n%s", run.err, run.printed)
			}
			for name, value := range run.environment {
				environment = append(environment, name+"="+value)
			}
			outputs = run.outputs
		case step.Run != "":
			command := exec.Command("bash", "-ec", step.Run)
			command.Env = append(os.Environ(), environment...)
			for name, value := range step.Env {
				value = output.ReplaceAllStringFunc(value, func(use string) string {
					return outputs[output.FindStringSubmatch(use)[1]]
				})
				command.Env = append(command.Env, name+"="+value)
			}
			if printed, err := command.CombinedOutput(); err != nil || len(printed) == 0 {
				t.Errorf("%s: %v\n%s", step.Run, err, printed)
			}
		}
	}
	if len(outputs) == 0 {
		t.Error("the workflow does not use the action")
	}
}

func TestTheGuideToCIHasTheInputsAndOutputsOfTheAction(t *testing.T) {
	text := guides.Read(t, "docs/ci.md")
	action := readAction(t)
	for name, input := range action.Inputs {
		value := ""
		if input.Default != "" {
			value = "`" + input.Default + "` "
		}
		if row := "| `" + name + "` | " + input.Description + " | " + value + "|\n"; !strings.Contains(text, row) {
			t.Errorf("the guide does not have %s", row)
		}
	}
	for name, output := range action.Outputs {
		if row := "| `" + name + "` | " + output.Description + " |\n"; !strings.Contains(text, row) {
			t.Errorf("the guide does not have %s", row)
		}
	}
}
