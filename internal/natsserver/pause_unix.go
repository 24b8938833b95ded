//go:build unix

package natsserver

import "syscall"

// Pause stops the server with SIGSTOP until Continue, Kill or Restart: its connections stay open, and nothing
// answers.
func (s *Server) Pause() {
	s.t.Helper()
	s.signal(syscall.SIGSTOP)
	// The kill system call returns earlier than the last thread stops.
	if _, err := syscall.Wait4(s.command.Process.Pid, nil, syscall.WUNTRACED, nil); err != nil {
		s.t.Fatal(err)
	}
}

// Continue ends a Pause.
func (s *Server) Continue() {
	s.t.Helper()
	s.signal(syscall.SIGCONT)
}

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}
