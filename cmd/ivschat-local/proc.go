package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// listeningProcess returns the process that listens on the port of an address, such as "process 4711,
// postgres". It returns "" if there is more than one, if the process belongs to another user, and on
// systems other than Linux.
func listeningProcess(address string) string {
	_, text, _ := net.SplitHostPort(address)
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return ""
	}
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(table) // "" on other systems
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line) // see proc_net_tcp: 1 is the address, 3 the state, 9 the inode
			const listening = "0A"
			if len(fields) > 9 && fields[3] == listening && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
				sockets["socket:["+fields[9]+"]"] = true
			}
		}
	}
	found := map[string]bool{} // directories in /proc
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && sockets[target] {
			found[filepath.Dir(filepath.Dir(file))] = true
		}
	}
	for process := range found {
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if len(found) == 1 && err == nil {
			return fmt.Sprintf("process %s, %s", filepath.Base(process), strings.TrimSpace(string(name)))
		}
	}
	return ""
}
