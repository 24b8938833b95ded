package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// removal returns the commands that trust uninstall prints for a client, after it has removed the authority.
func removal(t *testing.T, client, dir string) (commands string) {
	t.Helper()
	output, err := exec.Command(program.Path(t), "trust", "uninstall", "--data", dir).Output()
	section := regexp.MustCompile(`(?m)^` + client + `: .*\n((?:  .*\n)+)`).FindSubmatch(output)
	if err != nil || section == nil {
		t.Fatalf("it prints nothing for %s: %v\n%s", client, err, output)
	}
	return string(section[1])
}

// inShell runs a script and returns what it prints.
func inShell(t *testing.T, script string, environment ...string) string {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	shell.Env = append(os.Environ(), environment...)
	output, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, output)
	}
	return string(output)
}

// TestTheStoreOfChromium tests that the commands add the authority and remove it again, also a second time, and after
// another name has made another certificate.
func TestTheStoreOfChromium(t *testing.T) {
	t.Parallel()
	needCertutil(t)
	dir, home := t.TempDir()+"/it's here", "HOME="+t.TempDir()
	const list = "\ncertutil -d sql:\"$HOME/.pki/nssdb\" -L"
	for range 2 {
		add := trusting(t, "chromium", dir, list)
		if output := inShell(t, add+add, home); !strings.Contains(output, "ivschat-local") || !strings.Contains(output, "C,,") {
			t.Errorf("after it was added, the store has\n%s", output)
		}
		more := trusting(t, "chromium", dir, list, "--tls-name", "chat.test")
		if output := inShell(t, more, home); strings.Count(output, "C,,") != 2 {
			t.Errorf("after another name was added, the store has\n%s", output)
		}
		if output := inShell(t, removal(t, "chromium", dir)+list, home); strings.Contains(output, "ivschat-local") {
			t.Errorf("after it was removed, the store has\n%s", output)
		}
	}
}

func needCertutil(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath("certutil")
	need.Client(t, err == nil, "certutil", "apt-get install libnss3-tools")
}

// TestTheStoreOfDebian tests that the commands add the authority and remove it again, with directories of its own in
// place of those of the system.
func TestTheStoreOfDebian(t *testing.T) {
	t.Parallel()
	update, err := exec.LookPath("update-ca-certificates")
	if err != nil {
		update = "/usr/sbin/update-ca-certificates" // which is not in the path of every user
		_, err = os.Stat(update)
	}
	need.Client(t, err == nil, "Debian's store of certificates", "apt-get install ca-certificates")
	e, root := startTLS(t), t.TempDir()
	for _, dir := range []string{"bin", "local", "etc", "hooks"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(root, "bin", name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write("sudo", `exec "$@"`)
	write("update-ca-certificates", "exec "+update+` "$@" --localcertsdir `+root+"/local --etccertsdir "+root+
		"/etc --hooksdir "+root+"/hooks")
	elsewhere := strings.NewReplacer("/usr/local/share/ca-certificates", root+"/local")
	path := "PATH=" + root + "/bin:" + os.Getenv("PATH")
	call := "\ncurl -sS --cacert " + root + "/etc/ca-certificates.crt " + e.url + "/health"

	inShell(t, elsewhere.Replace(trusting(t, "debian", e.own, ""))+call, path)
	output := inShell(t, elsewhere.Replace(removal(t, "debian", e.own))+call+" 2>&1 || true", path)
	if !strings.Contains(output, untrusted(t, "curl")[0]) {
		t.Errorf("after it was removed, curl says\n%s", output)
	}
}
