package packages

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/mattn/go-shellwords"
	"go.yaml.in/yaml/v4"
)

// goreleaserBuild is a program in .goreleaser.yaml.
type goreleaserBuild struct {
	Main, Binary                      string
	Env, Goos, Goarch, Flags, Ldflags []string
	ModTimestamp                      string `yaml:"mod_timestamp"`
}

// readGoReleaser returns the programs in .goreleaser.yaml.
func readGoReleaser(t *testing.T) []goreleaserBuild {
	t.Helper()
	text, err := os.ReadFile("../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Builds []goreleaserBuild }
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Builds
}

// A makeBuild is a call of go build by make programs.
type makeBuild struct {
	target  string // GOOS/GOARCH
	env     []string
	flags   []string
	ldflags string
	main    string
}

// readMakefile returns what make programs calls for a commit.
func readMakefile(t *testing.T, commit, date string) (builds []makeBuild) {
	t.Helper()
	output := runIn(t, "..", "make", "-n", "programs", "commit="+commit, "date="+date)
	for line := range strings.Lines(strings.ReplaceAll(output, "\\\n", "")) {
		words, err := shellwords.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		build := slices.Index(words, "build")
		if build < 1 || words[build-1] != "go" {
			continue
		}
		variables := map[string]string{}
		b := makeBuild{main: words[len(words)-1]}
		for _, word := range words[:build-1] {
			name, value, _ := strings.Cut(word, "=")
			if variables[name] = value; name != "GOOS" && name != "GOARCH" {
				b.env = append(b.env, word)
			}
		}
		b.target = variables["GOOS"] + "/" + variables["GOARCH"]
		for i := build + 1; i < len(words)-1; i++ {
			switch words[i] {
			case "-ldflags":
				b.ldflags = words[i+1]
				i++
			case "-o":
				i++
			default:
				b.flags = append(b.flags, words[i])
			}
		}
		builds = append(builds, b)
	}
	return builds
}

// Otherwise the packages of npm, PyPI and the container image would have another program than the release.
func TestMakeProgramsAndGoReleaserBuildTheSame(t *testing.T) {
	made := readMakefile(t, "COMMIT-dirty", "DATE")
	var platforms []string
	for _, m := range made {
		platforms = append(platforms, m.target)
	}
	slices.Sort(platforms)
	var programs []string
	for _, b := range readGoReleaser(t) {
		programs = append(programs, b.Main)
		var targets []string
		for _, goos := range b.Goos {
			for _, goarch := range b.Goarch {
				targets = append(targets, goos+"/"+goarch)
			}
		}
		if slices.Sort(targets); !slices.Equal(targets, platforms) {
			t.Errorf("goreleaser builds %s for %v, make for %v", b.Main, targets, platforms)
		}
		if b.Main != "./cmd/"+b.Binary {
			t.Errorf("the program of %s is %s", b.Main, b.Binary)
		}
		ldflags := fill(t, strings.Join(b.Ldflags, " "), map[string]any{
			"FullCommit": "COMMIT", "IsGitDirty": true, "CommitDate": "DATE",
		})
		for _, m := range made {
			if !slices.Equal(m.env, b.Env) || !slices.Equal(m.flags, b.Flags) || m.ldflags != ldflags {
				t.Errorf("goreleaser builds %s with\n%q %q %s\nmake builds %s with\n%q %q %s",
					b.Main, b.Env, b.Flags, ldflags, m.target, m.env, m.flags, m.ldflags)
			}
		}
	}
	if slices.Sort(programs); !slices.Equal(programs, []string{"./cmd/ivschat-load", "./cmd/ivschat-local"}) {
		t.Errorf("goreleaser builds %q", programs)
	}
	if len(made) != 6 || made[0].main != "./cmd/ivschat-local" {
		t.Errorf("make builds %v", made)
	}
}

// fill fills a template of goreleaser.
func fill(t *testing.T, text string, values map[string]any) string {
	t.Helper()
	parsed, err := template.New("").Option("missingkey=error").Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := parsed.Execute(&out, values); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// sourceTree copies the files of the repository, as git knows them, into a directory.
func sourceTree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	list := runIn(t, "..", "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	for _, name := range strings.Split(strings.TrimSuffix(list, "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join("..", name))
		if os.IsNotExist(err) {
			continue // removed, but not yet in git
		}
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), content, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
