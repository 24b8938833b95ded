package packages

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// imageName is the name of the emulator's image of this version.
const imageName = "ghcr.io/ivschat-local/ivschat-local:" + emulator.Version

// buildImages makes the image of this platform once for all tests, and returns its directory.
var buildImages = sync.OnceValues(func() (dir string, err error) {
	programs, err := buildPrograms()
	if err != nil {
		return "", err
	}
	if imagesDir, err = os.MkdirTemp("", "images"); err != nil {
		return "", err
	}
	return imagesDir, makeImages(programs, imagesDir)
})

var imagesDir string // "" before the images are made

// makeImages makes the images of programs.
func makeImages(programs, out string) error {
	return execute(exec.Command("go", "run", "-C", "image", ".", "--programs", programs, "--out", out,
		"--revision", revision, "--created", created))
}

// What the images of the tests say they were made from.
const (
	revision = "0123456789abcdef0123456789abcdef01234567"
	created  = "2026-01-02T03:04:05Z"
)

// images returns the directory with the images of this platform.
func images(t testing.TB) string {
	t.Helper()
	needModules(t, "image")
	dir, err := buildImages()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// An image is what one of podman load's archives has.
type image struct {
	Architecture, OS string
	Created          time.Time
	Config           struct{ Labels map[string]string }

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

func decompress(t *testing.T, layer []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(layer))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return content
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

// Podman builds the last stage of the Dockerfile, with files in place of those that the first stage makes.
func TestTheDockerfileMakesAnImageWithTheConfigurationOfReleases(t *testing.T) {
	t.Parallel()
	e := engine(t)
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, stage, _ := strings.Cut(string(text), "\nFROM scratch\n")
	dir := t.TempDir()
	for name, content := range map[string]string{
		"Dockerfile": "FROM scratch AS build\nCOPY files /\nFROM scratch\n" + stage,
		"LICENSE":    "", noticesName: "", "files/out/ivschat-local": "", "files/etc/ssl/certs/ca-certificates.crt": "",
	} {
		write(t, dir, name, content)
	}
	volume := filepath.Join(dir, "files/volume/data")
	if err := errors.Join(os.MkdirAll(volume, 0o777), os.Chmod(volume, 0o777)); err != nil {
		t.Fatal(err)
	}
	e.run(t, "build", "--quiet", "--format", "docker", "--tag", "dockerfile", dir)
	config := func(image string) map[string]any {
		var found []map[string]any
		if err := json.Unmarshal([]byte(e.run(t, "image", "inspect", image)), &found); err != nil {
			t.Fatal(err)
		}
		all := found[0]["Config"].(map[string]any)
		all["Healthcheck"] = found[0]["Healthcheck"]
		delete(all, "Labels") // which say what a release was made from
		// Podman adds a PATH.
		all["Env"] = slices.DeleteFunc(all["Env"].([]any), func(v any) bool { return strings.HasPrefix(v.(string), "PATH=") })
		return all
	}
	if got, want := config(e.image), config("dockerfile"); !reflect.DeepEqual(got, want) {
		t.Errorf("an image of releases has %v\nthat of the Dockerfile %v", got, want)
	}
	root := e.run(t, "image", "mount", "dockerfile")
	defer e.run(t, "image", "unmount", "dockerfile")
	if data, err := os.Stat(filepath.Join(root, "data")); err != nil || data.Mode() != os.ModeDir|0o777 {
		t.Errorf("the Dockerfile makes /data %v: %v", data, err)
	}
}

func TestAnImageHasNothingButTheProgramLicensesAndCertificateAuthorities(t *testing.T) {
	t.Parallel()
	image := readImage(t)
	var names []string
	for _, layer := range image.layers {
		for _, file := range untar(t, decompress(t, layer)) {
			names = append(names, fmt.Sprintf("%s %o %d:%d", file.Name, file.Mode, file.Uid, file.Gid))
			if file.Name == "etc/ssl/certs/ca-certificates.crt" {
				checkAuthorities(t, file.content)
			}
			if name, found := strings.CutPrefix(file.Name, "licenses/"); found && name != "" &&
				string(file.content) != guides.Read(t, name) {
				t.Errorf("%s is another one than in the repository", file.Name)
			}
			if !file.ModTime.Equal(time.Unix(0, 0)) {
				t.Errorf("%s is from %s", file.Name, file.ModTime)
			}
		}
	}
	if want := []string{
		"data/ 777 65532:65532",
		"etc/ 755 0:0", "etc/ssl/ 755 0:0", "etc/ssl/certs/ 755 0:0", "etc/ssl/certs/ca-certificates.crt 644 0:0",
		"licenses/ 755 0:0", "licenses/LICENSE 644 0:0", "licenses/THIRD_PARTY_NOTICES 644 0:0", "ivschat-local 755 0:0",
	}; !slices.Equal(names, want) {
		t.Errorf("the files are %q, want %q", names, want)
	}
}

// checkAuthorities checks that certificates are those of many authorities, also of those of AWS.
func checkAuthorities(t *testing.T, text []byte) {
	t.Helper()
	names := map[string]bool{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		authority, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		names[authority.Subject.CommonName] = authority.IsCA
	}
	if len(names) < 100 || !names["Amazon Root CA 1"] || !names["ISRG Root X1"] {
		t.Errorf("the authorities are %v", slices.Sorted(maps.Keys(names)))
	}
}

func TestAnImageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	image := readImage(t)
	for label, want := range map[string]string{
		"title": "ivschat-local", "version": emulator.Version, "revision": revision, "licenses": "Apache-2.0",
		"created": created, "source": "https://github.com/ivschat-local/ivschat-local",
	} {
		if got := image.Config.Labels["org.opencontainers.image."+label]; got != want {
			t.Errorf("the label %s is %q, want %q", label, got, want)
		}
	}
	guide := image.Config.Labels["org.opencontainers.image.documentation"]
	_, path, _ := strings.Cut(guide, "/blob/main/")
	if _, err := os.Stat(filepath.Join("..", path)); err != nil {
		t.Errorf("the guide %s: %v", guide, err)
	}
	if image.Created.Format(time.RFC3339) != created || image.OS != "linux" || image.Architecture != runtime.GOARCH {
		t.Errorf("the image is for %s/%s, from %s", image.OS, image.Architecture, image.Created)
	}
	if !slices.Equal(image.tags, []string{imageName, "ghcr.io/ivschat-local/ivschat-local:latest"}) {
		t.Errorf("its names are %q", image.tags)
	}
}

// This is what a registry sends to a machine that has no other version.
func TestTheLayersOfAnImageAreSmall(t *testing.T) {
	t.Parallel()
	size := 0
	for _, layer := range readImage(t).layers {
		size += len(layer)
	}
	said := regexp.MustCompile(`A registry sends less than (\d+) MB`).FindStringSubmatch(guides.Read(t, "docs/containers.md"))
	if said == nil {
		t.Fatal("the guide does not say how much a registry sends")
	}
	if limit, _ := strconv.Atoi(said[1]); size >= limit*1e6 || size < (limit-2)*1e6 {
		t.Errorf("the layers have %d bytes, the guide says less than %d MB", size, limit)
	}
}

// A program with no code stands for that of another platform, because it is built faster.
func TestAnIndexHasAnImageForEachPlatformAndIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	platforms := []string{"linux/amd64", "linux/arm64"}
	for _, platform := range platforms {
		buildNothing(t, dir, platform)
	}
	var first map[string]string
	for _, out := range []string{"first", "second"} {
		out = filepath.Join(dir, out)
		if err := makeImages(dir, out); err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		err := fs.WalkDir(os.DirFS(out), ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(filepath.Join(out, path))
			found[path] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !maps.Equal(first, found) {
			t.Errorf("the files %q are not the same again: %q", slices.Sorted(maps.Keys(first)), slices.Sorted(maps.Keys(found)))
		}
		first = found
	}
	checkLayout(t, first, platforms)
}

// checkLayout checks an OCI layout: each file has the digest that is its name, and the index has the platforms.
func checkLayout(t *testing.T, files map[string]string, platforms []string) {
	t.Helper()
	type index struct {
		Manifests []struct {
			MediaType, Digest string
			Annotations       map[string]string
			Platform          struct{ OS, Architecture string }
		}
		Annotations map[string]string
	}
	read := func(path string) (found index) {
		if err := json.Unmarshal([]byte(files["oci/"+path]), &found); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return found
	}
	blob := func(digest string) string { return "blobs/" + strings.Replace(digest, ":", "/", 1) }
	top := read("index.json")
	if len(top.Manifests) != 1 || top.Manifests[0].Annotations["org.opencontainers.image.ref.name"] != emulator.Version {
		t.Fatalf("index.json has %+v", top.Manifests)
	}
	all := read(blob(top.Manifests[0].Digest))
	var found []string
	for _, manifest := range all.Manifests {
		found = append(found, manifest.Platform.OS+"/"+manifest.Platform.Architecture)
		if manifest.MediaType != "application/vnd.oci.image.manifest.v1+json" || files["oci/"+blob(manifest.Digest)] == "" {
			t.Errorf("the index has %+v", manifest)
		}
	}
	if !slices.Equal(found, platforms) || all.Annotations["org.opencontainers.image.title"] != "ivschat-local" {
		t.Errorf("the index has %q and %v", found, all.Annotations)
	}
	for path, content := range files {
		want, isBlob := strings.CutPrefix(path, "oci/blobs/sha256/")
		if got := fmt.Sprintf("%x", sha256.Sum256([]byte(content))); isBlob && got != want {
			t.Errorf("the digest of %s is %s", path, got)
		}
	}
}

func TestImagesAreMadeOnlyOfProgramsThatRunInThem(t *testing.T) {
	t.Parallel()
	wrong := t.TempDir()
	buildNothing(t, wrong, "linux/"+runtime.GOARCH)
	if err := os.Rename(filepath.Join(wrong, "linux-"+runtime.GOARCH), filepath.Join(wrong, "linux-mips")); err != nil {
		t.Fatal(err)
	}
	needsC := t.TempDir()
	buildNothing(t, needsC, "linux/"+runtime.GOARCH, "CGO_ENABLED=1")
	for want, programs := range map[string]string{
		"make programs builds it":                  t.TempDir(),
		"is a program for linux/" + runtime.GOARCH: wrong,
		"was not built with CGO_ENABLED=0":         needsC,
	} {
		if err := makeImages(programs, t.TempDir()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// buildNothing builds a program with no code, as if it was the emulator for a platform.
func buildNothing(t *testing.T, dir, platform string, variables ...string) {
	t.Helper()
	source := t.TempDir()
	write(t, source, "main.go", "package main\n\nfunc main() {}\n")
	system, architecture, _ := strings.Cut(platform, "/")
	program := filepath.Join(dir, system+"-"+architecture, "ivschat-local")
	build := exec.Command("go", "build", "-o", program, filepath.Join(source, "main.go"))
	build.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+architecture, "CGO_ENABLED=0")
	build.Env = append(build.Env, variables...)
	mustExecute(t, build)
}
