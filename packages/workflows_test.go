package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/ivschat-local/ivschat-local/internal/need"
)

// workflows returns the workflows of GitHub Actions and of the action that is published, by their paths.
func workflows(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(paths) < 2 {
		t.Fatalf("%d workflows: %v", len(paths), err)
	}
	texts := map[string]string{}
	for _, path := range append(paths, "action/action.yml") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	return texts
}

// actionlint fails the test if a workflow has a mistake, also in its shell scripts.
func actionlint(t *testing.T, paths ...string) {
	t.Helper()
	const module = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
	need.Client(t, exec.Command("go", "run", module, "-version").Run() == nil, "actionlint", "needs a network, once")
	runIn(t, ".", "go", append([]string{"run", module}, paths...)...)
}

func TestTheWorkflowsHaveNoMistakes(t *testing.T) {
	t.Parallel()
	var paths []string
	for path := range workflows(t) {
		if filepath.Base(path) != "action.yml" { // it is no workflow, and those that use it are checked with it
			paths = append(paths, path)
		}
	}
	actionlint(t, paths...)
}

// A tag of an action can be moved to other code, a commit cannot.
func TestWorkflowsUseActionsByTheirCommits(t *testing.T) {
	pinned := regexp.MustCompile(`^(\./\S+|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
	for path, text := range workflows(t) {
		for _, use := range regexp.MustCompile(`(?m)^ *-? *uses: (.*)$`).FindAllStringSubmatch(text, -1) {
			if !pinned.MatchString(use[1]) {
				t.Errorf("%s uses %s, which is not pinned as NAME@COMMIT # VERSION", path, use[1])
			}
		}
	}
}

func TestTheTargetsThatWorkflowsMakeExist(t *testing.T) {
	for path, text := range workflows(t) {
		for _, run := range regexp.MustCompile(`(?m)run: make (.*)$`).FindAllStringSubmatch(text, -1) {
			runIn(t, "..", "make", append([]string{"--dry-run"}, strings.Fields(run[1])...)...)
			t.Logf("%s makes %s", path, run[1])
		}
	}
}

// GitHub shows a form with a mistake to nobody, and says so only on its page of the repository.
func TestTheFormsOfIssuesAreValid(t *testing.T) {
	paths, err := filepath.Glob("../.github/ISSUE_TEMPLATE/*.yml")
	if err != nil || len(paths) != 4 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	for _, path := range paths {
		if filepath.Base(path) == "config.yml" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var form struct {
			Name, Description string
			Labels            []string
			Body              []struct {
				Type, ID    string
				Attributes  struct{ Label, Description, Render, Value string }
				Validations struct{ Required bool }
			}
		}
		if err := yaml.Load(text, &form, yaml.WithKnownFields()); err != nil || form.Name == "" || form.Description == "" {
			t.Errorf("%s is %+v: %v", path, form, err)
		}
		used := map[string]bool{}
		for _, field := range form.Body {
			isText := field.Type == "markdown" && field.Attributes.Value != ""
			isField := (field.Type == "input" || field.Type == "textarea") && field.Attributes.Label != "" && field.ID != ""
			if !isText && !isField || used[field.ID] {
				t.Errorf("%s: the field %+v", path, field)
			}
			used[field.ID] = true
		}
	}
}
