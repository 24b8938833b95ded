package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// healthTimeout is how long the emulator may take to answer.
const healthTimeout = 2 * time.Second

type healthCommand struct {
	Listen  string `default:"${listen}" help:"Address of the emulator, as HOST:PORT."`
	Process int    `env:"-" help:"ID of a process. If it was started with --listen, its address is used. For the health check of a container, whose emulator is process 1." placeholder:"ID"`
}

func (c healthCommand) check() error { return checkServed("listen", c.Listen) }

// Run asks the emulator whether it is ready.
func (c healthCommand) Run(ctx context.Context, terminal terminal) error {
	address := c.Listen
	if listen := listenOf(c.Process); listen != "" {
		address = listen
	}
	response, err := askHealth(ctx, address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var health struct{ Reason string }
		_ = json.NewDecoder(http.MaxBytesReader(nil, response.Body, 1<<10)).Decode(&health) // of another program
		err := fmt.Errorf("%s answered %s, not 200 OK", response.Request.URL, response.Status)
		if health.Reason != "" {
			err = fmt.Errorf("%w: %s", err, health.Reason)
		}
		return err
	}
	fmt.Fprintln(terminal.out, "ok")
	return nil
}

// askHealth asks the emulator at an address whether it is ready, and not through a proxy.
func askHealth(ctx context.Context, address string) (*http.Response, error) {
	client := http.Client{Timeout: healthTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	at := emulator.EndpointURL(address) + "/health"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err // without the URL
		}
		return nil, fmt.Errorf("no emulator answers at %s: %w: start it, or give its address with --listen", at, err)
	}
	return response, nil
}

// listenOf returns the address that a process serves at according to its command line, "" if it does not
// run this program or cannot be inspected. An init process that runs the program as its child, such as
// that of docker run --init, has the program's arguments, too.
func listenOf(process int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", process))
	if err != nil {
		return ""
	}
	args := bytes.Split(bytes.TrimSuffix(text, []byte{0}), []byte{0})
	for i, arg := range args {
		if path.Base(string(arg)) != "ivschat-local" {
			continue
		}
		var of []string
		for _, arg := range args[i+1:] {
			of = append(of, string(arg))
		}
		line := new(commandLine)
		if newProgram(line).Parse(of) != nil {
			return ""
		}
		if len(line.Exec.Command) > 0 {
			return line.Exec.Listen
		}
		return line.Serve.Listen
	}
	return ""
}
