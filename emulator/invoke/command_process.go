package invoke

import (
	"io"
	"os"
	"os/exec"
)

// A process is a program that runs. Tests of the exchange have processes without a program.
type process struct {
	id       int
	in       io.WriteCloser // its standard input; Close ends a Write
	out, err io.ReadCloser  // its standard output and standard error; Close ends a Read
	// wait waits until the process has ended, kills what it has started, and returns how it ended, such as
	// "exit status 3". It is called once.
	wait func() string
	// kill kills the process and what it has started. It does nothing after the end.
	kill func()
}

// startProcess starts a program with its arguments, of which the first is its name. The pipes are made here,
// because those of exec.Cmd are closed when the process ends, before its last output is read.
func startProcess(path string, words []string) (started *process, err error) {
	var ours, theirs []*os.File
	defer func() {
		closeAll(theirs)
		if err != nil {
			closeAll(ours)
		}
	}()
	for i := range 3 {
		reader, writer, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		if i == 0 { // standard input
			ours, theirs = append(ours, writer), append(theirs, reader)
		} else {
			ours, theirs = append(ours, reader), append(theirs, writer)
		}
	}
	command := &exec.Cmd{
		Path: path, Args: words, Stdin: theirs[0], Stdout: theirs[1], Stderr: theirs[2],
		// Python keeps what it writes to a pipe in a buffer, so that a simple script would seem to hang.
		Env: append([]string{"PYTHONUNBUFFERED=1"}, os.Environ()...),
	}
	group, err := startGroup(command)
	if err != nil {
		return nil, err
	}
	wait := func() string {
		err := command.Wait()
		group.end()
		if command.ProcessState == nil {
			return err.Error()
		}
		return command.ProcessState.String()
	}
	return &process{
		id: command.Process.Pid, in: ours[0], out: ours[1], err: ours[2], wait: wait, kill: group.kill,
	}, nil
}

func closeAll(files []*os.File) {
	for _, file := range files {
		_ = file.Close()
	}
}
