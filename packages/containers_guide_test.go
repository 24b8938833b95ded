package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
)

// A block of commands that starts containers begins without containers, as a reader does who skips parts.
func TestTheCommandsOfTheGuideToContainers(t *testing.T) {
	t.Parallel()
	_, missing := exec.LookPath("catatonit")
	need.Client(t, missing == nil, "catatonit", "apt-get install catatonit") // for podman kube play
	guide := guides.Open(t, "docs/containers.md", "sh", "yaml")
	m := newComposeMachine(t)
	if err := os.CopyFS(filepath.Join(m.dir, "examples/compose"), os.DirFS("../examples/compose")); err != nil {
		t.Fatal(err)
	}
	m.variables = append(m.variables, "CURL_HOME="+m.dir)
	m.write(".curlrc", "silent\nshow-error\nfail\n")
	manifest := guide.Block("yaml", "kind: Deployment")
	if !strings.Contains(manifest, imageName+"\n") {
		t.Errorf("the manifest does not have the image %s", imageName)
	}
	m.write("ivschat.yaml", manifest)
	for _, block := range guide.Blocks("sh") {
		switch {
		case strings.Contains(block.Code, "--detach") || strings.Contains(block.Code, "kube play"):
			m.await("podman rm --all --force --time 0")
			m.run(block.Code)
			m.await(healthy + " || curl localhost:4701/health")
		case strings.Contains(block.Code, "--network"): // podman's DNS server knows no names for a moment at the start
			m.await(block.Code)
		default:
			m.run(block.Code)
		}
	}
	runOtherGuides(t, m)
}

// runOtherGuides starts the containers of other guides, to see that each gets ready.
func runOtherGuides(t *testing.T, m *machine) {
	t.Helper()
	m.write("callers.yaml", "- accessKeyId: ADMIN\n  secretAccessKey: admin-secret\n  policies: [IVSFullAccess]\n")
	ran := 0
	for _, path := range []string{
		"docs/ci.md", "docs/console.md", "docs/install.md", "docs/permissions.md", "docs/tls.md",
	} {
		for _, match := range startsContainer.FindAllStringSubmatch(guides.Read(t, path), -1) {
			ran++
			m.await("podman rm --all --force --time 0")
			m.run("docker run --detach" + match[1])
			m.await(healthy)
		}
	}
	if ran < 5 {
		t.Errorf("the other guides start %d containers", ran)
	}
}

// startsContainer matches a command in a block or in a line of text.
var startsContainer = regexp.MustCompile("(?m)(?:^|`)docker run(?: --rm| --detach)( [^`\n]+)")
