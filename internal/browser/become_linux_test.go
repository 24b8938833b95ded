package browser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// asProgram makes this test binary say whether it can open a netlink socket.
const asProgram = "SAY_WHETHER_NETLINK_WORKS"

func TestMain(m *testing.M) {
	Main()
	if os.Getenv(asProgram) != "" {
		_, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW, syscall.NETLINK_ROUTE)
		_, other := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		fmt.Println(errors.Is(err, syscall.EPERM), other, os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

func TestAProgramThatTheBrowserIsCannotOpenNetlinkSockets(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(self, "--flag")
	command.Env = append(os.Environ(), asProgram+"=1", variable+"="+self)
	output, err := command.CombinedOutput()
	if got := strings.TrimSpace(string(output)); err != nil || got != "true <nil> [--flag]" {
		t.Errorf("%v: %s", err, got)
	}
}
