package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/secretfile"
	"github.com/ivschat-local/ivschat-local/store"
)

// ClusterSettings say how a cluster is reached, for its nodes and for the commands about its keys.
type ClusterSettings struct {
	NATS            []string `name:"nats" env:"IVSCHAT_NATS" secret:"" help:"URL of a NATS server with JetStream, nats://… or tls://…, with which several emulators work as one service. Several URLs, separated by commas, are those of the servers of one NATS cluster." placeholder:"URL"`
	NATSPrefix      string   `name:"nats-prefix" env:"IVSCHAT_NATS_PREFIX" default:"ivschat" help:"How the names of all that the cluster has in NATS begin. Emulators with the same NATS and the same prefix are nodes of one cluster."`
	NATSCredentials string   `name:"nats-credentials" env:"IVSCHAT_NATS_CREDENTIALS" complete:"file" help:"Credentials file of a NATS user, with a JWT and an NKey seed." placeholder:"FILE"`
	NATSTLS         string   `name:"nats-tls" env:"IVSCHAT_NATS_TLS" help:"File with the certificate authority of the NATS servers, in PEM. FILE,FILE,FILE: certificate and private key of this client, and the authority. By default, the authorities of the system." placeholder:"FILE|FILE,FILE,FILE"`
	ClusterSecret   string   `secret:"" help:"Secret of the cluster, at least 16 characters, the same for all nodes. It encrypts the keys of chat tokens, which are in NATS. @FILE reads it from a file." placeholder:"TEXT|@FILE"`
}

// clusterFlags are the flags that make an emulator a node of a cluster.
var clusterFlags = []string{"nats", "nats-prefix", "nats-credentials", "nats-tls", "cluster-secret", "node"}

// secretFile returns the name of the file that has the secret, and whether the secret is in a file.
func (s ClusterSettings) secretFile() (name string, isFile bool) {
	return strings.CutPrefix(s.ClusterSecret, "@")
}

// check returns what is wrong with the settings that the emulator does not know.
func (s ClusterSettings) check() error {
	if name, isFile := s.secretFile(); isFile && name == "" {
		return cli.Wrongf("cluster-secret", "must have the name of a file after @, such as @secret.txt")
	}
	return nil
}

// addTo sets the members of a config that are about the cluster. It does not read the secret from a file: it stands for
// one that is long enough.
func (s ClusterSettings) addTo(config *emulator.Config) {
	config.NATS = slices.DeleteFunc(slices.Clone(s.NATS), func(server string) bool { return server == "" })
	config.NATSPrefix, config.NATSCredentials, config.NATSTLS = s.NATSPrefix, s.NATSCredentials, s.NATSTLS
	config.ClusterSecret = s.ClusterSecret
	if name, isFile := s.secretFile(); isFile {
		config.ClusterSecret = strings.Repeat("?", emulator.MinimumSecret) + name
	}
}

// maximumSecretFile is how many bytes a file with a secret may have.
const maximumSecretFile = 4 << 10

// readSecret returns the secret of the cluster, from its file if it is in one. A file can be a symbolic link, as those
// of Kubernetes are: its name was given by the user.
func (s ClusterSettings) readSecret(logger *slog.Logger) (string, error) {
	name, isFile := s.secretFile()
	if !isFile {
		return s.ClusterSecret, nil
	}
	path, err := filepath.EvalSymlinks(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the secret of the cluster: there is no file %s: check --cluster-secret", name)
	}
	if err != nil {
		return "", fmt.Errorf("read the secret of the cluster: %w", err)
	}
	text, err := secretfile.File{
		Path: path, Secret: "the secret of the cluster", Maximum: maximumSecretFile, Logger: logger,
		Renew: "and choose another secret, which needs new keys: see docs/cluster.md",
	}.Read()
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if utf8.RuneCountInString(secret) < emulator.MinimumSecret {
		return "", fmt.Errorf("%s: the secret of a cluster must have at least %d characters", name, emulator.MinimumSecret)
	}
	return secret, nil
}

// warnAboutCluster says which settings have no effect, or another one than it may seem.
func (s Settings) warnAboutCluster(config emulator.Config) {
	if !config.InCluster() {
		given := map[string]string{
			"nats-credentials": s.NATSCredentials, "nats-tls": s.NATSTLS, "cluster-secret": s.ClusterSecret, "node": s.Node,
		}
		for _, flag := range []string{"nats-credentials", "nats-tls", "cluster-secret", "node"} {
			if given[flag] != "" {
				config.Logger.Warn("--" + flag + " is not used: it is for a node of a cluster, which has --nats")
			}
		}
		return
	}
	if database := filepath.Join(s.dataDir(), store.File); s.dataDir() != "" && exists(database) {
		config.Logger.Warn("the rooms in the data directory are not used, because those of a cluster are in NATS: to take "+
			"them along, save a snapshot of an emulator without --nats, and load it into the cluster", "file", database)
	}
	if s.TLS == emulator.TLSAuto {
		config.Logger.Warn("each directory of --data has a certificate authority of its own, so clients have to trust " +
			"those of all nodes: let nodes share the directory, or give all the same certificate with --tls FILE,FILE")
	}
}

// exists reports whether there is something at a path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// describeData says where an emulator keeps its data.
func (s Settings) describeData() string {
	switch inCluster := s.config(nil).InCluster(); {
	case inCluster && s.dataDir() == "":
		return "in NATS"
	case inCluster:
		return "in NATS; certificates and chat logs are in " + s.dataDir()
	}
	return cmp.Or(s.dataDir(), "in memory only")
}

// describeNode says which node of which cluster an emulator is, "" if it works alone.
func describeNode(config emulator.Config, name string) string {
	if !config.InCluster() {
		return ""
	}
	return fmt.Sprintf("%s, of the cluster %s at %s", name, config.NATSPrefix, strings.Join(config.NATSServers(), ", "))
}
