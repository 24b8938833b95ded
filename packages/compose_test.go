package packages

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/need"
)

// A composeFile is a Compose file after Compose has resolved it.
type composeFile struct {
	Services map[string]struct {
		Image       string
		Build       *struct{ Context string }
		Command     []string
		Entrypoint  []string
		Environment map[string]string
		Ports       []struct {
			Published string
			HostIP    string `json:"host_ip"`
		}
		HealthCheck *struct{ Test []string }
		DependsOn   map[string]struct{ Condition string } `json:"depends_on"`
	}
}

// readCompose reads one of the examples with the library of Docker Compose, which fails if it does not follow the
// Compose Specification, or names something that is not in it.
func readCompose(t *testing.T, name string) (file composeFile) {
	t.Helper()
	needModules(t, "compose")
	path, err := filepath.Abs(filepath.Join("../examples/compose", name))
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	command := exec.Command("go", "run", "-C", "compose", ".", path)
	command.Stderr = &stderr
	command.Env = append(os.Environ(),
		"IVSCHAT_CLUSTER_SECRET=a secret of a cluster", "LOCALSTACK_AUTH_TOKEN=token", "IVSCHAT_IMAGE=")
	output, err := command.Output()
	if err == nil {
		err = json.Unmarshal(output, &file)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, &stderr)
	}
	return file
}

func TestEveryComposeFileIsValid(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../examples/compose/*.yaml")
	if err != nil || len(paths) != 5 {
		t.Fatalf("the files are %q: %v", paths, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			file := readCompose(t, filepath.Base(path))
			for name, service := range file.Services {
				for _, port := range service.Ports {
					if port.HostIP != "127.0.0.1" {
						t.Errorf("the port %s of %s is open to other machines", port.Published, name)
					}
				}
				registry, _, _ := strings.Cut(service.Image, "/")
				if service.Build == nil && !strings.Contains(registry, ".") {
					t.Errorf("the image %s has no registry", service.Image)
				}
				for other, dependency := range service.DependsOn {
					if dependency.Condition == "service_healthy" && file.Services[other].HealthCheck == nil && !hasHealthCheck[other] {
						t.Errorf("%s waits for %s, which has no health check", name, other)
					}
				}
			}
			for _, name := range []string{"ivschat", "node-1"} {
				if service, ok := file.Services[name]; ok && service.Image != imageName {
					t.Errorf("%s has the image %s, want %s", name, service.Image, imageName)
				}
			}
			ivschat, ok := file.Services["ivschat"]
			if check := []string{"CMD", "/ivschat-local", "health", "--process", "1"}; ok &&
				(ivschat.HealthCheck == nil || !slices.Equal(ivschat.HealthCheck.Test, check)) {
				t.Errorf("the health check is %v, not that of the image", ivschat.HealthCheck)
			}
		})
	}
}

// hasHealthCheck has the services whose images have a health check.
var hasHealthCheck = map[string]bool{"localstack": true, "floci": true}

// newComposeMachine starts a machine with docker compose, for which podman-compose stands. Its current directory is a
// copy of the examples.
func newComposeMachine(t *testing.T) *machine {
	t.Helper()
	compose, err := filepath.Abs("compose/venv/bin/podman-compose")
	if err != nil {
		t.Fatal(err)
	}
	_, missing := os.Stat(compose)
	need.Client(t, missing == nil, "podman-compose", "make packages/compose/venv")
	m := newMachine(t)
	m.tool("docker", fmt.Sprintf("if [ \"$1\" = compose ]; then shift; exec %s \"$@\"; fi\nexec podman \"$@\"", compose))
	if err := os.CopyFS(m.dir, os.DirFS("../examples/compose")); err != nil {
		t.Fatal(err)
	}
	return m
}

const healthy = "curl -sSf localhost:4700/health"

func TestTheEmulatorAloneInComposeKeepsItsRooms(t *testing.T) {
	t.Parallel()
	m := newComposeMachine(t)
	list := func() string { return m.run("curl -sSf localhost:4700/ListRooms -d '{}'") }
	m.run("docker compose -f alone.yaml up --detach --wait")
	m.await(healthy)
	m.run("podman healthcheck run ivschat_ivschat_1")
	m.run(`curl -sSf localhost:4700/CreateRoom -d '{"name": "lobby"}'`)
	m.run("docker compose -f alone.yaml down")
	m.run("docker compose -f alone.yaml up --detach --wait")
	m.await(healthy)
	if rooms := list(); !strings.Contains(rooms, `"lobby"`) {
		t.Errorf("after a new start, the rooms are %s", rooms)
	}
	m.run("docker compose -f alone.yaml down --volumes")
	m.run("docker compose -f alone.yaml up --detach --wait")
	m.await(healthy)
	if rooms := list(); strings.Contains(rooms, `"lobby"`) {
		t.Errorf("without the volume, the rooms are %s", rooms)
	}
}

// The back end is built here, because the image for that cannot be pulled without a network.
func TestAWebApplicationInCompose(t *testing.T) {
	t.Parallel()
	needModules(t, "../examples/compose/web")
	_, missing := exec.LookPath("chromium")
	need.Client(t, missing == nil, "Chromium", "apt-get install chromium")
	m := newComposeMachine(t)
	build := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(m.dir, "image/out/web"), ".")
	build.Dir = "../examples/compose/web"
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	mustExecute(t, build)
	text, err := os.ReadFile("../examples/compose/web/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, stage, _ := strings.Cut(string(text), "\nFROM scratch\n")
	stage = "FROM scratch AS build\nCOPY out /out\nFROM scratch\n" + stage
	m.write("image/Dockerfile", stage)
	m.run("docker build --quiet --tag ivschat-web image")
	m.run("docker compose -f web.yaml up --detach --wait")
	m.await(healthy)
	if page := m.await("curl -sSf localhost:8080"); !strings.Contains(page, "new WebSocket") {
		t.Errorf("the page is %s", page)
	}
	var joined struct{ Token, URL string }
	err = json.Unmarshal([]byte(m.await(`curl -sSf localhost:8080/join -d '{"user": "anna"}'`)), &joined)
	if err != nil || joined.URL != "ws://localhost:4700" {
		t.Fatalf("the browser gets %+v: %v", joined, err)
	}
	// The page shows that it is connected. The browser does not wait for that, so it may take several.
	m.await(`chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$PWD/profile" \
		--virtual-time-budget=10000 --dump-dom 'http://localhost:8080/?user=anna' | grep 'placeholder="Say something"'`)
}

// moto stands for LocalStack and floci. The commands and variables are those of the files.
func TestTheSetUpOfTheComposeFilesBesideAnotherServer(t *testing.T) {
	t.Parallel()
	moto, err := filepath.Abs("../conformance/clients/moto/venv/bin/moto_server")
	if err != nil {
		t.Fatal(err)
	}
	_, missing := os.Stat(moto)
	need.Client(t, missing == nil, "moto", "make conformance/clients/moto/venv")
	_, missing = exec.LookPath("aws")
	need.Client(t, missing == nil, "AWS CLI", "apt-get install awscli, or https://aws.amazon.com/cli")
	setUp := readCompose(t, "localstack.yaml").Services["set-up"]
	for name, value := range setUp.Environment {
		setUp.Environment[name] = strings.Replace(value, "localstack", "floci", 1)
	}
	file := readCompose(t, "floci.yaml")
	if !reflect.DeepEqual(setUp, file.Services["set-up"]) {
		t.Errorf("the set-up is %+v in one file, %+v in the other", setUp, file.Services["set-up"])
	}
	if !slices.Equal(setUp.Entrypoint, []string{"bash", "-euc"}) || len(setUp.Command) != 1 {
		t.Fatalf("the set-up is %q %q", setUp.Entrypoint, setUp.Command)
	}
	m := newMachine(t)
	m.write("hosts", "127.0.0.1 localhost ivschat floci\n")
	m.run("mount --bind hosts /etc/hosts")
	m.start(moto + " --host 127.0.0.1 --port 4566")
	m.run("docker run --detach --network host " + imageName + " " + strings.Join(file.Services["ivschat"].Command, " "))
	m.await(healthy)
	m.await("curl -sSf -o /dev/null localhost:4566")
	for name, value := range setUp.Environment {
		m.variables = append(m.variables, name+"="+value)
	}
	m.variables = append(m.variables, "AWS_DEFAULT_REGION="+setUp.Environment["AWS_REGION"]) // of version 1 of the CLI
	m.run(setUp.Command[0])
	m.run(`room=$(aws ivschat list-rooms --name lobby --query rooms[0].arn --output text)
		echo hello | docker run --rm -i --network host ` + imageName + ` chat "$room" --as anna
		curl -sSf -X POST localhost:4700/_ivschat/v1/chat-logs/flush`)
	if objects := m.run("aws s3 ls --recursive s3://chat-logs"); !strings.Contains(objects, "IVSChatLogs") {
		t.Errorf("the objects are %s", objects)
	}
}
