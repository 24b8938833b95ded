package packages

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// imageName is the name of the emulator's image of this version.
const imageName = "ghcr.io/ivschat-local/ivschat-local:" + emulator.Version

// buildImages makes the image of this platform once for all tests, and returns its directory.
var buildImages = sync.OnceValues(func() (dir string, err error) {
	programs, err := buildPrograms()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(programs, "image")
	return dir, makeImages(programs, dir)
})

// makeImages makes the images of programs.
func makeImages(programs, out string) error {
	command := exec.Command("go", "run", "-C", "image", ".", "--programs", programs, "--out", out,
		"--revision", revision, "--created", "2026-01-02T03:04:05Z")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", command, err, output)
	}
	return nil
}

const revision = "0123456789abcdef0123456789abcdef01234567"

// images returns the directory with the images of this platform.
func images(t *testing.T) string {
	t.Helper()
	dir, err := buildImages()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// An imageConfig is the part of an image's configuration that engines take over into containers.
type imageConfig struct {
	User                  string
	Env, Entrypoint       []string
	ExposedPorts, Volumes map[string]struct{}
	Labels                map[string]string
	Healthcheck           struct {
		Test                           []string
		Interval, Timeout, StartPeriod time.Duration
	}
}

// An image is what one of podman load's archives has.
type image struct {
	Architecture, OS string
	Created          time.Time
	Config           imageConfig

	tags   []string
	layers [][]byte // compressed
}

// readImage reads the archive of this platform.
func readImage(t *testing.T) (found image) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(images(t), "ivschat-local-linux-"+runtime.GOARCH+".tar"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, file := range untar(t, text) {
		files[file.Name] = file.content
	}
	var manifest []struct {
		Config           string
		RepoTags, Layers []string
	}
	err = json.Unmarshal(files["manifest.json"], &manifest)
	if err != nil || len(manifest) != 1 {
		t.Fatalf("the manifest is %s: %v", files["manifest.json"], err)
	}
	if err := json.Unmarshal(files[manifest[0].Config], &found); err != nil {
		t.Fatal(err)
	}
	found.tags = manifest[0].RepoTags
	for _, layer := range manifest[0].Layers {
		found.layers = append(found.layers, files[layer])
	}
	return found
}

// A tarFile is a file in a tar archive.
type tarFile struct {
	*tar.Header
	content []byte
}

func untar(t *testing.T, archive []byte) (files []tarFile) {
	t.Helper()
	for reader := tar.NewReader(bytes.NewReader(archive)); ; {
		header, err := reader.Next()
		if err == io.EOF {
			return files
		}
		content, unread := io.ReadAll(reader)
		if err := errors.Join(err, unread); err != nil {
			t.Fatal(err)
		}
		files = append(files, tarFile{header, content})
	}
}

func TestTheImageOfReleasesIsConfiguredAsThatOfTheDockerfile(t *testing.T) {
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, stage, _ := strings.Cut(string(text), "\nFROM scratch\n")
	got := readImage(t).Config
	got.Labels = nil
	var want imageConfig
	for _, line := range regexp.MustCompile(`(?m)^([A-Z]+) (.*)$`).FindAllStringSubmatch(stage, -1) {
		value := line[2]
		switch line[1] {
		case "USER":
			want.User = value
		case "ENV":
			want.Env = strings.Fields(value)
		case "EXPOSE":
			want.ExposedPorts = map[string]struct{}{value + "/tcp": {}}
		case "VOLUME":
			want.Volumes = map[string]struct{}{value: {}}
		case "ENTRYPOINT":
			err = errors.Join(err, json.Unmarshal([]byte(value), &want.Entrypoint))
		case "HEALTHCHECK":
			options, command, _ := strings.Cut(value, " CMD ")
			check := &want.Healthcheck
			err = errors.Join(err, json.Unmarshal([]byte(command), &check.Test))
			check.Test = append([]string{"CMD"}, check.Test...)
			flags := flag.NewFlagSet("HEALTHCHECK", flag.ContinueOnError)
			flags.DurationVar(&check.Interval, "interval", 0, "")
			flags.DurationVar(&check.Timeout, "timeout", 0, "")
			flags.DurationVar(&check.StartPeriod, "start-period", 0, "")
			err = errors.Join(err, flags.Parse(strings.Fields(options)))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the image has %+v\nthe Dockerfile %+v", got, want)
	}
}
