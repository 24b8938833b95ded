//go:build unix

package invoke

import (
	"os/exec"
	"sync"
	"syscall"
)

// A group is a process with all that it has started, except for what has left the process group.
type group struct {
	id int

	mu    sync.Mutex // guards what follows
	ended bool
}

// startGroup starts a command in a process group of its own. So the keys of a terminal, such as Ctrl+C, do
// not reach it, and it ends when the Invoker is closed.
func startGroup(command *exec.Cmd) (*group, error) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return nil, err
	}
	return &group{id: command.Process.Pid}, nil
}

// kill kills all processes of the group.
func (g *group) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended {
		_ = syscall.Kill(-g.id, syscall.SIGKILL) // an error means that there is none
	}
}

// end kills what is left of the group after its first process has ended. Later, its number may be that of
// another group.
func (g *group) end() {
	g.kill()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended = true
}
