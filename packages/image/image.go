package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user is the user and group ID of the emulator in a container. It is that of other images without a root user.
const user = 65532

// imageOf returns the image of a program. The Dockerfile builds an image with the same configuration.
func imageOf(program string, from source) (v1.Image, *v1.Platform, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, nil, err
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	platform := &v1.Platform{OS: settings["GOOS"], Architecture: settings["GOARCH"]}
	if directory := filepath.Base(filepath.Dir(program)); directory != platform.OS+"-"+platform.Architecture {
		return nil, nil, fmt.Errorf("%s is a program for %s", program, platform)
	}
	if settings["CGO_ENABLED"] != "0" { // then it may need a C library, which the image does not have
		return nil, nil, fmt.Errorf("%s was not built with CGO_ENABLED=0", program)
	}
	layers, err := layersOf(program)
	if err != nil {
		return nil, nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{
		OS: platform.OS, Architecture: platform.Architecture, Created: v1.Time{Time: from.created},
		RootFS: v1.RootFS{Type: "layers"},
		Config: config(from.labels()),
	})
	if err != nil {
		return nil, nil, err
	}
	for _, layer := range layers {
		image, err = mutate.Append(image, mutate.Addendum{
			Layer: layer.content, MediaType: types.OCILayer,
			History: v1.History{Created: v1.Time{Time: from.created}, CreatedBy: layer.name},
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return image, platform, nil
}

// A source says what a program was built from.
type source struct {
	version  string
	revision string    // the commit, "" if it is unknown
	created  time.Time // the time of the commit, otherwise the start of 1970
}

// labels returns the labels of images, which are annotations of their index, too.
func (s source) labels() map[string]string {
	const url = "https://github.com/ivschat-local/ivschat-local"
	labels := map[string]string{
		"org.opencontainers.image.title":         "ivschat-local",
		"org.opencontainers.image.description":   "A local emulator of Amazon IVS Chat",
		"org.opencontainers.image.version":       s.version,
		"org.opencontainers.image.created":       s.created.Format(time.RFC3339),
		"org.opencontainers.image.licenses":      "Apache-2.0",
		"org.opencontainers.image.url":           url,
		"org.opencontainers.image.source":        url,
		"org.opencontainers.image.documentation": url + "/blob/main/docs/containers.md",
	}
	if s.revision != "" {
		labels["org.opencontainers.image.revision"] = s.revision
	}
	return labels
}

// config returns the part of the configuration that an engine takes over into containers. An image in the OCI format
// has no health check, but Docker also uses that of such an image. Podman only uses that of the archive.
func config(labels map[string]string) v1.Config {
	return v1.Config{
		User:         fmt.Sprintf("%d:%d", user, user),
		Env:          []string{"IVSCHAT_LISTEN=0.0.0.0:4700", "IVSCHAT_DATA=/data"},
		ExposedPorts: map[string]struct{}{"4700/tcp": {}},
		Volumes:      map[string]struct{}{"/data": {}},
		Entrypoint:   []string{"/ivschat-local"},
		Labels:       labels,
		Healthcheck: &v1.HealthConfig{
			Test:     []string{"CMD", "/ivschat-local", "health", "--process", "1"},
			Interval: 5 * time.Second, Timeout: 3 * time.Second, StartPeriod: 2 * time.Second,
		},
	}
}

// A layer has a name for the history of the image.
type layer struct {
	name    string
	content v1.Layer
}

// A file is an entry of a layer: a directory if its name ends with a slash.
type file struct {
	name    string
	mode    int64
	owner   int
	content []byte
}

// layersOf returns the layers of an image. The first one is the same for all platforms and versions. Everyone may
// write to /data, so that a new volume, which takes over the mode, also works with another --user.
func layersOf(program string) ([]layer, error) {
	files := []file{{"licenses/", 0o755, 0, nil}}
	for _, name := range []string{"LICENSE", "THIRD_PARTY_NOTICES"} {
		text, err := os.ReadFile(filepath.Join(repositoryRoot, name))
		if err != nil {
			return nil, err
		}
		files = append(files, file{"licenses/" + name, 0o644, 0, text})
	}
	text, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	base, err := pack(
		file{"data/", 0o777, user, nil},
		file{"etc/", 0o755, 0, nil},
		file{"etc/ssl/", 0o755, 0, nil},
		file{"etc/ssl/certs/", 0o755, 0, nil},
		file{"etc/ssl/certs/ca-certificates.crt", 0o644, 0, authorities()},
	)
	if err != nil {
		return nil, err
	}
	own, err := pack(append(files, file{"ivschat-local", 0o755, 0, text})...)
	return []layer{{"certificate authorities, /data", base}, {"ivschat-local, licenses", own}}, err
}

// pack returns a layer with files.
func pack(files ...file) (v1.Layer, error) {
	var packed bytes.Buffer
	compressor, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(writeTar(compressor, files), compressor.Close()); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(packed.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
}

// writeTar writes files with the time 0, the start of 1970.
func writeTar(w io.Writer, files []file) error {
	archive := tar.NewWriter(w)
	for _, file := range files {
		header := &tar.Header{
			Name: file.name, Mode: file.mode, Uid: file.owner, Gid: file.owner, Size: int64(len(file.content)),
			Typeflag: tar.TypeReg, ModTime: time.Unix(0, 0), Format: tar.FormatPAX,
		}
		if strings.HasSuffix(file.name, "/") {
			header.Typeflag = tar.TypeDir
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(file.content); err != nil {
			return err
		}
	}
	return archive.Close()
}

// authorities returns the certificates of Mozilla's list of authorities, as PEM. They come from a Go module, so that
// go.sum says which they are, and not the machine. An authority that is trusted only for certificates from before a
// date is left out, because a file of certificates cannot express that.
func authorities() []byte {
	var text bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer never fails
		}
	}
	return text.Bytes()
}
