package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
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
	sockets := listeningSockets()
	found := map[string]bool{} // directories in /proc
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && sockets[target] == port {
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

// listeningSockets returns the port of each socket of this machine that listens, by what the files of its process link to.
// On systems other than Linux, there are none.
func listeningSockets() map[string]uint64 {
	sockets := map[string]uint64{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(table) // "" on other systems
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line) // see proc_net_tcp: 1 is the address, 3 the state, 9 the inode
			const listening = "0A"
			if len(fields) <= 9 || fields[3] != listening {
				continue
			}
			_, port, _ := strings.Cut(fields[1], ":")
			if number, err := strconv.ParseUint(port, 16, 16); err == nil {
				sockets["socket:["+fields[9]+"]"] = number
			}
		}
	}
	return sockets
}

// portsOf returns the ports at which processes of a program listen, in order, as far as this user may see them.
func portsOf(program string) (ports []uint64) {
	sockets := listeningSockets()
	names, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, file := range names {
		if name, err := os.ReadFile(file); err != nil || strings.TrimSpace(string(name)) != program {
			continue
		}
		links, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "fd", "*"))
		for _, link := range links {
			target, _ := os.Readlink(link)
			if port := sockets[target]; port != 0 && !slices.Contains(ports, port) {
				ports = append(ports, port)
			}
		}
	}
	slices.Sort(ports)
	return ports
}
