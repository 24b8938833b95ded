// Command image makes container images of ivschat-local without a container engine: an OCI image index with an image
// for each platform, and an archive of each image that podman load and docker load read. The same programs give
// the same bytes, on every machine.
//
//	go run -C packages/image . --programs DIR --out DIR [--platform linux/amd64]
//
// Programs are in linux-amd64/ivschat-local, linux-arm64/ivschat-local and so on, below the first directory. The
// other one receives the OCI layout oci, and archives such as ivschat-local-linux-amd64.tar.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// repository is the name of the image, without a tag.
const repository = "ghcr.io/ivschat-local/ivschat-local"

// repositoryRoot is relative to the directory of this command, in which go run -C starts it.
const repositoryRoot = "../.."

func main() {
	programs := flag.String("programs", "", "directory with `DIR`/linux-amd64/ivschat-local and so on")
	out := flag.String("out", "", "`directory` for the images")
	platform := flag.String("platform", "", "the only `platform`, such as linux/amd64; otherwise all of Linux")
	revision := flag.String("revision", "", "the `commit` that the programs were built from")
	created := flag.String("created", "1970-01-01T00:00:00Z", "the `time` of this commit")
	flag.Parse()
	from := source{revision: *revision}
	var invalid, unknown error
	from.created, invalid = time.Parse(time.RFC3339, *created)
	from.version, unknown = readVersion(filepath.Join(repositoryRoot, "internal/build/build.go"))
	err := errors.Join(invalid, unknown)
	switch {
	case flag.NArg() > 0:
		err = fmt.Errorf("%q is not a flag", flag.Arg(0))
	case *programs == "" || *out == "":
		err = errors.New("--programs and --out are required")
	case err == nil:
		err = run(*programs, *out, *platform, from)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// run finds the programs, and writes their images.
func run(programs, out, platform string, from source) error {
	pattern := "linux-*"
	if platform != "" {
		pattern = strings.ReplaceAll(platform, "/", "-")
	}
	paths, err := filepath.Glob(filepath.Join(programs, pattern, "ivschat-local"))
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return fmt.Errorf("there is no program %s/%s/ivschat-local: make programs builds it", programs, pattern)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	return write(paths, from, out)
}

// readVersion returns the version of the emulator, which is a constant in a file of its own.
func readVersion(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	match := regexp.MustCompile(`(?m)^const Version = "([^"]+)"$`).FindSubmatch(text)
	if match == nil {
		return "", fmt.Errorf("%s has no line const Version = \"…\"", path)
	}
	return string(match[1]), nil
}

// write writes the images of programs. Files in the directory that it does not write stay there.
func write(programs []string, from source, out string) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, program := range programs {
		image, platform, err := imageOf(program, from)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: platform},
		})
		archive := filepath.Join(out, "ivschat-local-linux-"+platform.Architecture+".tar")
		if err := writeArchive(archive, image, from.version); err != nil {
			return err
		}
		if err := report(archive, image); err != nil {
			return err
		}
	}
	index = mutate.Annotations(index, from.labels()).(v1.ImageIndex)
	directory := filepath.Join(out, "oci")
	if err := os.RemoveAll(directory); err != nil {
		return err
	}
	path, err := layout.Write(directory, empty.Index)
	if err != nil {
		return err
	}
	tag := map[string]string{"org.opencontainers.image.ref.name": from.version}
	if err := path.AppendIndex(index, layout.WithAnnotations(tag)); err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d platforms, %s\n", directory, len(programs), digest)
	return nil
}

// writeArchive writes what podman load and docker load read. The image has two names there. The library would write
// them in any order.
func writeArchive(path string, image v1.Image, version string) error {
	reference, err := name.NewTag(repository + ":" + version)
	if err != nil {
		return err
	}
	manifest, err := tarball.ComputeManifest(map[name.Reference]v1.Image{reference: image})
	if err != nil {
		return err
	}
	manifest[0].RepoTags = []string{reference.String(), repository + ":latest"}
	text, err := json.Marshal(manifest)
	if err != nil {
		return err
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return err
	}
	layers, err := image.Layers()
	if err != nil {
		return err
	}
	files := []file{{"manifest.json", 0o644, 0, text}, {manifest[0].Config, 0o644, 0, config}}
	for i, layer := range layers {
		content, err := read(layer)
		if err != nil {
			return err
		}
		files = append(files, file{manifest[0].Layers[i], 0o644, 0, content})
	}
	var archive bytes.Buffer
	if err := writeTar(&archive, files); err != nil {
		return err
	}
	return os.WriteFile(path, archive.Bytes(), 0o644)
}

// read returns a layer as it is in a registry.
func read(layer v1.Layer) ([]byte, error) {
	reader, err := layer.Compressed()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return io.ReadAll(reader)
}

// report prints the size of an image: the sum of its compressed layers, which is what a client pulls, save for a
// few kilobytes.
func report(path string, image v1.Image) error {
	manifest, err := image.Manifest()
	if err != nil {
		return err
	}
	size := int64(0)
	for _, layer := range manifest.Layers {
		size += layer.Size
	}
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	fmt.Printf("%s: %.1f MB compressed, %s\n", path, float64(size)/1e6, digest)
	return nil
}
