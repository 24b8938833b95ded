package main

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/certificates"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/spelling"
)

type trustCommand struct {
	Data    string   `default:"${data}" complete:"file" help:"Directory of the certificate authority, which is made there if there is none."`
	Region  string   `default:"us-east-1" help:"Region of the emulator."`
	TLSName []string `name:"tls-name" env:"IVSCHAT_TLS_NAME" help:"Host name or IP address for which the emulator has a certificate, as it is started with. Can be given several times." placeholder:"HOST"`

	Show      trustShowCommand      `cmd:"" default:"withargs" help:"Print the commands that make clients trust the emulator's certificate authority (the default)."`
	Export    trustExportCommand    `cmd:"" help:"Print the certificate of the authority, in PEM."`
	Uninstall trustUninstallCommand `cmd:"" help:"Remove the authority from the data directory, and print the commands that remove it elsewhere."`
}

func (c *trustCommand) check() error {
	return errors.Join(notEmpty("data", c.Data), checkData(c.Data), notEmpty("region", c.Region),
		asWrong(emulator.Config{Region: c.Region, TLSName: c.TLSName}.Validate()))
}

// open opens the authority, and makes it if there is none, so that people can trust it before the first start.
func (c *trustCommand) open(terminal terminal) (authority, error) {
	dir, err := c.dir()
	if err != nil {
		return authority{}, err
	}
	opened, err := certificates.Open(
		dir, certificates.NewNames(c.Region, c.TLSName...), Settings{}.logger(terminal.err))
	if err != nil {
		return authority{}, err
	}
	return authority{dir, opened.File(), opened.Root()}, nil
}

// dir returns the data directory as an absolute path, since commands that are printed are run anywhere. A line break
// in it would end a comment among them, and what follows would be run.
func (c *trustCommand) dir() (string, error) {
	if strings.EqualFold(c.Data, inMemory) {
		return "", errors.New("--data :memory: stores no certificate authority: give a data directory, or ask the " +
			"running emulator for its certificate: curl http://127.0.0.1:4700/_ivschat/v1/ca")
	}
	dir, err := filepath.Abs(c.Data)
	if strings.ContainsFunc(dir, unicode.IsControl) {
		return "", fmt.Errorf("the data directory %q has control characters in its name, which commands for a shell cannot "+
			"have: rename it", dir)
	}
	return dir, err
}

// An authority is the certificate authority in a data directory.
type authority struct {
	dir, file   string // absolute paths
	certificate *x509.Certificate
}

// fingerprint returns the SHA-256 of the certificate, as browsers show it.
func (a authority) fingerprint() string {
	sum := sha256.Sum256(a.certificate.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}

// sha1 returns the SHA-1 of the certificate, by which macOS and Windows find it.
func (a authority) sha1() string { return fmt.Sprintf("%X", sha1.Sum(a.certificate.Raw)) }

type trustShowCommand struct {
	Client string `arg:"" optional:"" complete:"client" help:"Print the commands for one client only."`
	JSON   bool   `name:"json" env:"-" help:"Print one JSON document."`
}

func (c trustShowCommand) check() error {
	if c.Client == "" || slices.Contains(clientNames(), c.Client) {
		return nil
	}
	if meant := spelling.Nearest(c.Client, append(clientNames(), "export", "uninstall")); meant != "" {
		return fmt.Errorf("CLIENT %q is not known: did you mean %s?", c.Client, meant)
	}
	return fmt.Errorf("CLIENT must be one of %s, but is %q", strings.Join(clientNames(), ", "), c.Client)
}

// A trustView is what trust prints as JSON.
type trustView struct {
	File        string       `json:"file"`
	Bundle      string       `json:"bundle,omitempty"` // with the authorities of the system, too
	Name        string       `json:"name"`
	Fingerprint string       `json:"fingerprint"` // SHA-256
	NotAfter    time.Time    `json:"notAfter"`
	Names       []string     `json:"names"` // of hosts for which it can have certificates, beside IP addresses
	Clients     []clientView `json:"clients"`
}

// A clientView is the commands for one client, in JSON.
type clientView struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Commands string `json:"commands"`
	Tried    bool   `json:"tried"` // whether tests run the commands
}

// Run prints the commands.
func (c trustShowCommand) Run(terminal terminal, of *trustCommand) error {
	opened, err := of.open(terminal)
	if err != nil {
		return err
	}
	files, err := newTrust(opened.file, opened.dir)
	if err != nil {
		return fmt.Errorf("write %s: %w", bundleFile, err)
	}
	paths := pathsOf(opened, files, of.Region)
	if c.JSON {
		return printJSON(terminal.out, c.view(opened, files, paths))
	}
	if c.Client != "" {
		_, err := fmt.Fprintln(terminal.out, findClient(c.Client).commands(paths))
		return err
	}
	text := fmt.Sprintf("Authority:   %s\nName:        %s\nFingerprint: SHA-256 %s\nValid until: %s\n\n"+
		"To trust it, run the commands of your client. ivschat-local trust CLIENT prints those of one.\n",
		opened.file, opened.certificate.Subject.CommonName, opened.fingerprint(),
		opened.certificate.NotAfter.Format(time.DateOnly))
	for _, client := range trustClients {
		title := client.title
		if client.untried {
			title += " (untried)"
		}
		text += client.section(title, client.commands(paths))
	}
	_, err = fmt.Fprint(terminal.out, text)
	return err
}

func (c trustShowCommand) view(opened authority, files trust, paths clientPaths) trustView {
	view := trustView{
		File: opened.file, Bundle: files.bundle, Name: opened.certificate.Subject.CommonName,
		Fingerprint: opened.fingerprint(), NotAfter: opened.certificate.NotAfter.UTC(),
		Names: opened.certificate.PermittedDNSDomains,
	}
	for _, client := range trustClients {
		if c.Client == "" || c.Client == client.name {
			view.Clients = append(view.Clients, clientView{
				client.name, client.title, client.commands(paths), !client.untried,
			})
		}
	}
	return view
}

type trustExportCommand struct{}

// Run prints the certificate.
func (trustExportCommand) Run(terminal terminal, of *trustCommand) error {
	opened, err := of.open(terminal)
	if err != nil {
		return err
	}
	_, err = terminal.out.Write(encodeCertificates([][]byte{opened.certificate.Raw}))
	return err
}

type trustUninstallCommand struct{}

// Run removes the files of the authority. It removes it from no store, since that needs rights that this program should
// not have.
func (trustUninstallCommand) Run(terminal terminal, of *trustCommand) error {
	dir, err := of.dir()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, certificates.CertificateFile)
	found, err := readCertificates(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &cli.Failure{Code: absent, Err: fmt.Errorf("there is no certificate authority in %s", of.Data)}
	}
	if err != nil {
		return err
	}
	certificate, err := x509.ParseCertificate(found[0])
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	opened := authority{dir, path, certificate}
	paths := pathsOf(opened, trust{authority: path}, of.Region)
	for _, name := range []string{
		certificates.KeyFile, certificates.CertificateFile, bundleFile, javaStore,
	} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	text := fmt.Sprintf("Removed the authority from %s. An emulator that runs there uses it until it ends, and with "+
		"--tls auto the next start makes a new one.\n"+
		"Where you have added it, remove it with the commands of that client:\n", dir)
	for _, client := range trustClients {
		if client.remove != "" {
			text += client.section(client.title, paths.fill(client.remove))
		}
	}
	_, err = fmt.Fprint(terminal.out, text)
	return err
}

// hostsLine returns the line of a hosts file with which this machine finds the hosts of a region.
func hostsLine(region string) string { return "127.0.0.1 " + strings.Join(ivschat.Hosts(region), " ") }
