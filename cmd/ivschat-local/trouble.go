package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/store"
)

// dataTrouble says what to do if the data directory cannot be used. The usual reason is that the emulator
// already runs, and then the address is in use, too.
func dataTrouble(ctx context.Context, err error, settings Settings) error {
	if settings.dataDir() == "" || settings.config(nil).InCluster() {
		return err
	}
	const advice = "--data chooses another directory; --data :memory: keeps everything in memory"
	if _, port, _ := net.SplitHostPort(settings.Listen); errors.Is(err, store.ErrInUse) && port != "0" {
		if program, answers := whoListens(ctx, settings.Listen); answers {
			return fmt.Errorf("%s listens on %s already, and %w (%s; --listen chooses another address)",
				program, settings.Listen, err, advice)
		}
	}
	return fmt.Errorf("%w (%s)", err, advice)
}

// listenTrouble says what to do if the emulator cannot listen on an address, and who does.
func listenTrouble(ctx context.Context, err error, settings Settings) error {
	failed, ok := errors.AsType[*emulator.ListenError](err)
	if !ok {
		return err
	}
	flag := "--listen"
	if includes(settings.AdminListen, failed.Address) && !includes(settings.Listen, failed.Address) {
		flag = "--admin-listen"
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		program, _ := whoListens(ctx, failed.Address)
		return fmt.Errorf("listen on %s: %s uses this address already: "+
			"stop it, or choose another address with %[3]s (%[3]s localhost:0 picks a free port)",
			failed.Address, program, flag)
	}
	return fmt.Errorf("listen on %s: %w: choose another address with %s", failed.Address, failed.Err, flag)
}

// includes reports whether an emulator that is to listen on one address listens on the other, too.
// localhost means both loopback addresses, and a host such as 0.0.0.0 means every address.
func includes(setting, address string) bool {
	host, port, err := net.SplitHostPort(setting)
	other, otherPort, _ := net.SplitHostPort(address)
	if err != nil || port != otherPort {
		return false
	}
	return strings.EqualFold(host, other) || host == "" || net.ParseIP(host).IsUnspecified() ||
		strings.EqualFold(host, "localhost") && net.ParseIP(other).IsLoopback()
}

// whoListens returns what is known about the program that listens on an address, from its answer and from
// the system, and whether it answers.
func whoListens(ctx context.Context, address string) (program string, answers bool) {
	program, details, answers := askWhat(ctx, address)
	if process := listeningProcess(address); process != "" {
		details = append(details, process)
	}
	if len(details) == 0 {
		return program, answers
	}
	return fmt.Sprintf("%s (%s)", program, strings.Join(details, ", ")), answers
}

// askWhat asks the program that listens on an address what it is.
func askWhat(ctx context.Context, address string) (program string, details []string, answers bool) {
	response, err := askHealth(ctx, address)
	if err != nil {
		return "another program", nil, false
	}
	defer response.Body.Close()
	var health struct {
		Version    string
		RandomSeed *json.Number
	}
	err = json.NewDecoder(http.MaxBytesReader(nil, response.Body, 1<<10)).Decode(&health)
	if err == nil && health.RandomSeed != nil {
		return "ivschat-local " + health.Version, nil, true
	}
	if server := response.Header.Get("Server"); server != "" {
		details = []string{server}
	}
	return "an HTTP server", details, true
}
