//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// stopSignals returns the signals that exec forwards to its command. Under nohup, SIGHUP is ignored.
func stopSignals() []os.Signal {
	all := []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// reachesGroup reports whether the command has received a signal, too: a terminal sends the signals of
// its keys to all processes in the foreground.
func reachesGroup(sent os.Signal) bool {
	if sent != syscall.SIGINT && sent != syscall.SIGQUIT {
		return false
	}
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false // this process has no terminal
	}
	defer terminal.Close()
	foreground, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && foreground == unix.Getpgrp()
}

// windowChanges is the signal for a new size of the terminal.
var windowChanges = []os.Signal{syscall.SIGWINCH}
